"""Who may help whom, and how: every right of those who help, on one page (`docs/helpers.md` is made from it).

A helper acts on accounts of their own institutions or class, never on themselves, and never on somebody who helps as
much as they do or more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """From the nearest to the widest."""

    TEACHER = "teacher"  # of one class
    REFERENT = "referent"  # of one institution
    AUTHORITY = "authority"  # of an institution and those under it
    OPERATOR = "operator"  # of the whole portal


class Right(StrEnum):
    SEARCH = "search"
    SEE_MAILS = "see_mails"
    ISSUE_CODE = "issue_code"
    PRINT = "print"
    SEND_ACTIVATION = "send_activation"
    FORCE_CHANGE = "force_change"
    END_SESSIONS = "end_sessions"
    UNLOCK = "unlock"
    MIGRATE = "migrate"
    IMPORT = "import"


IN_CLASS = frozenset({Right.SEARCH, Right.ISSUE_CODE, Right.PRINT, Right.SEND_ACTIVATION, Right.END_SESSIONS})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.TEACHER: IN_CLASS,
    Role.REFERENT: frozenset(Right),
    Role.AUTHORITY: frozenset(Right),
    Role.OPERATOR: frozenset(Right),
}
RANKS: dict[Role, int] = {role: rank for rank, role in enumerate(Role, start=1)}
NOBODY = 0


@dataclass(frozen=True)
class Delegation:
    """`institutions` are all those in reach, the ones under an authority included; empty for an operator, who reaches
    everybody. `group` is a teacher's class.
    """

    role: Role
    institutions: frozenset[str] = frozenset()
    group: str = ""


@dataclass(frozen=True)
class Target:
    """The account that is to be helped. `rank` is that of its own highest role."""

    reference: str
    institution: str = ""
    classes: tuple[str, ...] = ()
    rank: int = NOBODY


def may(helper: str, delegations: Iterable[Delegation], right: Right, target: Target) -> bool:
    """Whether the account `helper`, with these delegations, has `right` over `target`."""
    if helper == target.reference:
        return False
    return any(
        right in RIGHTS[one.role] and RANKS[one.role] > target.rank and reaches(one, target) for one in delegations
    )


def rights_over(helper: str, delegations: Iterable[Delegation], target: Target) -> frozenset[Right]:
    held = tuple(delegations)
    return frozenset(right for right in Right if may(helper, held, right, target))


def reaches(delegation: Delegation, target: Target) -> bool:
    if delegation.role is Role.OPERATOR:
        return True
    in_institution = bool(target.institution) and target.institution in delegation.institutions
    return in_institution and (delegation.role is not Role.TEACHER or delegation.group in target.classes)


def rank_of(roles: Iterable[Role]) -> int:
    return max((RANKS[role] for role in roles), default=NOBODY)


def has_somewhere(delegations: Iterable[Delegation], right: Right) -> bool:
    """Whether a page that is about `right` is worth showing."""
    return any(right in RIGHTS[one.role] for one in delegations)


def with_right(delegations: Iterable[Delegation], right: Right) -> tuple[Delegation, ...]:
    return tuple(one for one in delegations if right in RIGHTS[one.role])


def institutions_for(delegations: Iterable[Delegation], right: Right) -> frozenset[str] | None:
    """The institutions where `right` counts for everybody, whatever their class; None for all."""
    held = [one for one in with_right(delegations, right) if one.role is not Role.TEACHER]
    if any(one.role is Role.OPERATOR for one in held):
        return None
    return frozenset().union(*(one.institutions for one in held))
