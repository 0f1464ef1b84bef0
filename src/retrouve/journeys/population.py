"""Which population a request under way belongs to: the pages after the first no longer say it in their address."""

from __future__ import annotations

from dataclasses import replace

from retrouve.directories.guarded import name_in
from retrouve.domain.account import Account
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import Way
from retrouve.domain.secret import Secret
from retrouve.records.models import RequestRow
from retrouve.records.requests import request_of_flow, request_of_proof


def portal_of_flow(portal: Portal, flow: Secret) -> Portal:
    if not portal.audiences:
        return portal
    return as_met_by(portal, request_of_flow(portal.slug, token_digest(flow)))


def portal_of_proof(portal: Portal, proof: Secret) -> Portal:
    return as_met_by(portal, request_of_proof(portal.slug, token_digest(proof)))


def as_met_by(portal: Portal, request: RequestRow | None) -> Portal:
    """Facts are asked again of those who came by mail: with a code in hand, one has just given what one knows."""
    if request is None:
        return portal
    met = in_audience(portal, request.audience)
    return met if request.way == Way.MAILED else replace(met, recovery=replace(met.recovery, ask_again=()))


def audience_of(portal: Portal, account: Account) -> str:
    """Of an account that is at hand. Other directories than ours are of one population, which their name tells."""
    directory = name_in(account.reference)
    theirs = [audience.slug for audience in portal.audiences if directory and audience.directory == directory]
    return account.audience or next(iter(theirs), "")


def in_audience(portal: Portal, slug: str) -> Portal:
    audience = portal.audience_named(slug)
    return portal.for_audience(audience) if audience else portal
