"""Wraps what must never be printed: passwords, codes, tokens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Secret:
    """Its `repr` and `str` are masked; `reveal()` is the only way to the value, so a search for it is the audit."""

    _value: str

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)
