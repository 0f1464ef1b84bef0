"""An application lets a signed-in person in: what they agreed to, and the code that it exchanges for tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from retrouve.domain.applications import CODE_LASTS, Application, Scope
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.domain.visits import Standing, Wish
from retrouve.journeys.look_after_means import must_enrol
from retrouve.journeys.my_account import Person
from retrouve.journeys.sign_in import new_token_of_session
from retrouve.journeys.visit_application import Visit
from retrouve.records.applications import agreement, keep_agreement, subject_name
from retrouve.records.audit import note
from retrouve.records.grants import open_grant
from retrouve.records.second_factors import has_second_factor
from retrouve.records.sessions import hold_session


def standing_of(portal: Portal, application: Application, person: Person, visit: Visit | None = None) -> Standing:
    """`visit` where they have come back from what was to be done first."""
    account = person.account.reference
    agreed = agreement(portal.slug, account, application.client_id)
    return Standing(
        signed_in_at=person.session.signed_in_at,
        proven_twice=person.session.proven_twice_at is not None,
        can_prove_twice=has_second_factor(portal.slug, account),
        must_enrol=must_enrol(portal, person),
        subject=subject_of(portal, application, account),
        agreed=scopes_of(agreed.scopes) if agreed else frozenset(),
        agreed_at=agreed.agreed_at if agreed else None,
        signed_in_for_this=visit is not None and signed_in_for(visit, person),
    )


def signed_in_for(visit: Visit, person: Person) -> bool:
    """They have signed in since the application sent them."""
    return visit.row.signed_in == person.session.digest


def was_resumed(person: Person) -> bool:
    """A remembered browser opened the session: it began without anything being shown."""
    return person.session.signed_in_at < person.session.opened_at


def subject_of(portal: Portal, application: Application, account: str) -> str:
    return subject_name(portal.slug, account, application.sector)


def scopes_of(kept: str) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in kept.split())


def kept_scopes(scopes: Iterable[Scope]) -> str:
    return " ".join(sorted(set(scopes)))


def agree(portal: Portal, application: Application, person: Person, scopes: Iterable[Scope], now: datetime) -> None:
    account = person.account.reference
    with transaction.atomic():
        before = agreement(portal.slug, account, application.client_id)
        known = scopes_of(before.scopes) if before else frozenset()
        keep_agreement(portal.slug, account, application.client_id, kept_scopes({*known, *scopes}), now)
        note(AuditEvent.APPLICATION_AGREED, portal=portal.slug, account=account, outcome=application.client_id,
             now=now)  # fmt: skip


def enter(
    portal: Portal, application: Application, person: Person, wish: Wish, *, door: str, origin: str, now: datetime
) -> Secret | None:
    """The code: 256 bits, for this application and address, once, for a minute. None: the session has just ended."""
    code = new_token_of_session()
    with transaction.atomic():
        if not hold_session(person.session):
            return None
        open_grant(
            person.session,
            door=door,
            application=application.client_id,
            scopes=kept_scopes(wish.scopes),
            offline=Scope.OFFLINE in wish.scopes,
            redirect_address=wish.redirect_address,
            nonce=wish.nonce,
            code_digest=token_digest(code),
            code_challenge=wish.code_challenge,
            code_lasts=CODE_LASTS,
            now=now,
        )
        note(AuditEvent.APPLICATION_ENTERED, portal=portal.slug, account=person.account.reference,
             outcome=application.client_id, origin=origin, now=now)  # fmt: skip
    return code
