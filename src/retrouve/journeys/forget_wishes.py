"""Whoever asked for the migration of their account so long ago that the trail has forgotten it asks again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from retrouve.domain.portal import Retention
from retrouve.records.institutions import forget_old_wishes, portals_with_wishes


def forget_wishes(retentions: Mapping[str, Retention], otherwise: Retention, now: datetime) -> None:
    """Each portal as its file says; `otherwise` for portals that have left the configuration."""
    for portal in portals_with_wishes():
        forget_old_wishes(portal, now - retentions.get(portal, otherwise).traces)
