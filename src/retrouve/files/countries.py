"""A country as lists write it, by its code or its name, becomes the code that accounts keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from retrouve.domain.countries import is_country
from retrouve.domain.identifiers import name_key
from retrouve.files.people import RefusalCode, RefusedCellError

LANGUAGES = ("fr", "nl", "de", "en")
OTHER_NAMES = {
    "États-Unis d’Amérique": "US",
    "United States of America": "US",
    "Grande-Bretagne": "GB",
    "Great Britain": "GB",
    "Hollande": "NL",
    "Holland": "NL",
    "République tchèque": "CZ",
    "Czech Republic": "CZ",
}


@lru_cache(maxsize=1024)
def read_country(cell: str) -> str:
    """`BE`, `BEL`, `Belgique`, `België`, `Belgien` or `Belgium`: never the first letters of a name."""
    try:
        return codes()[name_key(cell)]
    except KeyError:
        raise RefusedCellError(RefusalCode.UNKNOWN_COUNTRY) from None


@cache
def codes() -> Mapping[str, str]:
    """By the name or code, without accents and case."""
    return {name_key(name): code for name, code in known_names() if is_country(code)}


def known_names() -> Iterator[tuple[str, str]]:
    yield from OTHER_NAMES.items()
    for alias, replaced in get_global("territory_aliases").items():  # ISO's three letters among them
        if alias.isalpha() and len(replaced) == 1:
            yield alias, replaced[0]
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            yield name, code
            yield code, code
