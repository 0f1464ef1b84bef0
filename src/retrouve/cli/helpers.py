"""`retrouve helpers grant | take | list | forget-second-factor`: who is in charge of whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from retrouve.cli.accounts import NOT_DONE, populations, portal_in
from retrouve.cli.starting import Folder, say
from retrouve.domain.delegation import Role
from retrouve.wiring.server import prepare

helpers = typer.Typer(help="Les personnes qui aident.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="L’identifiant du compte.")]
Slug = Annotated[str, typer.Option(help="Le nom court du portail.")]

UNKNOWN = "Aucun compte de {portal} n’a l’identifiant {identifier}."


@helpers.command("grant")
def grant_command(
    identifier: Who,
    config: Folder,
    portal: Slug,
    role: Annotated[
        Role,
        typer.Option(help="teacher (une classe), referent (un établissement), authority (plusieurs), operator (tous)."),
    ],
    institution: Annotated[str, typer.Option(help="Le code de l’établissement.")] = "",
    group: Annotated[str, typer.Option("--class", help="La classe, pour teacher.")] = "",
) -> None:
    """Puts an account in charge of a class, an institution, those under it, or the portal."""
    missing = what_is_missing(role, institution, group)
    if missing:
        say(missing)
        raise typer.Exit(NOT_DONE)
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.delegate import grant_role  # noqa: PLC0415  Django is ready from here on

    known = grant_role(
        found, identifier=identifier, role=role, institution=institution, group=group, now=datetime.now(UTC)
    )
    if not known:
        say(UNKNOWN.format(portal=found.name, identifier=identifier))
        raise typer.Exit(NOT_DONE)
    say(
        f"{identifier} aide maintenant ({role.value}). Un second moyen de preuve sera demandé sur /{found.slug}/aider/."
    )


def what_is_missing(role: Role, institution: str, group: str) -> str:
    if role is Role.TEACHER and not (institution and group):
        return "Pour teacher, donnez --institution et --class."
    if role in (Role.REFERENT, Role.AUTHORITY) and not institution:
        return f"Pour {role.value}, donnez --institution."
    return ""


@helpers.command("take")
def take_command(identifier: Who, config: Folder, portal: Slug) -> None:
    """Takes back everything that an account is in charge of."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.delegate import take_roles  # noqa: PLC0415  Django is ready from here on

    taken = take_roles(found, identifier=identifier, now=datetime.now(UTC))
    if not taken:
        say(f"{identifier} n’était chargé de rien sur {found.name}.")
        raise typer.Exit(NOT_DONE)
    say(f"{identifier} n’aide plus personne sur {found.name}.")


@helpers.command("list")
def list_command(config: Folder, portal: Slug) -> None:
    """Shows who is in charge of what."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.delegate import roles_granted  # noqa: PLC0415  Django is ready from here on

    for line in roles_granted(found):
        say(line)


@helpers.command("forget-second-factor")
def forget_command(
    identifier: Who,
    config: Folder,
    portal: Slug,
    audience: Annotated[str, typer.Option(help="La population, où deux personnes ont le même identifiant.")] = "",
) -> None:
    """After a lost telephone, once you have made sure who asks, in whatever directory the account lives: another means
    is added at the next sign-in.
    """
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.away import DirectoryAwayError  # noqa: PLC0415  Django is ready from here on
    from retrouve.journeys.delegate import Several, forget_second_factor  # noqa: PLC0415
    from retrouve.wiring.parts import directory_of  # noqa: PLC0415

    among = [(met, directory_of(met)) for met in populations(found) if audience in ("", met.audience)]
    if not among:
        say(f"{found.name} n’a pas de population {audience}.")
        raise typer.Exit(NOT_DONE)
    try:
        outcome = forget_second_factor(among, identifier=identifier, now=datetime.now(UTC))
    except DirectoryAwayError as away:
        say(f"L’annuaire ne répond pas ({away.reason}). Rien n’est changé. {away.detail}")
        raise typer.Exit(NOT_DONE) from None
    if isinstance(outcome, Several):
        say(f"Plusieurs personnes ont cet identifiant. Dites laquelle : --audience {' | '.join(outcome.audiences)}.")
        raise typer.Exit(NOT_DONE)
    if not outcome:
        say(f"{identifier} n’a pas de second moyen de preuve sur {found.name}.")
        raise typer.Exit(NOT_DONE)
    say(f"{identifier} en ajoutera un nouveau à la prochaine connexion.")
