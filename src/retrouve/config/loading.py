"""The whole configuration of one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from retrouve.config.directory_tables import OWN
from retrouve.config.portal_file import load_portals
from retrouve.config.problems import ConfigurationProblems, Problem
from retrouve.config.server_directories import directories_named_in
from retrouve.config.server_file import ServerConfig, load_server
from retrouve.domain.portal import Portal


@dataclass(frozen=True)
class Configuration:
    server: ServerConfig
    portals: dict[str, Portal]


def load_configuration(folder: Path, environment: Mapping[str, str], languages: tuple[str, ...]) -> Configuration:
    """`server.toml` and `portals/*.toml`; raises `ConfigurationProblems` with the mistakes of all of them."""
    problems: list[Problem] = []
    server: ServerConfig | None = None
    portals: dict[str, Portal] = {}
    try:
        server = load_server(folder, environment, languages)
    except ConfigurationProblems as found:
        problems.extend(found.problems)
    known = (OWN, *(server.directories if server else directories_named_in(folder)))
    try:
        portals = load_portals(folder / "portals", languages, known)
    except ConfigurationProblems as found:
        problems.extend(found.problems)
    if problems or server is None:
        raise ConfigurationProblems(problems)
    names = {name: directory.name for name, directory in server.directories.items()}
    return Configuration(server, {slug: replace(portal, directory_names=names) for slug, portal in portals.items()})
