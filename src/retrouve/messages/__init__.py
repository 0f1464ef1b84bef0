"""What we say: the usual sentences of the screens, the mails and their delivery, and every translation."""
