"""Mistakes in the configuration, and how they are told: where, which key, what was expected, the nearest known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from retrouve.config.sentences import SENTENCES, SUGGESTION


@dataclass(frozen=True)
class Problem:
    """`key` is dotted, as in the file. `values` fill the sentence of `code`."""

    file: Path
    line: int
    column: int
    key: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    nearest: str = ""

    def sentence(self, language: str) -> str:
        """`essai.toml:12:3: recovery.prof: unknown key; did you mean "proof"?`"""
        said = SENTENCES[self.code][language].format_map(self.values)
        suggestion = SUGGESTION[language].format(nearest=self.nearest) if self.nearest else ""
        separator = "\u00a0: " if language == "fr" else ": "
        place = f"{self.file}:{self.line}:{self.column}" if self.line else str(self.file)
        return separator.join(part for part in (place, self.key, said + suggestion) if part)


class ConfigurationProblems(Exception):  # noqa: N818  it carries several
    """All the mistakes of all the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: (str(one.file), one.line, one.column, one.key)))
        super().__init__(self.in_words("en"))

    def in_words(self, language: str) -> str:
        return "\n".join(problem.sentence(language) for problem in self.problems)

    def as_json(self, language: str) -> list[dict[str, object]]:
        return [
            {
                "file": str(problem.file),
                "line": problem.line,
                "column": problem.column,
                "key": problem.key,
                "code": problem.code,
                "nearest": problem.nearest,
                "sentence": problem.sentence(language),
            }
            for problem in self.problems
        ]


def nearest(typed: str, known: Iterable[str]) -> str:
    """The known word that `typed` was most likely meant to be; empty when none is close."""
    found = get_close_matches(typed, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""
