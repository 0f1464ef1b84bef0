"""The configuration of this process, read once from the folder that RETROUVE_CONFIG names."""

from __future__ import annotations

import os
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from retrouve.config.loading import Configuration, load_configuration
from retrouve.domain.portal import Portal

LANGUAGES = {"fr": "Français", "en": "English"}  # those that `messages/locale` speaks
FOLDER_VARIABLE = "RETROUVE_CONFIG"


@cache
def configuration() -> Configuration:
    """Raises `ConfigurationProblems` with every mistake of every file."""
    folder = os.environ.get(FOLDER_VARIABLE, ".")
    return load_configuration(Path(folder), os.environ, tuple(LANGUAGES))


def portals() -> dict[str, Portal]:
    return configuration().portals


def portal_named(slug: str) -> Portal | None:
    return portals().get(slug)


@cache
def trusted_proxies() -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(proxy) for proxy in configuration().server.trusted_proxies)
