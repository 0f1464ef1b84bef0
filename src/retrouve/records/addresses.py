"""Which addresses have proved to be somebody's: by a mail that was answered, never by being typed."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import VerifiedAddressRow


def mark_verified(portal: str, account: str, address_digest: str, now: datetime) -> bool:
    """True when it was not marked before."""
    marked = VerifiedAddressRow.objects.filter(portal=portal, account=account, address_digest=address_digest)
    if marked.update(verified_at=now):
        return False
    mark = VerifiedAddressRow(portal=portal, account=account, address_digest=address_digest, verified_at=now)
    VerifiedAddressRow.objects.bulk_create([mark], ignore_conflicts=True)  # somebody else may mark it just now
    return True


def is_verified(portal: str, account: str, address_digest: str) -> bool:
    return VerifiedAddressRow.objects.filter(portal=portal, account=account, address_digest=address_digest).exists()
