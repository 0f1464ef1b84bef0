"""How strong a password being typed is: told to people who have proved who they are, and to nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.directories.port import Directory
from retrouve.domain.keyring import Keyring
from retrouve.domain.limits import STRENGTH_PER_REQUEST
from retrouve.domain.passwords.policy import CommonPasswords, Complaint, complaints
from retrouve.domain.passwords.strength import Strength, strength
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_password import ProvenAccount, context_of, proven_account
from retrouve.records.counters import spend


@dataclass(frozen=True)
class Judged:
    strength: Strength
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True)
class NotJudged:
    """No proof, or more questions than anybody's typing asks."""


def judge_strength(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    common: CommonPasswords,
    *,
    proof: Secret,
    new_password: Secret,
    now: datetime,
) -> Judged | NotJudged:
    proven = proven_account(portal, directory, keys, proof=proof, now=now)
    if not isinstance(proven, ProvenAccount):
        return NotJudged()
    if not spend(STRENGTH_PER_REQUEST, keys.digest("strength", str(proven.request.pk)), now).allowed:
        return NotJudged()
    about = context_of(portal, proven.account)
    return Judged(strength(new_password, about), complaints(new_password, portal.password, about, common))
