"""What the operator wrote: server and portal files, read into frozen values, every mistake told at once."""
