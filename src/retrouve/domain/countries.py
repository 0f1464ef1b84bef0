"""Which codes of CLDR's list are countries that one may choose."""

from __future__ import annotations

# Unions, test codes and reserved islands.
NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


def is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES  # noqa: PLR2004 - ISO 3166-1 alpha-2
