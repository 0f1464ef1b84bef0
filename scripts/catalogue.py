#!/usr/bin/env python
"""Keeps the one catalogue of translations: `catalogue.py extract | compile | check`.

French sentences in the sources are the keys; `fr` repeats them (Django's own catalogue would otherwise answer
for a word that it happens to know too) and gives their plurals. Needs Babel and Django, not GNU gettext.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "retrouve"
LOCALE = SOURCES / "messages" / "locale"
SOURCE_LANGUAGE = "fr"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = "# The sentences of Retrouve. `scripts/catalogue.py extract` keeps this file in step with the sources.\n#"

WRITTEN_ON = datetime(2026, 11, 20, tzinfo=UTC)  # fixed: a date that moves makes every change a conflict

_HOLES = re.compile(r"\{[a-z_]+\}|%\([a-z_]+\)[sd]")
_NO_BREAK = re.compile("[\u00a0\u202f]")
_TAG = re.compile(r"<[^<>]*>")
_CHARACTER_RANGE = re.compile(r"\('.'-'.'\)")  # ('0'-'9'), as a guide prints it
_FAULTS = {
    "U+00A0 is due before “:”": re.compile(r"[^\u00a0]:(?=\s|$)"),
    "U+202F is due before “;”, “!” and “?”": re.compile(r"[^\u202f?!][;!?](?=\s|$)"),
    "the apostrophe is ’ (U+2019)": re.compile(r"'"),
    "quotation marks are « »": re.compile(r'"'),
    "a no-break space is due inside « »": re.compile(r"«[^\u00a0\u202f]|[^\u00a0\u202f]»"),
    "the ellipsis is …": re.compile(r"\.\.\."),
    "the message is a “courriel”, the place an “adresse électronique”": re.compile(r"\be-mail", re.IGNORECASE),
}

MessageKey = str | tuple[str, ...] | list[str]


def messages_in_sources() -> Catalog:
    catalogue = Catalog(domain="django", charset="utf-8")
    for path in sorted(SOURCES.rglob("*")):
        for key, context in _messages_in(path):
            catalogue.add(key, locations=[(str(path.relative_to(ROOT)), 0)], context=context)
    return catalogue


def _messages_in(path: Path) -> Iterator[tuple[MessageKey, str | None]]:
    if path.suffix not in {".py", ".html", ".txt"} or (path.suffix == ".txt" and "templates" not in path.parts):
        return
    source = BytesIO(_as_python(path).encode())
    for _line, key, _comments, context in extract("python", source, KEYWORDS, options={"encoding": "utf-8"}):
        yield key, context


def _as_python(path: Path) -> str:
    """A template becomes calls among blanked text; unindented, for Python's own reader takes it for code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text).splitlines())


def languages() -> list[str]:
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


def read(language: str) -> Catalog:
    path = _po(language)
    if not path.exists():
        return Catalog(locale=language, domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def _po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def do_extract() -> int:
    found = messages_in_sources()
    for language in languages():
        fresh = _brought_up_to_date(language, found)  # read before the file is opened, thus emptied
        with _po(language).open("wb") as file:
            write_po(file, fresh, width=0, include_lineno=False)
    return 0


def _brought_up_to_date(language: str, found: Catalog) -> Catalog:
    """The sentences of the sources with the translations there are; what is no longer said is dropped."""
    known = {_loosely(message): message.string for message in _messages(read(language))}
    fresh = Catalog(
        locale=language,
        domain="django",
        header_comment=HEADER,
        project="retrouve",
        version="1",
        msgid_bugs_address=" ",
        last_translator=" ",
        language_team=" ",
        creation_date=WRITTEN_ON,
        revision_date=WRITTEN_ON,
        fuzzy=False,
    )
    for message in _messages(found):
        string = message.id if language == SOURCE_LANGUAGE else known.get(_loosely(message), "")
        fresh.add(message.id, string, message.locations, context=message.context)
    return fresh


def _loosely(message: Message) -> tuple[str, ...]:
    """A sentence whose spaces were mended keeps its translation."""
    return (message.context or "", *(_NO_BREAK.sub(" ", form) for form in _forms(message.id)))


def do_compile() -> int:
    for language in languages():
        target = _po(language).with_suffix(".mo")
        unfinished = target.with_suffix(f".{os.getpid()}.part")  # several test processes may compile at once
        with unfinished.open("wb") as file:
            write_mo(file, read(language))
        unfinished.replace(target)
    return 0


def do_check() -> int:
    """Every sentence well written in French, and translated with the same holes; none left over."""
    found = messages_in_sources()
    faults = [*_typography(found)]
    for language in languages():
        faults += _gaps(language, found, read(language))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def _typography(found: Catalog) -> Iterator[str]:
    for message in _messages(found):
        for text in _forms(message.id):
            yield from (f"{_place(message)}: {fault}: {text!r}" for fault in faults_of(text))


def faults_of(text: str) -> list[str]:
    """Which rules of French typography a sentence breaks; tags and ('0'-'9') are left out of it."""
    plain = _CHARACTER_RANGE.sub("", _TAG.sub("", text))
    return [name for name, pattern in _FAULTS.items() if pattern.search(plain)]


def _gaps(language: str, found: Catalog, translated: Catalog) -> Iterator[str]:
    for message in _messages(found):
        translation = translated.get(message.id, message.context)
        if translation is None or translation.fuzzy or not _whole(translation.string):
            yield f"{_place(message)}: no translation ({language}): {_forms(message.id)[0]!r}"
        elif _holes(translation.string) != _holes(message.id):
            yield f"{_place(message)}: other holes in the translation ({language}): {_forms(message.id)[0]!r}"
    for message in _messages(translated):
        if found.get(message.id, message.context) is None:
            yield f"{_po(language).relative_to(ROOT)}: no longer used: {_forms(message.id)[0]!r}"


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _forms(key: MessageKey | None) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key or ())


def _whole(translation: MessageKey | None) -> bool:
    return bool(translation) and all(_forms(translation))


def _holes(key: MessageKey | None) -> set[str]:
    return {hole for form in _forms(key) for hole in _HOLES.findall(form)}


def _place(message: Message) -> str:
    return ", ".join(sorted({path for path, _line in message.locations}))


VERBS = {"extract": do_extract, "compile": do_compile, "check": do_check}


def main(arguments: Iterable[str]) -> int:
    verb = VERBS.get(" ".join(arguments))
    if verb is None:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return verb()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
