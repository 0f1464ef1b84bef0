"""The `[directory.NAME]` tables of `server.toml`, each read as its kind, with its secret from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from retrouve.config.directory_tables import KINDS, OWN, DirectoryConfig
from retrouve.config.documents import Document, Path_, read_document
from retrouve.config.problems import ConfigurationProblems, Problem, nearest
from retrouve.config.validation import table_at
from retrouve.config.values import SLUG

OF_DIRECTORY = "RETROUVE_DIRECTORY_{}_SECRET"


def secret_variables(document: Document) -> dict[str, str]:
    """The variable that may hold the secret of each directory of the file, and that directory's name."""
    tables = document.data.get("directory")
    names = tables if isinstance(tables, dict) else {}
    return {OF_DIRECTORY.format(name.upper().replace("-", "_")): name for name in names}


def directories_of(
    document: Document, tables: Mapping[str, object], secrets: Mapping[str, str], context: Mapping[str, object]
) -> dict[str, DirectoryConfig]:
    """`secrets` come from the environment, by the directory's name."""
    found: dict[str, DirectoryConfig] = {}
    problems: list[Problem] = []
    for name, given in tables.items():
        at: Path_ = ("directory", name)
        try:
            found[name] = directory_of(document, at, given, secrets.get(name), context)
        except ConfigurationProblems as wrong_table:
            problems += wrong_table.problems
        else:
            problems += [document.problem((*at, key), code) for key, code in found[name].mistakes()]
        if name == OWN or not SLUG.fullmatch(name):
            problems.append(document.problem(at, "bad_directory_name"))
    if problems:
        raise ConfigurationProblems(problems)
    return found


def directory_of(
    document: Document, at: Path_, given: object, secret: str | None, context: Mapping[str, object]
) -> DirectoryConfig:
    kind = str(given.get("kind", "")) if isinstance(given, dict) else ""
    if not isinstance(given, dict) or kind not in KINDS:
        expected = ", ".join(KINDS)
        raise ConfigurationProblems(
            [document.problem((*at, "kind"), "not_one_of", expected=expected, nearest=nearest(kind, KINDS))]
        )
    model = KINDS[kind]
    return table_at(document, at, {**given, **({model.secret: secret} if secret else {})}, model, context)


def directories_named_in(folder: Path) -> list[str]:
    """The names alone, for portals to be judged while the server file is still wrong."""
    try:
        tables = read_document(folder / "server.toml").data.get("directory")
    except ConfigurationProblems:
        return []
    return list(tables) if isinstance(tables, dict) else []
