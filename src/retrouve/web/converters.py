"""Portals in addresses."""

from __future__ import annotations

from retrouve.domain.portal import Portal
from retrouve.wiring.configuration import portal_named


class PortalConverter:
    regex = "[a-z0-9][a-z0-9-]*"

    def to_python(self, slug: str) -> Portal:
        portal = portal_named(slug)
        if portal is None:
            raise ValueError(slug)
        return portal

    def to_url(self, slug: str) -> str:
        return slug
