"""Accounts that somebody asks to create, until the owner of the address has answered."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import RegistrationRow
from retrouve.records.plain import first


def open_registration(
    *,
    portal: str,
    audience: str,
    facts: dict[str, str],
    password: str,
    language: str,
    flow_digest: str,
    application: str,
    now: datetime,
) -> RegistrationRow:
    """`password` is an encoded hash."""
    return RegistrationRow.objects.create(
        portal=portal,
        audience=audience,
        facts=facts,
        password=password,
        language=language,
        flow_digest=flow_digest,
        opened_at=now,
        application=application,
    )


def registration(pk: str) -> RegistrationRow | None:
    return RegistrationRow.objects.filter(pk=pk).first()


def registration_of_link(portal: str, digest: str) -> RegistrationRow | None:
    return first(RegistrationRow, "portal = %s AND link_digest = %s", portal, digest)


def mint(row: RegistrationRow, link_digest: str, expires_at: datetime) -> bool:
    waiting = RegistrationRow.objects.filter(pk=row.pk, used_at=None)
    return bool(waiting.update(link_digest=link_digest, link_expires_at=expires_at))


def use_registration(row: RegistrationRow, now: datetime) -> bool:
    """One winner."""
    return bool(RegistrationRow.objects.filter(pk=row.pk, used_at=None).update(used_at=now))
