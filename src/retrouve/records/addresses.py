"""Which addresses have proved to be somebody's: by a mail that was answered, never by being typed."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import VerifiedAddressRow


def mark_verified(portal: str, account: str, address_digest: str, now: datetime) -> bool:
    """True when it was not marked before."""
    _, created = VerifiedAddressRow.objects.update_or_create(
        portal=portal, account=account, address_digest=address_digest, defaults={"verified_at": now}
    )
    return created
