"""What the directories of a population demand of passwords, told with what the portal does, before anybody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retrouve.directories.port import Directory
from retrouve.domain.passwords.strictest import strictest
from retrouve.domain.portal import Portal


def with_demands(portal: Portal, directories: Sequence[Directory]) -> Portal:
    """The portal, whose password policy is met by all of `directories` as well."""
    policy = portal.password
    for directory in directories:
        demanded = directory.describe_policy()
        policy = strictest(policy, demanded) if demanded else policy
    return replace(portal, password=policy)
