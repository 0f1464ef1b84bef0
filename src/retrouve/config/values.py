"""Values as operators write them: texts in several languages, durations, colours, addresses.

Each parser raises `PydanticCustomError` whose type is a code of `sentences`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from retrouve.domain.texts import Text

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
DURATION = re.compile(r"([0-9]{1,6})([smhd])")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MAIL_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


def wrong(code: str, **values: str) -> PydanticCustomError:
    return PydanticCustomError(code, "refused", values)  # a code is one of `sentences`


def parse_text(given: object, info: ValidationInfo) -> Text:
    languages: tuple[str, ...] = (info.context or {}).get("languages") or ("fr",)
    if isinstance(given, str):
        given = {languages[0]: given}
        languages = languages[:1]
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise wrong(
            "wrong_type",
            expected_fr="un texte, ou un texte par langue",
            expected_en="a text, or a text per language",
        )
    unknown = [language for language in given if language not in languages]
    if unknown:
        raise wrong("unknown_language", known=", ".join(languages))
    missing = [language for language in languages if language not in given]
    if missing:
        raise wrong("missing_language", languages=", ".join(missing))
    return Text(tuple((language, given[language]) for language in languages))


def parse_duration(given: object) -> timedelta:
    match = DURATION.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise wrong("bad_duration")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def parse_colour(given: object) -> str:
    if not isinstance(given, str) or not COLOUR.fullmatch(given):
        raise wrong("bad_colour")
    return given.lower()


def parse_mail_address(given: object) -> str:
    if not isinstance(given, str) or not MAIL_ADDRESS.fullmatch(given):
        raise wrong("bad_address")
    return given


def parse_url(given: object) -> str:
    if not isinstance(given, str) or not is_safe_url(given):
        raise wrong("bad_url")
    return given


def is_safe_url(url: str) -> bool:
    """Absolute, https unless it is this machine's, without credentials or what browsers read in another way."""
    if any(character.isspace() or character == "\\" or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
        loopback = parts.hostname in LOOPBACK
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and loopback)
    return secure and bool(parts.hostname) and "@" not in parts.netloc


TextValue = Annotated[Any, BeforeValidator(parse_text)]
Duration = Annotated[Any, BeforeValidator(parse_duration)]
Colour = Annotated[Any, BeforeValidator(parse_colour)]
MailAddress = Annotated[Any, BeforeValidator(parse_mail_address)]
Url = Annotated[Any, BeforeValidator(parse_url)]
