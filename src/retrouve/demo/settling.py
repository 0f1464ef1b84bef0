"""Puts the people of the demonstration where they live."""

from __future__ import annotations

from retrouve.config.directory_tables import OWN
from retrouve.demo.people import ELSEWHERE, EVERYBODYS_PASSWORD, PEOPLE, DemoAccount
from retrouve.records.accounts import add_account
from retrouve.records.models import AccountRow
from retrouve.wiring.configuration import configuration, portals
from retrouve.wiring.parts import hashing


def everybody() -> tuple[DemoAccount, ...]:
    here = tuple(person for person in PEOPLE if lives_here(person))
    return (*here, *ELSEWHERE) if configuration().server.directories else here


def lives_here(person: DemoAccount) -> bool:
    portal = portals()[person.portal]
    audience = portal.audience_named(person.audience)
    return (portal.for_audience(audience) if audience else portal).directory == OWN


def settle() -> None:
    """Adds the people who are not there yet; those who are keep the password that a visitor gave them."""
    for person in filter(lives_here, PEOPLE):
        known = AccountRow.objects.filter(portal=person.portal, identifier=person.account.identifier)
        if not known.exists():
            add_account(
                person.portal,
                person.account,
                audience=person.audience,
                password=hashing().encode(EVERYBODYS_PASSWORD),
            )
