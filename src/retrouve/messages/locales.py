"""Which Babel locale stands for a language of a portal file."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError


@cache
def babel_locale(language: str) -> Locale:
    """French where Babel does not know the language: our sentences fall back to it too."""
    try:
        return Locale.parse(language, sep="_" if "_" in language else "-")
    except (ValueError, UnknownLocaleError):
        return Locale("fr")
