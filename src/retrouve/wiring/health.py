"""Whether what we need answers."""

from __future__ import annotations

from django.db import connection


def database_answers() -> None:
    """Raises `DatabaseError` when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
