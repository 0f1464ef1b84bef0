"""One row by a plain statement, where every page or mail asks for it: building the query anew would cost more than the
answer.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

RowT = TypeVar("RowT", bound=Model)


def first(model: type[RowT], where: str, *values: object) -> RowT | None:
    """`where` is SQL of our own, with a `%s` for each value."""
    statement = f"SELECT * FROM {model._meta.db_table} WHERE {where} LIMIT 1"  # noqa: S608, SLF001  Django's public names
    rows = list(model._default_manager.raw(statement, values))  # noqa: SLF001  as above
    return rows[0] if rows else None
