"""A list of people becomes accounts: those of the file that are new are added, those that are known are brought up to
date, those who left are flagged; nobody is removed, reopened, or given rights.

Each part of the file is one transaction, and importing a file again changes nothing that is as it says: whatever stops
an import, one begins it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from retrouve.directories.hashing import Hashing
from retrouve.directories.old_hashes import SaltPlace, UnusableHashError, read_old_hash, stored_form
from retrouve.domain.account import AccountState
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.identifiers import name_key
from retrouve.domain.portal import IdentifierKind, Portal
from retrouve.files.people import InstitutionLine, LineRefusal, PersonLine, UnreadableFileError
from retrouve.journeys.candidates import LONGEST_ID, Candidate, candidate, who
from retrouve.journeys.guardian_links import GuardianLinks
from retrouve.journeys.new_identifiers import NewIdentifiers, Numbers
from retrouve.journeys.presence import EVERYWHERE, Presence, Shown
from retrouve.records.accounts import classes_of, kept_classes, old_works
from retrouve.records.audit import note
from retrouve.records.handed_codes import forget_code
from retrouve.records.imports import (
    CHANGED,
    Known,
    absent,
    add_accounts,
    addresses_among,
    begin_seeing,
    by_external_id,
    by_identifier,
    by_last_name,
    change_accounts,
    end_seeing,
    flag_departed,
    forget_consents_for,
    give_first_passwords,
    helpers_among,
    hold_addresses,
    newest_account,
    seen_before,
    tell_sizes,
)
from retrouve.records.institutions import add_institutions, codes_by_external_id, codes_by_name, keep_institution
from retrouve.records.models import INSTITUTION_CODE_LENGTH

LINES_AT_ONCE = 20_000
WRAPPED_AT_ONCE = 50
GROWS_BY = 3
MOST_WORKS = 8
# What an AAF delta may empty, and the field that says so: nobody is left without a name or a place.
EMPTIED = {
    "email": "email",
    "email_key": "email",
    "birth_date": "birth_date",
    "classes": "classes",
    "guardians": "guardians",
}
WRAPPED = "wrapped"
WAITS = (AccountState.NOT_ACTIVATED, AccountState.LEGACY)
NOT_WRITTEN = "-"  # of a dry run, for a hash that would be kept

Line = PersonLine | LineRefusal | InstitutionLine
Prepared = Candidate | LineRefusal | InstitutionLine


@dataclass(frozen=True)
class Wishes:
    """How a file is to be taken. `within` are the institutions that may be touched; None for all."""

    legacy: bool = False
    complete: bool = False  # whoever of its institutions is not in the file has left
    salt: SaltPlace = SaltPlace.NONE
    within: frozenset[str] | None = None
    touch_helpers: bool = False
    takes_passwords: bool = False  # of an older system; whoever may give a hash chooses a password (ATT-51)
    dry_run: bool = True


@dataclass(frozen=True)
class Said:
    """What is told about one line. `code` is a refusal's, of `files` or of ours (`messages.importing`)."""

    line: int
    code: str
    shown: str = ""
    column: str = ""
    cells: Sequence[str] = field(default=(), repr=False)


@dataclass
class Outcome:
    """Grows while the file is read. `refused` and `remarks` go to the caller's report, line by line. Where reading
    broke off, `broken_by` says why: what is counted came before.
    """

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    departed: int = 0
    refused: int = 0
    remarks: int = 0
    institutions: set[str] = field(default_factory=set)
    broken_by: UnreadableFileError | None = None


Report = Callable[[Said, bool], None]  # the second says whether the line was refused


def import_people(
    portal: Portal,
    hashing: Hashing,
    lines: Iterable[Line],
    wishes: Wishes,
    *,
    report: Report,
    progress: Callable[[Outcome], None],
    by: str,
    now: datetime,
) -> Outcome:
    """`by` is a helper's reference, empty for an operator. Raises `UnreadableFileError` where nothing could be read. A
    file that breaks later leaves what was committed until then, and nobody who is missing from it has left.
    """
    reader = Importer(portal, hashing, wishes, report, now)
    begin_seeing()
    try:
        for some in read_ahead(parts_of(prepared(portal, lines))):
            for part in in_short_parts(some, wishes):
                with transaction.atomic():
                    reader.take(part)
                progress(reader.outcome)
        reader.end()
    except UnreadableFileError as error:
        if not reader.outcome.read:
            raise
        reader.outcome.broken_by = error
    finally:
        end_seeing()
    if not wishes.dry_run:
        outcome = reader.outcome
        counts = (
            f"{outcome.created} created {outcome.changed} changed {outcome.departed} departed {outcome.refused} refused"
        ) + (" broken off" if outcome.broken_by else "")
        note(AuditEvent.ACCOUNTS_IMPORTED, portal=portal.slug, account=by or None, outcome=counts, now=now)
    return reader.outcome


def prepared(portal: Portal, lines: Iterable[Line]) -> Iterator[Prepared]:
    return (candidate(portal, line) if isinstance(line, PersonLine) else line for line in lines)


def parts_of(lines: Iterator[Prepared]) -> Iterator[list[Prepared]]:
    while some := list(islice(lines, LINES_AT_ONCE)):
        yield some


def read_ahead(parts: Iterator[list[Prepared]]) -> Iterator[list[Prepared]]:
    """The next part is read while the database is busy with this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, parts, None)
        while some := coming.result():
            coming = reader.submit(next, parts, None)
            yield some


def in_short_parts(some: Sequence[Prepared], wishes: Wishes) -> Iterator[Sequence[Prepared]]:
    """Wrapping a weak hash takes as long as a sign-in: nobody else's writing waits for thousands of them."""
    are_wrapped = wishes.takes_passwords and not wishes.dry_run and any(map(has_weak_hash, some))
    size = WRAPPED_AT_ONCE if are_wrapped else LINES_AT_ONCE
    return (some[start : start + size] for start in range(0, len(some), size))


def has_weak_hash(one: Prepared) -> bool:
    if not isinstance(one, Candidate) or not one.person.password_hash:
        return False
    try:
        return read_old_hash(one.person.password_hash, salt=one.person.salt).weak
    except UnusableHashError:
        return True  # of a kind that is told by where its salt is


def with_addresses_of_now(
    changes: Sequence[tuple[int, dict[str, Any]]], known: Iterable[Known]
) -> list[tuple[int, dict[str, Any]]]:
    """An address that its owner has confirmed while these lines were judged is not written over."""
    before = {row.id: (row.email, row.email_key) for row in known}
    now = hold_addresses([pk for pk, _ in changes])
    others = {pk: held for pk, held in now.items() if held != before[pk]}
    return [
        (pk, {**after, "email": others[pk][0], "email_key": others[pk][1]} if pk in others else after)
        for pk, after in changes
    ]


def does_not_fit(one: Candidate) -> bool:
    return one.is_too_long or len(one.institution) > INSTITUTION_CODE_LENGTH


class Importer:
    """What one import knows from part to part."""

    def __init__(self, portal: Portal, hashing: Hashing, wishes: Wishes, report: Report, now: datetime) -> None:
        self.portal, self.hashing, self.wishes, self.now = portal, hashing, wishes, now
        self.signs_in_by_address = portal.sign_in.identifier is not IdentifierKind.USERNAME
        self.report = report
        self.outcome = Outcome()
        self.numbers = Numbers()
        self.sizes_told_at = 1
        # Where accounts are written as they are read, those of this file are told by their numbers.
        self.notes_keys = wishes.complete or wishes.dry_run
        self.newest_before = newest_account()
        self.works = set(old_works(portal.slug))
        self.first_passwords: list[tuple[int, str, str]] = []  # of accounts that were known without one
        self.codes_of_lines: dict[tuple[str, str], str] = {}
        self.codes = codes_by_external_id(portal.slug)  # AAF calls institutions by a key of its own
        self.known_names = codes_by_name(portal.slug)  # and lists often by their names
        self.presence = Presence(portal.slug)
        self.guardians = GuardianLinks(portal.slug, self.open_to_us)

    def take(self, some: Sequence[Prepared]) -> None:
        """One part of the file, in one transaction."""
        self.outcome.read += len(some)
        people = list(self.readable(some))
        known = self.known(people)
        helpers = self.helpers(known.values())
        used = self.addresses_used(people)
        new: list[tuple[Candidate, dict[str, Any]]] = []
        changes: list[tuple[int, dict[str, Any]]] = []
        taken: list[Candidate] = []
        for one in people:
            row = known.get(one)
            refusal = self.refusal(one, row, helpers)
            if refusal:
                self.refuse(one.person, refusal)
                continue
            if row is None:
                new.append((one, self.values(one)))
            else:
                taken.append(one)
                changes += self.change(one, row, used)
        added = list(self.named(new, used))
        taken += [one for one, _ in added]
        if self.wishes.complete:
            self.see_who_is_there(some, people, known, taken)
        if not self.wishes.dry_run:
            self.make_known(people)
            add_accounts([values for _, values in added])
            self.tell_sizes()
            change_accounts(with_addresses_of_now(changes, known.values()))
            self.forget_consents(changes, known.values())
            self.give_first_passwords()
            self.guardians.link([(one.person, one.institution) for one in taken])

    def forget_consents(self, changes: Sequence[tuple[int, dict[str, Any]]], known: Iterable[Known]) -> None:
        """Of children for whom somebody answers no longer."""
        before = {row.id: row.guardians for row in known if row.guardians}
        lost = [
            child
            for child, after in changes
            if child in before and not set(classes_of(before[child])) <= set(classes_of(after["guardians"]))
        ]
        forget_consents_for(self.portal.slug, lost)

    def open_to_us(self, rows: Collection[Known]) -> list[Known]:
        """Those whom this import may touch (ATT-53)."""
        helpers = self.helpers(rows)
        return [row for row in rows if self.reaches(row.institution) and str(row.id) not in helpers]

    def addresses_used(self, people: Sequence[Candidate]) -> set[str]:
        """Where one may sign in by address, an address that two accounts share signs in to none."""
        if not self.signs_in_by_address:
            return set()
        keys = {one.email for one in people} | {one.identifier for one in people}
        return addresses_among(self.portal.slug, keys - {""})

    def tell_sizes(self) -> None:
        """Each time that many more have come than were there."""
        if self.outcome.created >= self.sizes_told_at:
            self.sizes_told_at = self.outcome.created * GROWS_BY
            tell_sizes()

    def readable(self, some: Sequence[Prepared]) -> Iterator[Candidate]:
        """The people of this part, each once; what is told of the others goes to the report."""
        found: list[Candidate] = []
        for line in some:
            match line:
                case LineRefusal():
                    self.say(Said(line.line, line.code.value, line.shown, line.column, line.cells), refused=True)
                case InstitutionLine():
                    self.institution(line)
                case Candidate():
                    found.append(line)
        for one in found:
            one.institution = self.code_of(one.person)  # wherever in this part its institution was told
        fitting = [one for one in found if self.fits(one)]
        keys = [one.person.external_id for one in fitting if one.person.external_id]
        again = seen_before(keys) if self.notes_keys else set()
        bare: set[Hashable] = set()
        for one in fitting:
            external_id, alike = one.person.external_id, (one.institution, one.alike)
            if external_id in again or alike in bare:
                self.refuse(one.person, "seen_before")
                continue
            if external_id:
                again.add(external_id)
            if one.alike:
                bare.add(alike)
            yield one

    def fits(self, one: Candidate) -> bool:
        """In our columns; small letters may be more than the capitals they come from."""
        if does_not_fit(one):
            self.refuse(one.person, "too_long_for_us")
            return False
        return True

    def institution(self, line: InstitutionLine) -> None:
        known = self.codes.get(line.external_id, "")
        code = line.code or known or line.external_id
        if line.departed:  # its people are told of one by one
            self.say(Said(line.line, "institution_gone", code, cells=line.cells), refused=False)
        elif line.changed is not None and not known and not line.code:
            self.say(Said(line.line, "unknown_to_change", cells=line.cells), refused=True)
        elif len(code) > INSTITUTION_CODE_LENGTH or len(line.external_id) > LONGEST_ID:
            self.say(Said(line.line, "too_long_for_us", line.name, cells=line.cells), refused=True)
        else:
            self.keep_institution(line, code)

    def keep_institution(self, line: InstitutionLine, code: str) -> None:
        self.codes[line.external_id] = code
        self.codes_of_lines.clear()
        if not self.wishes.dry_run and self.reaches(code):
            self.known_names |= {code: code, name_key(line.name or code): code}
            keep_institution(self.portal.slug, code, line.name, external_id=line.external_id)

    def code_of(self, person: PersonLine) -> str:
        told = (person.institution, person.institution_name)
        found = self.codes_of_lines.get(told)
        if found is None:
            found = self.codes_of_lines[told] = self.find_code(person)
        return found

    def find_code(self, person: PersonLine) -> str:
        """By its code, by its name, else the only one that may be touched."""
        code = self.codes.get(person.institution, person.institution)
        if code:
            return code
        if person.institution_name:
            key = name_key(person.institution_name)
            return self.known_names.get(key, person.institution_name[:INSTITUTION_CODE_LENGTH])
        within = self.wishes.within
        return next(iter(within)) if within is not None and len(within) == 1 else ""

    def make_known(self, people: Sequence[Candidate]) -> None:
        """Institutions that a list names for the first time, where it may."""
        if self.wishes.within is not None:
            return
        new: dict[str, str] = {}
        for code, name in dict.fromkeys((one.institution, one.person.institution_name) for one in people):
            key = name_key(name) if name else code
            if code and key not in self.known_names:
                self.known_names[key] = code
                new[code] = name or code
        add_institutions(self.portal.slug, new)

    def reaches(self, institution: str) -> bool:
        return self.wishes.within is None or institution in self.wishes.within

    # Who is known

    def known(self, people: Sequence[Candidate]) -> dict[Candidate, Known]:
        """The account that each line is about, where there is one: by the file's id, by identifier, else by name, birth
        date and institution.
        """
        slug = self.portal.slug
        rows = by_external_id(slug, [one.person.external_id for one in people if one.person.external_id])
        found = {one: rows[one.person.external_id] for one in people if one.person.external_id in rows}
        named = [one for one in people if one.identifier and one not in found]
        by_name = by_identifier(slug, [one.identifier for one in named])
        found.update({one: by_name[one.identifier] for one in named if one.identifier in by_name})
        found.update(self.known_by_birth([one for one in people if one.alike and one not in found]))
        return found

    def known_by_birth(self, bare: Sequence[Candidate]) -> dict[Candidate, Known]:
        """Only where the file gives no id at all: two people of one name and birth date are told apart by nothing."""
        found: dict[Candidate, Known] = {}
        for institution in {one.institution for one in bare}:
            here = [one for one in bare if one.institution == institution]
            rows = by_last_name(self.portal.slug, institution, [one.person.last_name for one in here])
            keyed = {who(row, classes_of(row.classes)): row for row in rows if not row.external_id}
            found.update({one: keyed[one.alike] for one in here if one.alike in keyed})
        return found

    def helpers(self, rows: Iterable[Known]) -> set[str]:
        if self.wishes.touch_helpers:
            return set()
        return helpers_among(self.portal.slug, [str(row.id) for row in rows])

    def refusal(self, one: Candidate, row: Known | None, helpers: set[str]) -> str:
        """Why a line is not taken, if it is not."""
        if not self.reaches(one.institution):
            return "not_your_institution"
        if row is None and one.person.changed is not None:
            return "unknown_to_change"
        if row is None:
            return "closed_before_known" if one.person.departed else ""
        return self.refusal_of_known(one.person, row, helpers)

    def refusal_of_known(self, person: PersonLine, row: Known, helpers: set[str]) -> str:
        """A list changes nobody elsewhere, nobody who helps, and reopens nothing (ATT-53)."""
        if not self.reaches(row.institution):
            return "elsewhere"
        if str(row.id) in helpers:
            return "helps_others"
        if row.state == AccountState.DISABLED:
            return "closed"
        if person.external_id and row.external_id not in ("", person.external_id):
            return "identifier_taken"
        return "seen_before" if row.id > self.newest_before else ""

    # What is written

    def values(self, one: Candidate) -> dict[str, Any]:
        person = one.person
        password, work = self.password(person)
        state = AccountState.ACTIVE if password else AccountState.NOT_ACTIVATED
        departed = person.has_left(self.now.date())
        self.outcome.departed += departed
        self.outcome.institutions.add(one.institution)
        return {
            **one.facts,
            "institution": one.institution,
            "portal": self.portal.slug,
            "audience": self.portal.audience,
            "external_id": person.external_id,
            "state": (AccountState.LEGACY if self.wishes.legacy else state).value,
            "password": password,
            "old_work": work,
            "must_change": False,
            "departed_at": self.now if departed else None,
        }

    def password(self, person: PersonLine) -> tuple[str, str]:
        """What is kept of the hash that the file gives, and what verifying it costs. None that can be used: the account
        waits for its first password, and the report says so.
        """
        if not person.password_hash:
            return "", ""
        if not self.wishes.takes_passwords:
            self.remark(person, "password_not_taken")
            return "", ""
        try:
            old = read_old_hash(
                person.password_hash, salt=person.salt, salt_place=self.wishes.salt if person.salt else SaltPlace.NONE
            )
            if old.work and old.work not in self.works and len(self.works) >= MOST_WORKS:
                self.remark(person, "hash_too_costly")  # every sign-in does each of them
                return "", ""
            self.works |= {old.work} - {""}
            if self.wishes.dry_run:
                return NOT_WRITTEN, ""
            return stored_form(old, self.hashing), old.work or (WRAPPED if old.weak else "")
        except UnusableHashError as error:
            self.remark(person, f"hash_{error.reason.value}")
            return "", ""

    def change(self, one: Candidate, row: Known, used: set[str]) -> list[tuple[int, dict[str, Any]]]:
        """Nothing where the account is as the file says. An address that its owner uses stays theirs, and one that
        signs somebody else in is not given to two.
        """
        self.outcome.institutions.add(one.institution)
        told = self.told(one, row)
        if (row.email and row.state == AccountState.ACTIVE) or told.get("email_key") in used:
            told = {column: value for column, value in told.items() if column not in ("email", "email_key")}
        before = {column: getattr(row, column) for column in CHANGED}
        after = {**before, **told}
        if not self.finds_first_password(one.person, row) and after == before:
            self.outcome.unchanged += 1
            return []
        self.outcome.changed += 1
        if before["departed_at"] is None:
            self.outcome.departed += after["departed_at"] is not None
        elif after["departed_at"] is None:
            shown = f"{after['first_name']} {after['last_name']}".strip() or row.identifier_key
            self.remark(one.person, "returned", shown)
        return [(row.id, after)]

    def finds_first_password(self, person: PersonLine, row: Known) -> bool:
        """In the hash of a list that is imported again: `--salt` may have been forgotten the first time. Never for an
        account that had been activated.
        """
        if row.has_password or row.state not in WAITS or not self.wishes.takes_passwords:
            return False
        password, work = self.password(person)
        if password and not self.wishes.dry_run:
            self.first_passwords.append((row.id, password, work))
        return bool(password)

    def give_first_passwords(self) -> None:
        """What was printed to activate these accounts is of no use any more."""
        give_first_passwords(self.first_passwords)
        for reference, _, _ in self.first_passwords:
            forget_code(str(reference))
        self.first_passwords.clear()

    def told(self, one: Candidate, row: Known) -> dict[str, Any]:
        """What the file tells of somebody known: an empty cell takes nothing away, but where a delta says that it was
        emptied. Whoever is in the file is there, unless it tells that they left: on the day when it first did.
        """
        emptied = one.person.changed or ()
        told = {column: value for column, value in one.facts.items() if value or EMPTIED.get(column) in emptied}
        if one.institution:
            told["institution"] = one.institution
        if "$" in told.get("classes", ""):
            own = told.get("institution", row.institution)
            told["classes"] = kept_classes([self.bare(name, own) for name in one.person.classes])
        told["departed_at"] = (row.departed_at or self.now) if one.person.has_left(self.now.date()) else None
        return told

    def bare(self, name: str, institution: str) -> str:
        """A delta that leaves out the institution writes `INSTITUTION$CLASS`, by the key that AAF gives it."""
        key, _, bare = name.partition("$")
        return bare if bare and self.codes.get(key) == institution else name

    # Identifiers

    def named(
        self, new: Sequence[tuple[Candidate, dict[str, Any]]], used: set[str]
    ) -> Iterator[tuple[Candidate, dict[str, Any]]]:
        """Gives each new account its identifier, and refuses those whose own is somebody else's."""
        names = NewIdentifiers(self.portal.slug, self.numbers, [one.wanted for one, _ in new])
        for one, values in new:
            if one.wanted in used or one.email in used:
                self.refuse(one.person, "address_taken")
                continue
            key = one.identifier or names.free(one.wanted)
            if not key or (one.identifier and key in names.taken):
                self.refuse(one.person, "identifier_taken" if one.identifier else "no_identifier")
                continue
            names.taken.add(key)
            if self.signs_in_by_address:
                used |= {key, one.email} - {""}
            self.outcome.created += 1
            if key != one.wanted:
                self.remark(one.person, "homonym", key)
            values["identifier"] = one.person.identifier or key
            values["identifier_key"] = key
            yield one, values

    # Who is there

    def see_who_is_there(
        self,
        some: Sequence[Prepared],
        people: Sequence[Candidate],
        known: Mapping[Candidate, Known],
        taken: Sequence[Candidate],
    ) -> None:
        """In a list that is all there is: those too whose line was refused, or gives no number that is theirs."""
        self.presence.see_accounts(row for one, row in known.items() if row.external_id != one.person.external_id)
        shown = [
            Shown(one.line, one.cells, one.about, self.code_of(one.about), refused=True)
            for one in some
            if isinstance(one, LineRefusal) and one.about
        ]
        unfit = [one for one in some if isinstance(one, Candidate) and does_not_fit(one)]
        bare = [one for one in people if not one.person.external_id and one not in known]
        here = unfit + [one for one in bare if not one.person.has_left(self.now.date())]
        well_taken = set(taken)
        shown += [
            Shown(one.line, one.person.cells, one.person, one.institution, refused=one not in well_taken)
            for one in here
        ]
        for unsure in self.presence.see(shown):
            code = "departures_unsure" if unsure.institution == EVERYWHERE else "departures_unsure_here"
            self.say(Said(unsure.line, code, unsure.institution, cells=unsure.cells), refused=False)

    # What is told

    def refuse(self, person: PersonLine, code: str) -> None:
        shown = f"{person.first_name} {person.last_name}".strip()
        self.say(Said(person.line, code, shown, cells=person.cells), refused=True)

    def remark(self, person: PersonLine, code: str, shown: str = "") -> None:
        self.say(Said(person.line, code, shown, cells=person.cells), refused=False)

    def say(self, said: Said, *, refused: bool) -> None:
        self.outcome.refused += refused
        self.outcome.remarks += not refused
        self.report(said, refused)

    def end(self) -> None:
        """Where the file is all there is, whoever is not in it has left: they are flagged, and nothing else happens."""
        self.guardians.unlink()
        if not self.wishes.complete:
            return
        gone = list(absent(self.portal.slug, filter(self.reaches, self.presence.judged(self.outcome.institutions))))
        self.outcome.departed += len(gone)
        if not self.wishes.dry_run:
            with transaction.atomic():
                flag_departed(self.portal.slug, gone, self.now)
