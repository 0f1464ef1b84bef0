"""The person changes their mind: nothing of the request works any longer, and nothing else has changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.records.audit import note
from retrouve.records.models import RequestRow
from retrouve.records.requests import cancel_request, request_of_flow, request_of_proof


def cancel_recovery(portal: Portal, *, flow: Secret | None, proof: Secret | None, origin: str, now: datetime) -> None:
    """The browser forgets both cookies: whatever either names ends, be it one request or two."""
    for request in requests_held(portal, flow, proof):
        with transaction.atomic():
            if cancel_request(request):
                note(AuditEvent.RECOVERY_CANCELLED, portal=portal.slug, audience=request.audience,
                     account=request.account, request=request, origin=origin, now=now)  # fmt: skip


def requests_held(portal: Portal, flow: Secret | None, proof: Secret | None) -> list[RequestRow]:
    by_proof = request_of_proof(portal.slug, token_digest(proof)) if proof else None
    by_flow = request_of_flow(portal.slug, token_digest(flow)) if flow else None
    return list({request.pk: request for request in (by_proof, by_flow) if request}.values())
