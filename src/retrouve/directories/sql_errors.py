"""What another application's database means by an error: an outage, or a refusal that the next try would meet again.
Nothing of a row is told: what PostgreSQL adds to its first sentence quotes whole ones.
"""

from __future__ import annotations

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from retrouve.directories.port import DirectoryUnavailableError

CONNECTION_LOST = "connection_lost"

NO_RIGHT = ("42501", "1142", "1143")
# PyMySQL takes these for outages: collations that do not mix (the column cannot spell what is looked for); what a
# trigger or a condition of the table refuses. PostgreSQL's triggers have an error of their own.
CANNOT_SPELL = ("1267",)
REFUSED_BY_ITS_RULES = ("1644", "4025", "P0001")


class DatabaseRefusedError(DirectoryUnavailableError):
    """The database answered, and refuses. Whoever reads cannot do without: for them it is out of order."""


class UnfitValueError(DatabaseRefusedError):
    """It can neither hold nor look for such a value."""


def meaning(error: SQLAlchemyError) -> DirectoryUnavailableError:
    code = code_of(error)
    if getattr(error, "connection_invalidated", False):
        return DirectoryUnavailableError(CONNECTION_LOST, first_sentence(error))
    if isinstance(error, DataError) or code in CANNOT_SPELL:
        return UnfitValueError(f"sql_{code}")
    if isinstance(error, IntegrityError) or code in REFUSED_BY_ITS_RULES:
        return DatabaseRefusedError(f"sql_{code}")
    if isinstance(error, ProgrammingError) or code in NO_RIGHT:
        return DatabaseRefusedError("no_right" if code in NO_RIGHT else f"sql_{code}", first_sentence(error))
    return DirectoryUnavailableError("no_answer", first_sentence(error))


def code_of(error: SQLAlchemyError) -> str:
    """MariaDB's number, which tells more than its SQLSTATE; PostgreSQL's SQLSTATE; SQLite's name."""
    told = getattr(error, "orig", None)
    numbers = [one for one in getattr(told, "args", ())[:1] if isinstance(one, int)]
    names = [getattr(told, name, None) for name in ("sqlstate", "sqlite_errorname")]
    return next((str(one) for one in (*numbers, *names) if one), "")


def first_sentence(error: SQLAlchemyError) -> str:
    told = getattr(error, "orig", error)
    primary = getattr(getattr(told, "diag", None), "message_primary", None)
    return str(primary or told)
