"""`retrouve applications add | list | disable | enable | forget | secret | turn-keys`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from retrouve.cli.accounts import NOT_DONE, portal_in
from retrouve.cli.starting import Folder, say
from retrouve.config.application_file import DIGEST_PREFIX, load_application
from retrouve.domain.proofs import new_application_secret, token_digest
from retrouve.wiring.server import prepare

applications = typer.Typer(help="Les applications où l’on se connecte par un portail.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="L’id de l’application.")]
Slug = Annotated[str, typer.Option(help="Le nom court du portail.")]

UNKNOWN = "Aucune application de {portal} ne s’appelle {name}."


@applications.command("add")
def add_command(
    file: Annotated[Path, typer.Argument(help="Un fichier TOML, avec les clés de [[application]].")],
    config: Folder,
    portal: Slug,
) -> None:
    """Registers an application, or replaces it, without touching the portal's file or restarting."""
    found = portal_in(config, portal)
    definition = load_application(file, found.languages)
    prepare()
    from retrouve.journeys.applications import register_application  # noqa: PLC0415  Django is ready from here on
    from retrouve.wiring import parts  # noqa: PLC0415

    application = register_application(found, definition, datetime.now(UTC))
    say(f"{application.client_id} : on s’y connecte par {found.name}.")
    say(f"Adresse à lui donner : {parts.issuer_of(found)}/.well-known/openid-configuration")


@applications.command("list")
def list_command(config: Folder, portal: Slug) -> None:
    """Shows the applications of the portal's file, and those registered by command."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.applications import known_applications  # noqa: PLC0415  Django is ready from here on

    for known in known_applications(found):
        where = "fichier du portail" if known.in_file else "enregistrée"
        state = "désactivée" if known.disabled_at else where
        say(f"{known.application.client_id}\t{known.application.home}\t{state}")


@applications.command("disable")
def disable_command(name: Name, config: Folder, portal: Slug) -> None:
    """At once: nobody goes there any more, and the tokens that it holds are worth nothing."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.applications import disable_application  # noqa: PLC0415  Django is ready from here on

    tell(disable_application(found, name, datetime.now(UTC)), f"{name} est désactivée.", found.name, name)


@applications.command("enable")
def enable_command(name: Name, config: Folder, portal: Slug) -> None:
    """Lets it in again."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.applications import enable_application  # noqa: PLC0415  Django is ready from here on

    tell(enable_application(found, name, datetime.now(UTC)), f"{name} est de nouveau active.", found.name, name)


@applications.command("forget")
def forget_command(name: Name, config: Folder, portal: Slug) -> None:
    """Forgets an application that was registered by `add`."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.applications import forget_application  # noqa: PLC0415  Django is ready from here on

    tell(forget_application(found, name, datetime.now(UTC)), f"{name} est oubliée.", found.name, name)


@applications.command("secret")
def secret_command() -> None:
    """Draws a secret for the application, and prints what its table is to hold instead. Neither is kept."""
    secret = new_application_secret()
    say(f"Pour l’application : {secret.reveal()}")
    say(f'Pour sa table      : secret = "{DIGEST_PREFIX}{token_digest(secret)}"')


@applications.command("turn-keys")
def turn_keys_command(
    config: Folder,
    portal: Slug,
    *,
    forget_current: Annotated[
        bool, typer.Option("--forget-current", help="L’ancienne est connue d’autres : ce qu’elle a signé ne vaut plus.")
    ] = False,
) -> None:
    """Signs with the next key from now on. Applications know it already: it was published with the current one."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.signing_keys import turn_keys  # noqa: PLC0415  Django is ready from here on
    from retrouve.wiring import parts  # noqa: PLC0415

    kid = turn_keys(found, parts.keys(), forget_current=forget_current, now=datetime.now(UTC))
    say(f"{found.name} signe maintenant avec la clé {kid}.")


def tell(done: bool, sentence: str, portal: str, name: str) -> None:  # noqa: FBT001  it is the outcome itself
    if not done:
        say(UNKNOWN.format(portal=portal, name=name))
        raise typer.Exit(NOT_DONE)
    say(sentence)
