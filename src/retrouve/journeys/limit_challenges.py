"""How often one address may ask for something to sign: each time writes a row."""

from __future__ import annotations

from datetime import datetime

from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import CHALLENGES_PER_ADDRESS
from retrouve.domain.portal import Portal
from retrouve.journeys.limiting import spend_all


def may_be_challenged(portal: Portal, keys: Keyring, *, origin: str, now: datetime) -> bool:
    return spend_all(((CHALLENGES_PER_ADDRESS, keys.digest("challenges", portal.slug, origin)),), now) is None
