"""The `passwordrules` attribute, read by password managers when they generate (standards, H.3)."""

from __future__ import annotations

from retrouve.domain.passwords.rules import ACCEPTED_BY_ALL
from retrouve.domain.portal import PasswordPolicy, Requirement

CASES = (Requirement.LOWER, Requirement.UPPER)
OTHERS = (Requirement.DIGIT, Requirement.SPECIAL)


def passwordrules(policy: PasswordPolicy) -> str:
    """`minlength: 8; required: lower; …`: a comma means "any of", each `required` must be met."""
    return " ".join(f"{clause};" for clause in (*_lengths(policy), *_required(policy), *_allowed(policy)))


def _lengths(policy: PasswordPolicy) -> list[str]:
    clauses = [f"minlength: {policy.min_length}"]
    if policy.max_length < ACCEPTED_BY_ALL:  # managers generate some twenty signs: only a low maximum matters
        clauses.append(f"maxlength: {policy.max_length}")
    return clauses


def _required(policy: PasswordPolicy) -> list[str]:
    clauses = [f"required: {case}" for case in CASES if case in policy.require]
    if not clauses and Requirement.LETTER in policy.require:
        clauses = ["required: lower, upper"]
    return clauses + [f"required: {other}" for other in OTHERS if other in policy.require]


def _allowed(policy: PasswordPolicy) -> list[str]:
    """Without this line a manager uses only what is required: where capitals are, there would be no small letter."""
    if not policy.require:
        return ["allowed: ascii-printable"]
    if Requirement.LETTER in policy.require and not set(CASES) & set(policy.require):
        return []
    missing = ", ".join(case for case in CASES if case not in policy.require)
    return [f"allowed: {missing}"] if missing else []
