"""`retrouve accounts find | unfreeze | close-departed | reopen | import`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from retrouve.cli.starting import Folder, say, use
from retrouve.domain.masking import mask_address
from retrouve.domain.portal import FactName, LeadsTo, Portal
from retrouve.wiring.configuration import portal_named, portals
from retrouve.wiring.server import prepare

NOT_DONE = 1

SILENCES = {
    "": "un courriel partirait.",
    "unknown": "personne : rien ne partirait.",
    "no_address": "ce compte n’a pas d’adresse : rien ne partirait.",
    "legacy": "ce compte n’est pas encore migré : un courriel l’expliquerait, et son institution verrait la demande.",
    "guardian": "ce compte n’a pas d’adresse : un courriel partirait à ses responsables.",
    "disabled": "ce compte est fermé : rien ne partirait.",
    "frozen": "ce compte est bloqué (« Ce n’est pas moi ») : le courriel dirait de s’adresser à l’assistance.",
}

accounts = typer.Typer(help="Les comptes.", no_args_is_help=True)


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


@accounts.command("find")
def find_command(
    config: Folder,
    portal: Annotated[str, typer.Option(help="Le nom court du portail.")],
    typed: Annotated[
        list[str], typer.Argument(metavar="FAIT=VALEUR", help="Ce que la personne a saisi, comme username=jean.dupont.")
    ],
) -> None:
    """Shows what a person's request would find, and why it would send nothing: no mail leaves, nothing is counted."""
    found = portal_in(config, portal)
    facts = facts_typed(typed)
    prepare()
    from retrouve.journeys.away import DirectoryAwayError  # noqa: PLC0415  Django is ready from here on
    from retrouve.journeys.examine_directory import what_a_request_would_find  # noqa: PLC0415
    from retrouve.wiring.parts import directory_of  # noqa: PLC0415

    sent = False
    for met in populations(found):
        where = f"{met.audience or met.slug} ({met.directory})"
        try:
            outcome = what_a_request_would_find(met, directory_of(met), facts)
        except DirectoryAwayError as away:
            say(f"{where} : l’annuaire ne répond pas ({away.reason}). {away.detail}")
            continue
        for account in outcome.accounts:
            say(f"{where} : {account.identifier}, {mask_address(account.email) if account.email else 'sans adresse'}")
        say(f"{where} : {SILENCES[outcome.silence]}")
        sent = sent or not outcome.silence
    if not sent:
        raise typer.Exit(NOT_DONE)


@accounts.command("close-departed")
def close_command(
    config: Folder,
    portal: Annotated[str, typer.Option(help="Le nom court du portail.")],
    after_days: Annotated[int, typer.Option(min=1, help="Combien de jours après le départ.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Sans quoi rien n’est fermé : les comptes sont nommés.")] = False,
) -> None:
    """Closes the accounts of those whose departure a list has told. Nothing is erased."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.close_accounts import accounts_to_close, close_accounts  # noqa: PLC0415  Django is ready

    now = datetime.now(UTC)
    before = now - timedelta(days=after_days)
    if yes:
        say(f"Comptes fermés : {close_accounts(found, before, now)}.")
        return
    for account in accounts_to_close(found, before):
        say(f"{account.identifier} ({account.first_name} {account.last_name})")
    say("Rien n’est fermé. Ajoutez --yes pour fermer ces comptes.")


@accounts.command("reopen")
def reopen_command(
    identifier: Annotated[str, typer.Argument(help="L’identifiant du compte.")],
    config: Folder,
    portal: Annotated[str, typer.Option(help="Le nom court du portail.")],
) -> None:
    """Opens a closed account again."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.close_accounts import reopen_account  # noqa: PLC0415  Django is ready

    if not reopen_account(found, identifier=identifier, now=datetime.now(UTC)):
        say(f"Aucun compte fermé de {found.name} n’a l’identifiant {identifier}.")
        raise typer.Exit(NOT_DONE)
    say(f"Le compte {identifier} est rouvert.")


def facts_typed(typed: list[str]) -> dict[FactName, str]:
    facts: dict[FactName, str] = {}
    for one in typed:
        name, equals, value = one.partition("=")
        if not equals or name not in set(FactName):
            say(f"« {one} » n’est pas lisible. Attendu : fait=valeur, où fait est {', '.join(FactName)}.")
            raise typer.Exit(NOT_DONE)
        facts[FactName(name)] = value
    return facts


def portal_in(config: Path, slug: str) -> Portal:
    use(config)
    found = portal_named(slug)
    if found is None:
        say(f"Portail inconnu : {slug}. Connus : {', '.join(portals())}.")
        raise typer.Exit(NOT_DONE)
    return found


def populations(portal: Portal) -> list[Portal]:
    with_accounts = [audience for audience in portal.audiences if audience.leads_to is LeadsTo.ACCOUNTS]
    return [portal.for_audience(audience) for audience in with_accounts] or [portal]
