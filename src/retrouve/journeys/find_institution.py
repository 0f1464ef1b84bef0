"""Somebody who is lost looks for the people who help in their institution. Institutions are no secret."""

from __future__ import annotations

from retrouve.domain.portal import Portal
from retrouve.records.institutions import institutions_like


def institutions_named(portal: Portal, typed: str) -> list[dict[str, str]]:
    return [{"name": row.name, "contact": row.contact} for row in institutions_like(portal.slug, typed.strip())]
