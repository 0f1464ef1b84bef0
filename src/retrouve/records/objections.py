"""The right to say "ce n’est pas moi", and the accounts that it froze."""

from __future__ import annotations

from datetime import datetime

from retrouve.records.models import FrozenRow, ObjectionRow
from retrouve.records.plain import first


def keep_objection(
    digest: str, *, mail: int, portal: str, audience: str, account: str, language: str, expires_at: datetime
) -> None:
    """One for each mail that tells of a change; were it composed again, in place of the one before."""
    ObjectionRow.objects.filter(mail=mail, account=account, used_at=None).delete()
    ObjectionRow.objects.create(
        digest=digest,
        mail=mail,
        portal=portal,
        audience=audience,
        account=account,
        language=language,
        expires_at=expires_at,
    )


def drop_objections(account: str) -> None:
    """What they tell of is over: a newer change is told, or somebody who helps has looked."""
    ObjectionRow.objects.filter(account=account, used_at=None).delete()


def objection(portal: str, digest: str, now: datetime) -> ObjectionRow | None:
    """Used ones included: whoever comes back reads the same reference again."""
    return ObjectionRow.objects.filter(digest=digest, portal=portal, expires_at__gt=now).first()


def use_objection(row: ObjectionRow, reference: str, now: datetime) -> bool:
    """One winner."""
    return bool(ObjectionRow.objects.filter(pk=row.pk, used_at=None).update(used_at=now, reference=reference))


def freeze(portal: str, account: str, reference: str, now: datetime) -> None:
    FrozenRow.objects.update_or_create(
        portal=portal, account=account, defaults={"frozen_at": now, "reference": reference}
    )


def is_frozen(account: str) -> bool:
    return frozen(account) is not None


def frozen(account: str) -> FrozenRow | None:
    """At whichever portal it was said: the others that lead to the account are closed with it."""
    return first(FrozenRow, "account = %s", account)


def unfreeze(account: str) -> bool:
    return bool(FrozenRow.objects.filter(account=account).delete()[0])
