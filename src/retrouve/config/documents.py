"""A TOML file with the place of each of its keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toml_rs

from retrouve.config.problems import ConfigurationProblems, Problem

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """`nodes` is what toml-rs tells of places: a dict a key, with `key_line`, `key_col` and its `value`."""

    file: Path
    data: dict[str, Any]
    nodes: dict[str, Any]

    def problem(self, path: Path_, code: str, *, nearest: str = "", **values: str) -> Problem:
        line, column = self.place(path)
        return Problem(self.file, line, column, dotted(path), code, values, nearest)

    def place(self, path: Path_) -> tuple[int, int]:
        """(line, column) of the key, else of the first key of the table that should hold it."""
        node: Any = self.nodes
        place = (1, 1)
        for step in path:
            node = inside(node)
            known = (
                step in node
                if isinstance(node, dict)
                else isinstance(node, list) and isinstance(step, int) and step < len(node)
            )
            if not known:
                break
            node = node[step]
            place = first_place(node) or place
        return place


def inside(node: Any) -> Any:
    """What a node holds: tables are plain dicts, keys and array entries keep it under `value`."""
    return node["value"] if isinstance(node, dict) and "value_line" in node else node


def first_place(node: Any) -> tuple[int, int] | None:
    if isinstance(node, dict) and "key_line" in node:
        return node["key_line"], start(node["key_col"])
    if isinstance(node, dict) and "value_line" in node:
        return start(node["value_line"]), start(node["value_col"])
    if isinstance(node, dict):
        places = [place for place in map(first_place, node.values()) if place]
        return min(places, default=None)
    return None


def start(span: int | tuple[int, int]) -> int:
    return span if isinstance(span, int) else span[0]


def dotted(path: Path_) -> str:
    """`audience[2].label.fr`, counting from one as people do."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read_document(file: Path) -> Document:
    """Raises `ConfigurationProblems` when the file cannot be read, is not UTF-8, or is not TOML."""
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigurationProblems(
            [Problem(file, 0, 0, "", "not_readable", {"reason": error.strerror or ""})]
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationProblems([Problem(file, 1, 1, "", "not_utf8")]) from None
    return parse_document(file, text)


def parse_document(file: Path, text: str) -> Document:
    try:
        parsed = toml_rs.load_with_metadata(text)
    except toml_rs.TOMLDecodeError as error:
        reason = error.msg.strip().splitlines()[-1]
        raise ConfigurationProblems(
            [Problem(file, error.lineno, error.colno, "", "not_toml", {"reason": reason})]
        ) from None
    return Document(file, parsed.value, parsed.meta["nodes"])
