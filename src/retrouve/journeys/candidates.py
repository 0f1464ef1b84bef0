"""What a line about somebody asks for, worked out before any account is looked at: by another thread, while the
database is busy with the lines before.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from retrouve.domain.identifiers import MAX_FACT_LENGTH, identifier_key, name_key
from retrouve.domain.naming import wanted_identifier
from retrouve.domain.portal import Choice, Fact, FactName, IdentifierKind, Portal
from retrouve.files.people import LineRefusal, PersonLine, RefusalCode, shortened
from retrouve.records.accounts import kept_classes

LONGEST_ID = 100
LONGEST_KIND = 64


@dataclass(slots=True, eq=False)
class Candidate:
    """Somebody of the list. `facts` is what an account keeps of them, `wanted` the identifier that their name calls
    for; `alike` tells people without any id apart, and is None for the others. Each is their own: several files of one
    delivery have a line of the same number.
    """

    person: PersonLine
    identifier: str
    email: str
    wanted: str
    facts: Mapping[str, Any]
    alike: tuple[Hashable, ...] | None
    is_too_long: bool
    institution: str = ""  # found by whoever knows the institutions that the file tells

    @property
    def line(self) -> int:
        return self.person.line


class Named(Protocol):
    """A line of the file, or an account."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...


def candidate(portal: Portal, person: PersonLine) -> Candidate | LineRefusal:
    identifier, email = identifier_key(person.identifier), identifier_key(person.email)
    kind = kind_value(portal.fact(FactName.KIND), person.kind)
    if kind is None:
        return LineRefusal(
            person.line,
            RefusalCode.UNKNOWN_KIND,
            shown=shortened(person.kind),
            cells=tuple(person.cells),
            file=person.file,
            about=person,
        )
    return Candidate(
        person,
        identifier,
        email,
        identifier or wanted(portal, person, email),
        facts(portal, person, email, kind),
        None if person.external_id or person.identifier else who(person, person.classes),
        len(identifier) > MAX_FACT_LENGTH or len(email) > MAX_FACT_LENGTH or len(person.external_id) > LONGEST_ID,
    )


def wanted(portal: Portal, person: PersonLine, email: str) -> str:
    if email and portal.sign_in.identifier is IdentifierKind.EMAIL:
        return email
    named = wanted_identifier(person.first_name, person.usual_name or person.last_name)
    return named or identifier_key(person.external_id)


@lru_cache(maxsize=1024)
def kind_value(fact: Fact, told: str) -> str | None:
    """As the portal keeps it, whichever of its words the list has; None for what it does not offer. Whoever recovers an
    account chooses among the same.
    """
    if not told or not fact.choices:
        return told[:LONGEST_KIND]
    key = name_key(told)
    return next((choice.value for choice in fact.choices if key in words_of(choice)), None)


def words_of(choice: Choice) -> set[str]:
    return {name_key(choice.value), *(name_key(label) for _, label in choice.label.by_language)}


def facts(portal: Portal, person: PersonLine, email: str, kind: str) -> Mapping[str, Any]:
    """What a file tells of somebody, as an account keeps it; but for where they are."""
    return {
        "email": person.email,
        "email_key": email,
        "first_name": person.first_name,
        "last_name": person.last_name or person.usual_name,
        "country": person.country,
        "kind": kind,
        "language": person.language if person.language in portal.languages else "",
        "classes": kept_classes(person.classes),
        "profile": person.profile.value if person.profile else "",
        "birth_date": person.birth_date,
        "guardians": kept_classes(person.guardians),
    }


def who(one: Named, classes: Sequence[str]) -> tuple[Hashable, ...]:
    """By what two people without any id are the same: name and birth date; without a date, name and classes."""
    return name_key(one.first_name), name_key(one.last_name), one.birth_date or tuple(classes)
