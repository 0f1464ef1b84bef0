"""« Ce n’est pas moi » : somebody changed the password of an account that is not theirs. Nobody uses the account until
a person who helps has looked: its sessions end, its password is replaced by one that nobody knows, its recovery stops.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import OBJECTION_LASTS
from retrouve.domain.portal import CodeShape, Portal
from retrouve.domain.proofs import new_code, new_token, token_digest
from retrouve.domain.secret import Secret
from retrouve.journeys.population import in_audience
from retrouve.journeys.second_means import forget_recent_means
from retrouve.records.address_changes import addresses_that_may_undo, drop_wishes
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account, meet_browsers_anew
from retrouve.records.handed_codes import forget_code
from retrouve.records.models import ObjectionRow, RequestRow
from retrouve.records.objections import freeze, frozen, objection, use_objection
from retrouve.records.outbox import MailKind, enqueue
from retrouve.records.propagations import Purpose, open_propagations
from retrouve.records.requests import end_requests_of, open_request
from retrouve.records.sealing import seal
from retrouve.records.sessions import close_all_sessions


@dataclass(frozen=True)
class Standing:
    """The objection may be made; `reference` when it has been made already."""

    reference: str


@dataclass(frozen=True)
class Frozen:
    reference: str
    propagation: int | None


@dataclass(frozen=True)
class ObjectionGone:
    """Unknown, too old, or replaced by a newer mail's."""


def objection_standing(portal: Portal, *, token: Secret, now: datetime) -> Standing | ObjectionGone:
    """Reads, and consumes nothing: mail scanners open this link too."""
    row = objection(portal.slug, token_digest(token), now)
    return Standing(row.reference) if row else ObjectionGone()


def repudiate_change(
    portal: Portal, keys: Keyring, *, token: Secret, origin: str, now: datetime
) -> Frozen | ObjectionGone:
    """Twice is once: whoever answers again, or by the mail to another address, reads the same reference."""
    row = objection(portal.slug, token_digest(token), now)
    if row is None:
        note(AuditEvent.REPUDIATION_REFUSED, portal=portal.slug, origin=origin, now=now)
        return ObjectionGone()
    reference = new_code(CodeShape.LETTERS).reveal()
    with transaction.atomic():
        hold_account(row.account)  # first, as whoever signs in: else two would wait for one another
        row = objection(portal.slug, token_digest(token), now)
        if row is None:
            return ObjectionGone()  # a newer change was written meanwhile
        already = frozen(row.account)
        if not use_objection(row, already.reference if already else reference, now):
            return Frozen(row.reference, None)
        if already:
            return Frozen(already.reference, None)
        propagation = lock(portal, keys, row, reference, now)
        note(AuditEvent.CHANGE_REPUDIATED, portal=row.portal, audience=row.audience, account=row.account,
             outcome=reference, origin=origin, now=now)  # fmt: skip
    return Frozen(reference, propagation)


def lock(portal: Portal, keys: Keyring, row: ObjectionRow, reference: str, now: datetime) -> int:
    end_requests_of(row.account)
    drop_wishes(row.account)
    forget_code(row.account)
    freeze(row.portal, row.account, reference, now)
    close_all_sessions(row.account, now=now)
    meet_browsers_anew(row.account)
    forget_recent_means(row.account, now - OBJECTION_LASTS, now)
    request = request_for(row, now)
    tell(portal, row, request, reference, now)
    unknown = Secret(secrets.token_urlsafe(48))
    met = in_audience(portal, row.audience)
    return open_propagations(
        request,
        directories=(met.directory, *met.also_write_to),
        account=row.account,
        sealed=seal(keys, unknown, str(request.pk)),
        purpose=Purpose.LOCKED,
        now=now,
        due_at=now,
    ).pk


def request_for(row: ObjectionRow, now: datetime) -> RequestRow:
    """What the writing of the unknown password belongs to; no browser and no mail leads to it."""
    request = open_request(
        portal=row.portal,
        audience=row.audience,
        account=row.account,
        asked_for="",
        language=row.language,
        flow_digest=token_digest(new_token()),
        now=now,
    )
    end_requests_of(row.account)
    return request


def tell(portal: Portal, row: ObjectionRow, request: RequestRow, reference: str, now: datetime) -> None:
    """At the addresses of a few days ago as well: a thief changes the address first."""
    about: dict[str, Any] = {"portal": row.portal, "audience": row.audience, "request": request, "account": row.account,
                             "now": now}  # fmt: skip
    said = {"reference": reference}
    enqueue(MailKind.FROZEN_TO_SUPPORT, language=portal.languages[0], content=said, **about)
    enqueue(MailKind.FROZEN, language=row.language, content=said, **about)
    for address in addresses_that_may_undo(row.portal, row.account, now):
        enqueue(MailKind.FROZEN, language=row.language, content={**said, "to": address}, **about)
