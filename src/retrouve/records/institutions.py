"""Institutions, and the owners of legacy accounts who wait for theirs to be migrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import BigIntegerField, CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast

from retrouve.domain.identifiers import name_key
from retrouve.records.models import AccountRow, InstitutionRow, MigrationWishRow
from retrouve.records.plain import first

MOST_SHOWN = 20
AT_A_TIME = 500


def name_of_institution(portal: str, code: str) -> str:
    """Its code where it was never given a name; nothing where there is no institution."""
    row = first(InstitutionRow, "portal = %s AND code = %s", portal, code) if code else None
    return row.name if row else code


def institutions_of(portal: str) -> QuerySet[InstitutionRow]:
    return InstitutionRow.objects.filter(portal=portal).order_by("name", "code")


def institutions_like(portal: str, typed: str) -> list[InstitutionRow]:
    """Those whose name holds what was typed; the first ones where nothing was."""
    found = institutions_of(portal)
    return list((found.filter(name__icontains=typed) if typed else found)[:MOST_SHOWN])


def codes_by_name(portal: str) -> dict[str, str]:
    """Each institution's code, under its name as names are compared, and under the code itself."""
    rows = list(institutions_of(portal).values_list("code", "name"))
    return {name_key(name): code for code, name in rows} | {code: code for code, _ in rows}


def codes_by_external_id(portal: str) -> dict[str, str]:
    """Where a key was given to two, the last that came has it."""
    rows = InstitutionRow.objects.filter(portal=portal).exclude(external_id="").order_by("pk")
    return dict(rows.values_list("external_id", "code"))


def keep_institution(
    portal: str, code: str, name: str, *, parent: str = "", contact: str = "", external_id: str = ""
) -> None:
    """What is not told stays as it was; without any name, it goes by its code."""
    told = {"name": name, "parent": parent, "contact": contact, "external_id": external_id}
    given = {key: value for key, value in told.items() if value}
    InstitutionRow.objects.update_or_create(
        portal=portal, code=code, defaults=given, create_defaults={"name": code, **given}
    )


def keep_institutions(rows: Sequence[InstitutionRow]) -> None:
    """Each as it is told, whether it was known or not."""
    InstitutionRow.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["portal", "code"],
        update_fields=["name", "parent", "contact"],
        batch_size=AT_A_TIME,
    )


def add_institutions(portal: str, names: Mapping[str, str]) -> None:
    """By code; those that are known keep the name they have."""
    rows = [InstitutionRow(portal=portal, code=code, name=name) for code, name in names.items()]
    InstitutionRow.objects.bulk_create(rows, ignore_conflicts=True)


def with_those_below(portal: str, codes: frozenset[str]) -> frozenset[str]:
    """An authority is in charge of the institutions under it, and of theirs."""
    parents = dict(institutions_of(portal).values_list("code", "parent"))
    return frozenset(code for code in parents if lies_under(code, codes, parents)) | codes


def lies_under(code: str, codes: frozenset[str], parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    while code and code not in seen:  # a file may make two institutions each other's parent
        if code in codes:
            return True
        seen.add(code)
        code = parents.get(code, "")
    return False


def see_wish(portal: str, account: str, now: datetime) -> None:
    MigrationWishRow.objects.update_or_create(portal=portal, account=account, defaults={"asked_at": now})


def forget_wish(portal: str, *accounts: str) -> None:
    MigrationWishRow.objects.filter(portal=portal, account__in=accounts).delete()


def who_wait(portal: str, rows: QuerySet[AccountRow], most: int) -> list[tuple[AccountRow, datetime]]:
    """Those of `rows` whose owners have asked, and when: whoever has waited longest first."""
    wishes = MigrationWishRow.objects.filter(portal=portal)
    asked = wishes.filter(account=Cast(OuterRef("pk"), CharField())).values("asked_at")
    wished = rows.filter(pk__in=wishes.values(number=Cast("account", BigIntegerField())))
    found = wished.annotate(asked_at=Subquery(asked)).order_by("asked_at", "pk")[:most]
    return [(row, row.asked_at) for row in found]


def forget_old_wishes(portal: str, before: datetime) -> None:
    MigrationWishRow.objects.filter(portal=portal, asked_at__lt=before).delete()


def portals_with_wishes() -> list[str]:
    return list(MigrationWishRow.objects.order_by().values_list("portal", flat=True).distinct())
