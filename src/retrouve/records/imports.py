"""Accounts written by the thousand: looked up, added and changed in few statements, on either database."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from retrouve.domain.account import AccountState
from retrouve.records.models import AccountRow, DelegationRow, ImportRow
from retrouve.records.moments import as_read, as_stored

ADDED = (
    "portal", "audience", "identifier", "identifier_key", "email", "email_key", "first_name", "last_name", "country",
    "kind", "language", "state", "password", "old_work", "must_change", "external_id", "institution", "classes",
    "profile", "birth_date", "guardians", "departed_at",
)  # fmt: skip
CHANGED = (
    "email", "email_key", "first_name", "last_name", "country", "kind", "language", "institution", "classes", "profile",
    "birth_date", "guardians", "departed_at",
)  # fmt: skip

# Tables of this connection's own, gone with it.
SEEN = "imported_keys"  # people of the file whom we have read
THERE = "imported_present"  # people whom a line shows to be there, though another or none tells of them
LINKS = "imported_links"  # the children whom guardians' lines named, and the institutions where they may have some


class Known(NamedTuple):
    """What an import compares of an account that exists."""

    id: int
    identifier_key: str
    external_id: str
    state: str
    has_password: bool
    email: str
    email_key: str
    first_name: str
    last_name: str
    country: str
    kind: str
    language: str
    institution: str
    classes: str
    profile: str
    guardians: str
    birth_date: date | None
    departed_at: datetime | None


LOOKED_AT = {"has_password": "password <> ''"}
COMPARED = ", ".join(LOOKED_AT.get(name, name) for name in Known._fields)


def begin_seeing() -> None:
    """Which people of the file have been read: kept outside of memory, since files may hold millions."""
    end_seeing()
    with connection.cursor() as cursor:
        for table in (SEEN, THERE):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (key VARCHAR(100) PRIMARY KEY)")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {LINKS}"
            " (guardian VARCHAR(100), child VARCHAR(100), institution VARCHAR(64),"
            " PRIMARY KEY (guardian, child, institution))"
        )


def newest_account() -> int:
    """The number of the account that came last, of any portal."""
    newest: int | None = AccountRow.objects.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def tell_sizes() -> None:
    """PostgreSQL would go on as if the tables were as small as before the import, and read them whole each time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE records_accountrow")


def end_seeing() -> None:
    with connection.cursor() as cursor:
        for table in (SEEN, THERE, LINKS):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def seen_before(keys: Sequence[str]) -> set[str]:
    """Those of `keys` that earlier parts of the file had; from now on, all of them."""
    if not keys:
        return set()
    statement = f"INSERT INTO {SEEN} (key) SELECT DISTINCT {each()} WHERE true ON CONFLICT DO NOTHING RETURNING key"
    with connection.cursor() as cursor:
        cursor.execute(statement, [listed(keys)])
        return set(keys).difference(row[0] for row in cursor.fetchall())


def count_as_there(keys: Collection[str]) -> None:
    if keys:
        statement = f"INSERT INTO {THERE} (key) SELECT DISTINCT {each()} WHERE true ON CONFLICT DO NOTHING"
        with connection.cursor() as cursor:
            cursor.execute(statement, [listed(keys)])


def absent(portal: str, institutions: Iterable[str]) -> Iterator[str]:
    """External ids of `institutions` that the file did not have, those who had left before aside."""
    statement = f"""
        SELECT external_id FROM records_accountrow AS kept
        WHERE portal = %s AND institution = %s AND external_id <> '' AND departed_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM {SEEN} WHERE {SEEN}.key = kept.external_id)
            AND NOT EXISTS (SELECT 1 FROM {THERE} WHERE {THERE}.key = kept.external_id)
    """  # noqa: S608  as above
    for institution in institutions:
        with connection.cursor() as cursor:
            cursor.execute(statement, [portal, institution])
            yield from (row[0] for row in cursor.fetchall())


def flag_departed(portal: str, external_ids: Sequence[str], now: datetime) -> int:
    statement = f"""
        UPDATE records_accountrow SET departed_at = %s
        WHERE portal = %s AND departed_at IS NULL AND {among("external_id")}
    """  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_stored(now), portal, listed(external_ids)])
        flagged: int = cursor.rowcount
    return flagged


def by_external_id(portal: str, external_ids: Sequence[str]) -> dict[str, Known]:
    return {row.external_id: row for row in known("external_id", portal, external_ids, "external_id <> ''")}


def by_identifier(portal: str, keys: Sequence[str]) -> dict[str, Known]:
    return {row.identifier_key: row for row in known("identifier_key", portal, keys)}


def by_last_name(portal: str, institution: str, last_names: Sequence[str]) -> list[Known]:
    """People of an institution; those who came without an id of their own are told apart by nothing else."""
    return known("last_name", portal, last_names, "institution = %s", institution)


def known(column: str, portal: str, values: Sequence[str], only: str = "true", *with_it: str) -> list[Known]:
    """`with_it` is what `only` asks for."""
    if not values:
        return []
    statement = f"SELECT {COMPARED} FROM records_accountrow WHERE portal = %s AND {only} AND {among(column)}"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [portal, *with_it, listed(values)])
        return [as_known(row) for row in cursor.fetchall()]


def as_known(row: Sequence[Any]) -> Known:
    """SQLite keeps dates as text."""
    *others, birth_date, departed_at = row
    born = date.fromisoformat(birth_date) if isinstance(birth_date, str) else birth_date
    return Known._make([*others, born, as_read(departed_at) if departed_at else None])


def taken_among(portal: str, keys: Collection[str]) -> set[str]:
    """The identifiers that somebody has."""
    if not keys:
        return set()
    statement = (
        f"SELECT identifier_key FROM records_accountrow WHERE portal = %s AND identifier_key IN (SELECT {each()})"  # noqa: S608  our own names
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [portal, listed(keys)])
        return {row[0] for row in cursor.fetchall()}


def helpers_among(portal: str, references: Collection[str]) -> set[str]:
    """Few people help: all of them are looked at."""
    helping = set(DelegationRow.objects.filter(portal=portal).values_list("account", flat=True))
    return helping.intersection(references)


def among(column: str) -> str:
    """Whether it holds one of the values that `listed` gives in one parameter, looked up one by one in an index."""
    return f"{column} = ANY(%s::text[])" if connection.vendor == "postgresql" else f"{column} IN (SELECT {each()})"


def each() -> str:
    """One row for each of those values."""
    return "unnest(%s::text[])" if connection.vendor == "postgresql" else "value FROM json_each(%s)"


def listed(values: Collection[str]) -> list[str] | str:
    distinct = list(dict.fromkeys(values))
    return distinct if connection.vendor == "postgresql" else json.dumps(distinct)


def add_accounts(rows: Sequence[Mapping[str, Any]]) -> None:
    """`rows` have all of `ADDED`."""
    values = map(itemgetter(*ADDED), rows)
    columns = ", ".join(ADDED)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY records_accountrow ({columns}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
            return
        holes = ", ".join(["%s"] * len(ADDED))
        statement = f"INSERT INTO records_accountrow ({columns}) VALUES ({holes})"  # noqa: S608  our own columns
        cursor.executemany(statement, [tuple(map(plain, value)) for value in values])


def hold_addresses(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """What these accounts have now; whoever changes one meanwhile goes first, or waits."""
    rows = AccountRow.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {pk: (email, key) for pk, email, key in rows.values_list("pk", "email", "email_key")}


def change_accounts(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """`rows` are ids and what each is to hold: all of `CHANGED`."""
    assigned = ", ".join(f"{column} = %s" for column in CHANGED)
    statement = f"UPDATE records_accountrow SET {assigned} WHERE id = %s"  # noqa: S608  our own columns
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*(plain(values[column]) for column in CHANGED), pk) for pk, values in rows])


def give_first_passwords(rows: Sequence[tuple[int, str, str]]) -> None:
    """`rows` are ids, hashes and their work. Whoever has chosen a password in the meantime keeps it."""
    first_time = f"CASE state WHEN '{AccountState.NOT_ACTIVATED}' THEN '{AccountState.ACTIVE}' ELSE state END"
    statement = f"""
        UPDATE records_accountrow SET password = %s, old_work = %s, state = {first_time}
        WHERE id = %s AND password = '' AND state IN ('{AccountState.NOT_ACTIVATED}', '{AccountState.LEGACY}')
    """  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(password, work, pk) for pk, password, work in rows])


def plain(value: Any) -> Any:  # noqa: ANN401  whatever a column holds
    """As the database takes it without Django in between."""
    if isinstance(value, datetime):
        return as_stored(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


def addresses_among(portal: str, keys: Collection[str]) -> set[str]:
    """The addresses that somebody has."""
    if not keys:
        return set()
    wanted = f"portal = %s AND {among('email_key')}"
    statement = f"SELECT email_key FROM records_accountrow WHERE {wanted}"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [portal, listed(keys)])
        return {row[0] for row in cursor.fetchall()}


class Link(NamedTuple):
    guardian: str
    child: str  # empty: only that the guardian may have some there
    institution: str


def keep_links(links: Sequence[Link]) -> None:
    statement = f"INSERT INTO {LINKS} VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, links)


def links_of(guardians: Collection[str]) -> set[Link]:
    statement = f"SELECT guardian, child, institution FROM {LINKS} WHERE {among('guardian')}"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [listed(guardians)])
        return {Link._make(row) for row in cursor.fetchall()}


def children_after(portal: str, last: int, most: int) -> list[Known]:
    """Those with guardians where the links that were kept may tell of them, in the order of their numbers."""
    statement = f"""
        SELECT {COMPARED} FROM records_accountrow
        WHERE portal = %s AND guardians <> '' AND institution IN (SELECT institution FROM {LINKS}) AND id > %s
        ORDER BY id LIMIT %s
    """  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.execute(statement, [portal, last, most])
        return [as_known(row) for row in cursor.fetchall()]


def change_guardians(rows: Sequence[tuple[int, str]]) -> None:
    """`rows` are ids of children, and who answers for each from now on."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE records_accountrow SET guardians = %s WHERE id = %s", [(kept, pk) for pk, kept in rows]
        )


def forget_consents_for(portal: str, children: Collection[int]) -> None:
    """What was asked of those who answered for them: one of them does no longer, and the others can be asked again."""
    if children:
        statement = f"DELETE FROM records_consentrow WHERE portal = %s AND {among('account')}"  # noqa: S608  our own names
        with connection.cursor() as cursor:
            cursor.execute(statement, [portal, listed([str(child) for child in children])])


def keep_list(portal: str, account: str, name: str, content: bytes, report: str, now: datetime) -> None:
    """In place of the one that the same person sent before."""
    ImportRow.objects.update_or_create(
        portal=portal,
        account=account,
        defaults={"name": name[:200], "content": content, "report": report, "sent_at": now, "imported_at": None},
    )


def list_of(portal: str, account: str) -> ImportRow | None:
    return ImportRow.objects.filter(portal=portal, account=account).first()


def claim_list(row: ImportRow, now: datetime) -> bool:
    """One winner: a button pressed twice imports once."""
    return bool(ImportRow.objects.filter(pk=row.pk, imported_at=None, sent_at=row.sent_at).update(imported_at=now))


def release_list(row: ImportRow) -> None:
    """The import broke off: it may be begun again."""
    ImportRow.objects.filter(pk=row.pk).update(imported_at=None)


def forget_list(row: ImportRow, report: str) -> None:
    """The people in it are accounts now: the list itself is not kept."""
    ImportRow.objects.filter(pk=row.pk).update(content=b"", report=report)
