"""Which population a request under way belongs to: the pages after the first no longer say it in their address."""

from __future__ import annotations

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.records.models import RequestRow
from retrouve.records.requests import request_of_flow, request_of_proof


def portal_of_flow(portal: Portal, flow: Secret) -> Portal:
    if not portal.audiences:
        return portal
    return as_met_by(portal, request_of_flow(portal.slug, token_digest(flow)))


def portal_of_proof(portal: Portal, proof: Secret) -> Portal:
    if not portal.audiences:
        return portal
    return as_met_by(portal, request_of_proof(portal.slug, token_digest(proof)))


def as_met_by(portal: Portal, request: RequestRow | None) -> Portal:
    return in_audience(portal, request.audience) if request else portal


def in_audience(portal: Portal, slug: str) -> Portal:
    audience = portal.audience_named(slug)
    return portal.for_audience(audience) if audience else portal
