"""A signed-in person goes on to an application by SAML: what is asserted about them, once, on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.domain.applications import Application
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.claims import claims_of
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.journeys.my_account import Person
from retrouve.records.addresses import is_verified
from retrouve.records.applications import subject_name
from retrouve.records.audit import note

# As eduPerson and X.500 name them (pysaml2 knows their numbers).
ATTRIBUTES = {
    "preferred_username": "uid",
    "given_name": "givenName",
    "family_name": "sn",
    "name": "displayName",
    "email": "mail",
}


@dataclass(frozen=True)
class Assertion:
    subject: str
    attributes: Mapping[str, str]
    signed_in_at: datetime


def assert_identity(
    portal: Portal, keys: Keyring, application: Application, person: Person, *, origin: str, now: datetime
) -> Assertion:
    """Each application knows a person by a name of its own."""
    account = person.account
    verified = is_verified(portal.slug, account.reference, keys.address_digest(account.email))
    told = claims_of(account, application.scopes, email_is_verified=verified)
    with transaction.atomic():
        note(AuditEvent.APPLICATION_ENTERED, portal=portal.slug, account=account.reference,
             outcome=application.client_id, origin=origin, now=now)  # fmt: skip
        subject = subject_name(portal.slug, account.reference, f"saml:{application.client_id}")
    return Assertion(
        subject=subject,
        attributes={ATTRIBUTES[name]: str(value) for name, value in told.items() if name in ATTRIBUTES},
        signed_in_at=person.session.signed_in_at,
    )
