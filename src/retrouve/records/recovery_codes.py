"""Codes that a person keeps on paper: ten at a time, each good once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from retrouve.records.models import RecoveryCodeRow
from retrouve.records.moments import EVER


def replace_recovery_codes(portal: str, account: str, digests: Iterable[str], now: datetime) -> None:
    """The old ones die."""
    forget_recovery_codes(portal, account)
    RecoveryCodeRow.objects.bulk_create(
        RecoveryCodeRow(portal=portal, account=account, digest=digest, made_at=now) for digest in digests
    )


def recovery_codes_left(portal: str, account: str) -> int:
    return RecoveryCodeRow.objects.filter(portal=portal, account=account, used_at=None).count()


def are_unused(portal: str, account: str, digests: list[str]) -> bool:
    unused = RecoveryCodeRow.objects.filter(portal=portal, account=account, used_at=None, digest__in=digests)
    return bool(digests) and unused.count() == len(digests)


def use_recovery_code(portal: str, account: str, digest: str, now: datetime) -> bool:
    """One winner."""
    unused = RecoveryCodeRow.objects.filter(portal=portal, account=account, digest=digest, used_at=None)
    return bool(unused.update(used_at=now))


def forget_recovery_codes(portal: str, account: str, *, since: datetime = EVER) -> None:
    """Those made after `since`."""
    RecoveryCodeRow.objects.filter(portal=portal, account=account, made_at__gte=since).delete()
