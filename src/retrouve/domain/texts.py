"""A sentence that an operator wrote, in the languages of the portal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A sentence of the portal's own, in one or several languages: pairs of (language, sentence)."""

    by_language: tuple[tuple[str, str], ...]

    def in_language(self, language: str) -> str:
        """The sentence in `language`, else in the first language that the file gives."""
        for candidate, sentence in self.by_language:
            if candidate == language:
                return sentence
        return self.by_language[0][1]
