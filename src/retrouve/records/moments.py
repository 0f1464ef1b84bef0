"""Moments as raw statements give and take them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def as_stored(moment: datetime) -> datetime | str:
    return connection.ops.adapt_datetimefield_value(moment) or moment


def as_read(stored: datetime | str) -> datetime:
    """SQLite keeps moments as text without a time zone, and gives them back in either form."""
    moment = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
