"""`retrouve mail`: what waits, what was refused, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from retrouve.cli.starting import Folder, say, use
from retrouve.wiring.server import prepare


def mail_command(
    config: Folder, most: Annotated[int, typer.Option(help="Combien de courriels montrer au plus.")] = 50
) -> None:
    """Lists the mails that wait to leave or were refused, the oldest first, with what the relay said."""
    use(config)
    prepare()
    from retrouve.journeys.watch_mail import troubled_mails  # noqa: PLC0415  Django is ready from here on

    mails = troubled_mails(most)
    for mail in mails:
        state = "refusé" if mail.refused else f"prochain essai {mail.due_at:%Y-%m-%d %H:%M:%S} UTC"
        say(
            f"{mail.queued_at:%Y-%m-%d %H:%M:%S} UTC  {mail.portal}  {mail.kind}  essais : {mail.tries}  "
            f"{state}  {mail.reason}"
        )
    if not mails:
        say("Aucun courriel n’attend, aucun n’a été refusé.")
