"""Who is in a list that is all there is: whomever a line shows has not left, whether it was taken or refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrouve.domain.identifiers import identifier_key, name_key
from retrouve.files.people import PersonLine
from retrouve.journeys.candidates import LONGEST_ID
from retrouve.records.imports import Known, by_identifier, by_last_name, count_as_there

EVERYWHERE = ""


@dataclass(frozen=True)
class Shown:
    """Somebody of whom a line tells, without an id that names their account for sure, or in a line that was refused."""

    line: int
    cells: Sequence[str]
    person: PersonLine
    institution: str
    refused: bool

    @property
    def identifier(self) -> str:
        return identifier_key(self.person.identifier)

    @property
    def name(self) -> tuple[str, str]:
        return name_of(self.person.first_name, self.last_name)

    @property
    def last_name(self) -> str:
        return self.person.last_name or self.person.usual_name


class Presence:
    """What one import knows of it, from part to part."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.unsure: set[str] = set()  # institutions where a line may be anybody's

    def see_accounts(self, rows: Iterable[Known]) -> None:
        """A line was about each of them, whatever number it gave."""
        count_as_there({row.external_id for row in rows if row.external_id})

    def see(self, shown: Sequence[Shown]) -> Iterator[Shown]:
        """Gives the first line of each institution that may be about anybody there."""
        rows = by_identifier(self.portal, [one.identifier for one in shown if one.identifier])
        ids = {one.person.external_id for one in shown if len(one.person.external_id) <= LONGEST_ID}
        count_as_there((ids | {row.external_id for row in rows.values()}) - {""})
        yield from self.see_by_name([one for one in shown if not one.person.external_id and one.identifier not in rows])

    def see_by_name(self, nameless: Sequence[Shown]) -> Iterator[Shown]:
        """Nothing but their name tells who they are: everybody of that name is there."""
        for institution in {one.institution for one in nameless}:
            here = [one for one in nameless if one.institution == institution]
            rows = by_last_name(self.portal, institution, [one.last_name for one in here]) if institution else []
            names = {one.name for one in here}
            self.see_accounts(row for row in rows if name_of(row.first_name, row.last_name) in names)
            known = {name_of(row.first_name, row.last_name) for row in rows} - {name_of("", "")}
            unknown = next((one for one in here if one.refused and one.name not in known), None)
            if unknown and institution not in self.unsure:
                self.unsure.add(institution)
                yield unknown

    def judged(self, institutions: Collection[str]) -> list[str]:
        """Those of `institutions` of which the list tells for sure who is there."""
        if EVERYWHERE in self.unsure:
            return []
        return sorted({*institutions} - self.unsure - {""})


def name_of(first_name: str, last_name: str) -> tuple[str, str]:
    return name_key(first_name), name_key(last_name)
