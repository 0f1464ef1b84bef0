"""The pairs of keys that sign what applications are told: one that signs, one that will, those that did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from retrouve.records.models import SigningKeyRow


class Place(StrEnum):
    NEXT = "next"  # published, so that applications know it before anything is signed with it
    CURRENT = "current"
    PAST = "past"  # published for as long as something that it signed may be shown


def signing_keys(portal: str) -> list[SigningKeyRow]:
    """Newest first."""
    return list(SigningKeyRow.objects.filter(portal=portal).order_by("-made_at", "-pk"))


def key_in(portal: str, place: Place) -> SigningKeyRow | None:
    return SigningKeyRow.objects.filter(portal=portal, place=place).first()


def add_key(portal: str, place: Place, *, kid: str, sealed: bytes, public: dict[str, Any], now: datetime) -> None:
    """Nothing happens when another server has just filled that place."""
    row = SigningKeyRow(kid=kid, portal=portal, place=place, sealed=sealed, public=public, made_at=now)
    SigningKeyRow.objects.bulk_create([row], ignore_conflicts=True)


def turn(portal: str, now: datetime) -> None:
    """What is next becomes current, what was current is past."""
    with transaction.atomic():
        mine = SigningKeyRow.objects.filter(portal=portal)
        mine.filter(place=Place.CURRENT).update(place=Place.PAST, retired_at=now)
        mine.filter(place=Place.NEXT).update(place=Place.CURRENT)


def forget_key(kid: str) -> None:
    SigningKeyRow.objects.filter(kid=kid).delete()


def forget_past_keys(retired_before: datetime) -> None:
    SigningKeyRow.objects.filter(place=Place.PAST, retired_at__lte=retired_before).delete()
