"""The keys that sign what applications are told: made when first needed, turned by command."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from django.db import transaction
from joserfc.jwk import KeySet, RSAKey

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.records.audit import note
from retrouve.records.models import SigningKeyRow
from retrouve.records.sealing import seal, unseal
from retrouve.records.signing_keys import Place, add_key, forget_key, forget_past_keys, key_in, signing_keys, turn

ALGORITHM = "RS256"  # the one that every application understands (OpenID Core §15.1)
BITS = 2048
PAST_KEYS_KEPT = timedelta(days=30)  # an application may show an old id token when somebody leaves it
TURNS = (Place.CURRENT, Place.NEXT)

log = structlog.get_logger()


def key_that_signs(portal: Portal, keys: Keyring, now: datetime) -> RSAKey:
    row = key_in(portal.slug, Place.CURRENT)
    key = opened(keys, row) if row else None
    if key:
        return key
    if row:
        log.error("signing_key_unreadable", portal=portal.slug, kid=row.kid)  # the server's secret key has changed
        forget_key(row.kid)
    make_key(portal, keys, Place.CURRENT, now)
    return key_that_signs(portal, keys, now)


def published_keys(portal: Portal, keys: Keyring, now: datetime) -> dict[str, Any]:
    """The public halves (RFC 7517): of the key that signs, of the next, and of those that have signed."""
    for place in TURNS:
        row = key_in(portal.slug, place)
        if row is None or opened(keys, row) is None:
            if row:
                forget_key(row.kid)
            make_key(portal, keys, place, now)
    return {"keys": [row.public for row in signing_keys(portal.slug)]}


def key_set(portal: Portal) -> KeySet:
    """What verifies a token of ours."""
    return KeySet.import_key_set({"keys": [row.public for row in signing_keys(portal.slug)]})


def turn_keys(portal: Portal, keys: Keyring, *, forget_current: bool, now: datetime) -> str:
    """The next key signs from now on; returns its name. `forget_current` when the old one is known to others: what it
    signed is worth nothing any more.
    """
    published_keys(portal, keys, now)
    with transaction.atomic():
        old = key_in(portal.slug, Place.CURRENT)
        turn(portal.slug, now)
        if old and forget_current:
            forget_key(old.kid)
        forget_past_keys(now - PAST_KEYS_KEPT)
        note(AuditEvent.SIGNING_KEY_TURNED, portal=portal.slug, outcome="forgotten" if forget_current else "", now=now)
    published_keys(portal, keys, now)
    return str(key_that_signs(portal, keys, now).kid)


def make_key(portal: Portal, keys: Keyring, place: Place, now: datetime) -> None:
    key = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    kid = str(key.kid)
    sealed = seal(keys, Secret(key.as_pem(private=True).decode()), owner_of(portal.slug, kid))
    add_key(portal.slug, place, kid=kid, sealed=sealed, public=dict(key.as_dict(private=False)), now=now)


def opened(keys: Keyring, row: SigningKeyRow) -> RSAKey | None:
    """None when the server's secret key is not the one that sealed it."""
    try:
        return read_key(keys, row.portal, row.kid, bytes(row.sealed))
    except InvalidTag:
        return None


@lru_cache(maxsize=64)
def read_key(keys: Keyring, portal: str, kid: str, sealed: bytes) -> RSAKey:
    """Reading one costs more than signing with it."""
    pem = unseal(keys, sealed, owner_of(portal, kid)).reveal()
    return RSAKey.import_key(pem, {"kid": kid, "use": "sig", "alg": ALGORITHM})


def owner_of(portal: str, kid: str) -> str:
    return f"signing_key:{portal}:{kid}"
