"""People and institutions of France's *annuaire fédérateur* (AAF, second degree), whole or what changed since.

A genuine file names its DTD, `<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">`: that very line is let through and
the DTD never looked for. Any other declaration, entity or reference is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from retrouve.files.cells import READERS, tidy_cell
from retrouve.files.people import (
    FileRefusal,
    InstitutionLine,
    LineRefusal,
    PersonLine,
    Profile,
    RefusalCode,
    RefusedCellError,
    UnreadableFileError,
    person_of,
    shortened,
)
from retrouve.files.text_lines import MOST_IN_A_LINE, BoundedBytes, other_kind

ROOT = "ficAlimMENESR"
DTD = "ficAlimMENESR.dtd"
REQUESTS = frozenset({"addRequest", "modifyRequest", "deleteRequest"})
DEEPEST = 8
LONGEST_TAG = 1024 * 1024  # what expat may hold back while a tag or a comment does not end

TEACHES = "PersEducNatPresenceDevantEleves"
FUNCTIONS = "ENTPersonFonctions"
CATEGORIES: Mapping[str, Profile | None] = {
    "Eleve": Profile.PUPIL,
    "PersRelEleve": Profile.GUARDIAN,
    "PersEducNat": None,  # a teacher or not: `profile_of` looks further
}
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "last_name": ("sn",),
    "first_name": ("givenName",),
    "email": ("mail",),
    "mobile": ("mobile",),
    "birth_date": ("ENTPersonDateNaissance",),
    "institution": ("ENTPersonStructRattach", "ENTEleveStructRattachId"),
    "level": ("ENTEleveNivFormation",),
}
CLASSES = ("ENTEleveClasses", "ENTAuxEnsClasses", "ENTAuxEnsClassesMatieres")
GUARDIANS = "ENTElevePersRelEleve"
LEGAL_GUARDIANS = frozenset({"1", "2"})
LEGAL_PLACE = 3  # key $ relation $ pays $ legal guardian $ contact $ is paid

# What `cells` holds of a person or institution.
REPORTED_HEADER = ("categorie", "id", "sn", "givenName", "fichier")


@dataclass
class Request:
    line: int
    kind: str
    identifier: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0

    @property
    def category(self) -> str:
        return self.first("categoriePersonne")

    @property
    def too_long(self) -> bool:
        return self.size > MOST_IN_A_LINE

    def first(self, *names: str) -> str:
        """The first value of these attributes that is not empty."""
        return next((value for name in names for value in self.values.get(name, ()) if value.strip()), "")

    def add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def read_aaf(streams: Iterable[tuple[str, BinaryIO]]) -> Iterator[PersonLine | LineRefusal | InstitutionLine]:
    """What each file (its name, its bytes) tells, in its order; `line` is where the request begins in `file`.

    Raises `UnreadableFileError`, which names the file, when reading comes to what is not AAF. Pupils name their legal
    `guardians`, guardians no children. A `class` is written bare when it is of the person's own institution, else as
    AAF has it, `INSTITUTION$CLASS`: a delta may leave out the institution. What a delta leaves out is not in `changed`.
    """
    for name, stream in streams:
        try:
            for request in requests(stream):
                if (found := read_request(request, name)) is not None:
                    yield found
        except UnreadableFileError as error:
            raise UnreadableFileError(error.code, **(error.values | {"file": name})) from None


def requests(stream: BinaryIO) -> Iterator[Request]:
    bounded = BoundedBytes(stream)
    reader = RequestReader()
    for chunk in bounded:
        if bounded.seen == len(chunk) and (refusal := other_kind(chunk)):
            raise UnreadableFileError(refusal)
        reader.feed(chunk)
        yield from reader.taken()
    if not bounded.seen:
        raise UnreadableFileError(FileRefusal.EMPTY)
    reader.feed(b"", final=True)
    yield from reader.taken()


class RequestReader:
    """expat's events into requests: whatever the size of the file, one is held at a time."""

    def __init__(self) -> None:
        self.depth = 0
        self.fed = 0
        self.request: Request | None = None
        self.attribute = ""
        self.text: list[str] | None = None
        self.done: list[Request] = []
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = forbidden
        parser.UnparsedEntityDeclHandler = forbidden
        parser.NotationDeclHandler = forbidden
        parser.ExternalEntityRefHandler = forbidden
        parser.SkippedEntityHandler = forbidden

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self.parser.Parse(chunk, final)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that nobody knows
            raise UnreadableFileError(FileRefusal.NOT_XML, line=str(self.parser.CurrentLineNumber)) from None
        self.fed += len(chunk)
        if self.fed - self.parser.CurrentByteIndex > LONGEST_TAG:
            raise UnreadableFileError(FileRefusal.NOT_XML, line=str(self.parser.CurrentLineNumber))

    def taken(self) -> list[Request]:
        taken, self.done = self.done, []
        return taken

    def doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        if (name, system, public, bool(has_subset)) != (ROOT, DTD, None, False):
            forbidden()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if (self.depth == 1 and name != ROOT) or self.depth > DEEPEST:
            raise UnreadableFileError(FileRefusal.NOT_AAF, line=str(self.parser.CurrentLineNumber))
        if self.depth == 2 and name in REQUESTS:  # noqa: PLR2004  right under the root
            self.request = Request(self.parser.CurrentLineNumber, name)
        if self.request is None:
            return
        self.request.size += len(name)
        if name in ("attr", "modification"):
            self.attribute = attributes.get("name", "")
        if name in ("value", "id"):
            self.text = []

    def characters(self, text: str) -> None:
        if self.text is not None and self.request is not None:
            self.request.size += len(text)
            if not self.request.too_long:
                self.text.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.request is None:
            return
        if self.text is not None and not self.request.too_long:
            self.keep(name, "".join(self.text), self.request)
        if name in ("value", "id"):
            self.text = None
        if self.depth == 1:
            self.done.append(self.request)
            self.request = None

    def keep(self, name: str, text: str, request: Request) -> None:
        if name == "value":
            request.add(self.attribute, text)
        elif name == "id":
            request.identifier = text


def forbidden(*_told: object) -> NoReturn:
    raise UnreadableFileError(FileRefusal.FORBIDDEN_XML)


def read_request(request: Request, file: str) -> PersonLine | LineRefusal | InstitutionLine | None:
    """None for what is neither a person nor a school: subjects, services."""
    is_person = "categoriePersonne" in request.values
    if not is_person and request.first("categorieStructure") != "EtabEducNat":
        return None
    if request.too_long:
        return refused(request, file, RefusalCode.TOO_LONG)
    if is_person and request.category not in CATEGORIES:
        return refused(request, file, RefusalCode.UNKNOWN_PROFILE, "categoriePersonne")
    try:
        return person(request, file) if is_person else institution(request, file)
    except RefusedAttributeError as error:
        return refused(request, file, error.code, error.name)


class RefusedAttributeError(Exception):
    def __init__(self, code: RefusalCode, name: str) -> None:
        super().__init__(code.value)
        self.code = code
        self.name = name


def refused(request: Request, file: str, code: RefusalCode, attribute: str = "") -> LineRefusal:
    about = somebody(request) if request.category else None
    cells = reported_cells(request, file)
    return LineRefusal(request.line, code, attribute, shortened(request.first(attribute)), cells, file, about)


def reported_cells(request: Request, file: str) -> tuple[str, ...]:
    category = request.category or request.first("categorieStructure")
    return category, request.identifier, request.first("sn"), request.first("givenName"), file


def somebody(request: Request) -> PersonLine:
    """Who the request is about, as far as it can be read."""
    told: dict[str, Any] = {"line": request.line}
    with suppress(RefusedAttributeError):
        told["external_id"] = person_key(request)
    for name in ("last_name", "first_name", "institution"):
        with suppress(RefusedAttributeError):
            told[name] = read_attribute(request, name, *ATTRIBUTES[name])
    return person_of(told)


def institution(request: Request, file: str) -> InstitutionLine | LineRefusal:
    key = read_attribute(request, "external_id", "ENTStructureJointure") or read_identifier(request)
    if not key:
        return refused(request, file, RefusalCode.NO_KEY)
    names = {"code": ("ENTStructureUAI", "ENTEtablissementUAI"), "name": ("ENTStructureNomCourant",)}
    return InstitutionLine(
        request.line,
        key,
        code=read_attribute(request, "institution", *names["code"]),
        name=read_attribute(request, "institution_name", *names["name"]),
        departed=request.kind == "deleteRequest",
        changed=frozenset(told_fields(request, names)) if request.kind == "modifyRequest" else None,
        file=file,
        cells=reported_cells(request, file),
    )


def person_key(request: Request) -> str:
    return read_attribute(request, "external_id", "ENTPersonJointure") or read_identifier(request)


def person(request: Request, file: str) -> PersonLine | LineRefusal:
    key = person_key(request)
    if not key:
        return refused(request, file, RefusalCode.NO_KEY)
    told: dict[str, Any] = {"line": request.line, "file": file, "cells": reported_cells(request, file)}
    told |= {"external_id": key, "profile": profile_of(request)}
    if request.kind == "deleteRequest":
        return person_of(told | {"departed": True})
    told |= facts(request)
    if request.kind == "modifyRequest":
        told["changed"] = frozenset(told_fields(request, ATTRIBUTES)) | changed_lists(request)
    elif not told["last_name"] and not told["first_name"]:
        return refused(request, file, RefusalCode.NO_NAME, "sn")
    return person_of(told)


def facts(request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {name: read_fact(request, name, *names) for name, names in ATTRIBUTES.items()}
    told["birth_date"] = told["birth_date"] or None
    told["classes"] = classes(request, told["institution"])
    told["guardians"] = guardians(request)
    return told


def told_fields(request: Request, table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    return (name for name, attributes in table.items() if not request.values.keys().isdisjoint(attributes))


def changed_lists(request: Request) -> frozenset[str]:
    table = {"classes": CLASSES, "guardians": (GUARDIANS,)}
    if request.category == "PersEducNat":
        table["profile"] = (TEACHES, FUNCTIONS)
    return frozenset(told_fields(request, table))


def profile_of(request: Request) -> Profile | None:
    """Whoever stands before pupils is a teacher; None where a delta does not tell."""
    profile = CATEGORIES[request.category]
    told = not request.values.keys().isdisjoint((TEACHES, FUNCTIONS))
    if profile or (request.kind != "addRequest" and not told):
        return profile
    teaches = request.first(TEACHES).strip() == "O" or any(
        "$ENS$" in function for function in request.values.get(FUNCTIONS, ())
    )
    return Profile.TEACHER if teaches else Profile.STAFF


def classes(request: Request, own: str) -> tuple[str, ...]:
    """`3EME1` of `7001$3EME1`, or of `7001$3EME1$SUBJECT`, when 7001 is the person's own institution."""
    found = [value for name in CLASSES for value in tidied(request, "classes", name)]
    return tuple(dict.fromkeys(class_name(value, own) for value in found))


def class_name(value: str, own: str) -> str:
    school, dollar, rest = value.partition("$")
    bare = rest.partition("$")[0]
    if not dollar:
        return value
    return bare if school == own else f"{school}${bare}"


def guardians(request: Request) -> tuple[str, ...]:
    """Those who answer for the pupil in law: whoever is only to be called is nobody's guardian here."""
    found = [value.split("$") for value in tidied(request, "guardians", GUARDIANS)]
    legal = [parts[0] for parts in found if len(parts) <= LEGAL_PLACE or parts[LEGAL_PLACE] in LEGAL_GUARDIANS]
    return tuple(dict.fromkeys(legal))


def tidied(request: Request, name: str, attribute: str) -> Iterator[str]:
    with naming(attribute):
        for value in request.values.get(attribute, ()):
            if cell := tidy_cell(value, name):
                yield cell


def read_identifier(request: Request) -> str:
    with naming("id"):
        return tidy_cell(request.identifier, "external_id")


def read_attribute(request: Request, name: str, *attributes: str) -> str:
    with naming(attributes[0]):
        return tidy_cell(request.first(*attributes), name)


def read_fact(request: Request, name: str, *attributes: str) -> object:
    """The attribute's text, or what the reader of that field makes of it."""
    cell = read_attribute(request, name, *attributes)
    if name not in READERS or not cell:
        return cell
    with naming(attributes[0]):
        return READERS[name](cell)


@contextmanager
def naming(attribute: str) -> Iterator[None]:
    """Whatever is refused inside is this attribute's fault."""
    try:
        yield
    except RefusedCellError as error:
        raise RefusedAttributeError(error.code, attribute) from None
