"""`retrouve accounts unfreeze`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from retrouve.cli.starting import Folder, say, use
from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import portal_named, portals
from retrouve.wiring.server import prepare

NOT_DONE = 1

accounts = typer.Typer(help="Les comptes.", no_args_is_help=True)


@accounts.callback()
def accounts_callback() -> None:
    """The callback keeps `unfreeze` a word of its own, as long as it is the only command here."""


@accounts.command("unfreeze")
def unfreeze_command(
    identifier: Annotated[str, typer.Argument(help="L’identifiant du compte.")],
    config: Folder,
    portal: Annotated[str, typer.Option(help="Le nom court du portail.")],
) -> None:
    """Gives back an account that « Ce n’est pas moi » had frozen: its owner can then recover it."""
    use(config)
    found = portal_named(portal)
    if found is None:
        say(f"Portail inconnu : {portal}. Connus : {', '.join(portals())}.")
        raise typer.Exit(NOT_DONE)
    prepare()
    from retrouve.journeys.unfreeze_account import unfreeze_account  # noqa: PLC0415  Django is ready from here on
    from retrouve.wiring.parts import directory_of  # noqa: PLC0415

    now = datetime.now(UTC)
    if not any(unfreeze_account(one, directory_of(one), identifier=identifier, now=now) for one in populations(found)):
        say(f"Aucun compte bloqué de {found.name} n’a l’identifiant {identifier}.")
        raise typer.Exit(NOT_DONE)
    say(f"Le compte {identifier} est débloqué. La personne peut choisir un nouveau mot de passe.")


def populations(portal: Portal) -> list[Portal]:
    return [portal.for_audience(audience) for audience in portal.audiences] or [portal]
