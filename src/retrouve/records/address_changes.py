"""Changes of an account's address: asked, confirmed by the new one's owner, undone by the old one's."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from retrouve.domain.identifiers import identifier_key
from retrouve.domain.limits import ADDRESS_UNDO_LASTS
from retrouve.records.accounts import account_row
from retrouve.records.models import AddressChangeRow
from retrouve.records.plain import first


def open_address_change(
    *, portal: str, audience: str, account: str, new_email: str, language: str, now: datetime
) -> AddressChangeRow:
    """Replaces an earlier wish that was not answered."""
    AddressChangeRow.objects.filter(portal=portal, account=account, state="asked").delete()
    return AddressChangeRow.objects.create(
        portal=portal, audience=audience, account=account, new_email=new_email, language=language, asked_at=now
    )


def address_change(pk: int) -> AddressChangeRow | None:
    return AddressChangeRow.objects.filter(pk=pk).first()


def change_of_link(portal: str, digest: str) -> AddressChangeRow | None:
    return first(AddressChangeRow, "portal = %s AND link_digest = %s", portal, digest)


def change_of_undo(portal: str, digest: str) -> AddressChangeRow | None:
    return first(AddressChangeRow, "portal = %s AND undo_digest = %s", portal, digest)


def awaited_change(portal: str, account: str, now: datetime) -> AddressChangeRow | None:
    """The wish that still waits for its answer; its mail may not have left yet."""
    good = Q(link_expires_at=None) | Q(link_expires_at__gt=now)
    return AddressChangeRow.objects.filter(good, portal=portal, account=account, state="asked").first()


def mint_link(row: AddressChangeRow, digest: str, expires_at: datetime) -> bool:
    waiting = AddressChangeRow.objects.filter(pk=row.pk, state="asked")
    return bool(waiting.update(link_digest=digest, link_expires_at=expires_at))


def mint_undo(row: AddressChangeRow, digest: str, expires_at: datetime) -> bool:
    done = AddressChangeRow.objects.filter(pk=row.pk, state="confirmed")
    return bool(done.update(undo_digest=digest, undo_expires_at=expires_at))


def confirm(row: AddressChangeRow, old_email: str, now: datetime) -> bool:
    """One winner."""
    waiting = AddressChangeRow.objects.filter(pk=row.pk, state="asked", link_expires_at__gt=now)
    return bool(waiting.update(state="confirmed", old_email=old_email, confirmed_at=now))


def undo(row: AddressChangeRow) -> bool:
    """One winner. What was changed after it is undone with it: a thief who changes twice gets no right to undo."""
    undone = bool(AddressChangeRow.objects.filter(pk=row.pk, state="confirmed").update(state="undone"))
    later = AddressChangeRow.objects.filter(portal=row.portal, account=row.account, state="confirmed")
    later.filter(confirmed_at__gte=row.confirmed_at).update(state="undone")
    return undone


def addresses_that_may_undo(portal: str, account: str, now: datetime) -> list[str]:
    """Those that the account had a few days ago, and has no longer, whose owner may take it back."""
    confirmed = AddressChangeRow.objects.filter(portal=portal, account=account, state="confirmed")
    recent = confirmed.filter(confirmed_at__gt=now - ADDRESS_UNDO_LASTS).exclude(old_email="")
    row = account_row(account)
    current = identifier_key(row.email) if row else ""
    return sorted({email for email in recent.values_list("old_email", flat=True) if identifier_key(email) != current})


def drop_wishes(account: str) -> None:
    AddressChangeRow.objects.filter(account=account, state="asked").delete()
