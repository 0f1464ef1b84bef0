"""The embedded SQLite or PostgreSQL, from one address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from retrouve.domain.secret import Secret
from retrouve.wiring.embedded_store.turns import LONGEST_WAIT_SECONDS

# Write-ahead logging lets readers go on while one writes; FULL means that what was answered survives a power cut.
SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"


def database_settings(address: Secret) -> dict[str, Any]:
    """Django's DATABASES entry. `config` has checked that the address is one of the two kinds."""
    parts = urlsplit(address.reveal())
    if parts.scheme == "sqlite":
        return sqlite_settings(unquote(parts.path[1:]))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **dict(parse_qsl(parts.query))},  # `?sslmode=verify-full`
    }


def sqlite_settings(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "retrouve.wiring.embedded_store",
        "NAME": path,
        "CONN_MAX_AGE": None,
        # IMMEDIATE: two writers wait for one another instead of failing in the middle.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": LONGEST_WAIT_SECONDS,
            "init_command": SQLITE_START,
        },
    }
