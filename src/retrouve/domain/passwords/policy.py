"""Whether a new password is accepted: every complaint at once, in the order of the displayed rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from retrouve.domain.passwords.context import ContextKind, PasswordContext, holds_name, made_of
from retrouve.domain.passwords.normalise import has_controls, normalise
from retrouve.domain.passwords.passwordrules import passwordrules
from retrouve.domain.passwords.rules import ComplaintCode, Rule, rules
from retrouve.domain.portal import PasswordPolicy
from retrouve.domain.secret import Secret

__all__ = [
    "CommonPasswords",
    "Complaint",
    "ComplaintCode",
    "ContextKind",
    "PasswordContext",
    "Rule",
    "complaints",
    "passwordrules",
    "rules",
]


class CommonPasswords(Protocol):
    """Passwords that everybody has: a file (`common.py`) or, in tests, a set."""

    def __contains__(self, password: str, /) -> bool: ...


@dataclass(frozen=True)
class Complaint:
    """`number` is the length asked; `word` tells which kind of known word the password is made of."""

    code: ComplaintCode
    number: int | None = None
    word: ContextKind | None = None


def complaints(
    new_password: Secret, policy: PasswordPolicy, about: PasswordContext, common: CommonPasswords
) -> tuple[Complaint, ...]:
    """An empty field gets one complaint: a list of everything that nothing lacks helps nobody."""
    password = normalise(new_password.reveal())
    if not password:
        return (Complaint(ComplaintCode.EMPTY),)
    found = [Complaint(rule.code, rule.number) for rule in rules(policy) if not rule.met_by(password)]
    if has_controls(password):
        found.append(Complaint(ComplaintCode.CONTROL_CHARACTER))
    if len(password) <= policy.max_length:  # what is too long is refused anyway: spend no work on it
        found.extend(_guessable(password, policy, about, common))
    return tuple(found)


def _guessable(
    password: str, policy: PasswordPolicy, about: PasswordContext, common: CommonPasswords
) -> list[Complaint]:
    """Whole passwords are compared, and told why (NIST SP 800-63B-4 §3.1.1.2; ASVS 6.2.4, 6.2.11)."""
    found = []
    if _is_example(password, policy):
        found.append(Complaint(ComplaintCode.EXAMPLE))
    elif policy.refuse_common and password in common:
        found.append(Complaint(ComplaintCode.COMMON))
    if kind := made_of(password, about):
        found.append(Complaint(ComplaintCode.CONTEXT, word=kind))
    elif policy.refuse_names and holds_name(password, about):
        found.append(Complaint(ComplaintCode.HAS_NAME))
    return found


def _is_example(password: str, policy: PasswordPolicy) -> bool:
    """What the guide prints is the first thing that an attacker tries, in any case of letters."""
    return password.casefold() in {normalise(example).casefold() for example in policy.examples}
