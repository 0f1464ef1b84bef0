"""Puts the people of the demonstration where they live."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from retrouve.config.directory_tables import OWN
from retrouve.demo.people import ELSEWHERE, EVERYBODYS_PASSWORD, INSTITUTIONS, PEOPLE, DemoAccount
from retrouve.domain.secret import Secret
from retrouve.journeys.prove_by_handed_code import handed_digest
from retrouve.records.accounts import add_account
from retrouve.records.handed_codes import hand_code
from retrouve.records.helpers import grant
from retrouve.records.institutions import keep_institution
from retrouve.records.models import AccountRow
from retrouve.wiring import parts
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
    for one in INSTITUTIONS:
        keep_institution(one.portal, one.code, one.name, parent=one.parent, contact=one.contact)
    for person in filter(lives_here, PEOPLE):
        known = AccountRow.objects.filter(portal=person.portal, identifier=person.account.identifier)
        if not known.exists():
            add(person)


def add(person: DemoAccount) -> None:
    """Whoever has a code in hand has no password yet."""
    password = "" if person.code else hashing().encode(EVERYBODYS_PASSWORD)
    row = add_account(person.portal, person.account, audience=person.audience, password=password)
    if person.external_id:
        AccountRow.objects.filter(pk=row.pk).update(external_id=person.external_id)
    now = timezone.now()
    if person.helps:
        role, institution, group = person.helps
        grant(person.portal, str(row.pk), role, institution, group, now)
    if person.code:
        hand_code(
            portal=person.portal,
            audience=person.audience,
            account=str(row.pk),
            code_digest=handed_digest(parts.keys(), person.portal, str(row.pk), Secret(person.code)),
            issued_by="",
            expires_at=now + timedelta(days=90),
            now=now,
        )
