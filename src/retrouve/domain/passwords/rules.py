"""The rules of a policy, once: the check, the sentences, the live checklist derive from these.

The browser evaluates `Rule.pattern` with the `u` flag on the text that `normalise` describes, and counts code
points; `tests/domain/password_vectors.json` is run on both sides so that they never count differently.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.portal import PasswordPolicy, Requirement

ACCEPTED_BY_ALL = 64  # NIST SP 800-63B-4 §3.1.1.2: nobody is told of a maximum that leaves at least this


class ComplaintCode(StrEnum):
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NEEDS_LOWER = "needs_lower"
    NEEDS_UPPER = "needs_upper"
    NEEDS_LETTER = "needs_letter"
    NEEDS_DIGIT = "needs_digit"
    NEEDS_SPECIAL = "needs_special"
    NEEDS_CATEGORIES = "needs_categories"
    HAS_NAME = "has_name"
    IN_HISTORY = "in_history"
    CONTROL_CHARACTER = "control_character"
    COMMON = "common"
    EXAMPLE = "example"
    CONTEXT = "context"


# Special is what is left: not a letter, a decimal digit, a mark, a control, a format sign, a surrogate.
# Thus a space, `€`, `²` and an emoji count, while a joiner inside the emoji does not. Unassigned code points
# count too: they are mostly the next emoji, which the browser may know before Python does.
PATTERNS = {
    ComplaintCode.NEEDS_LOWER: r"\p{Ll}",
    ComplaintCode.NEEDS_UPPER: r"[\p{Lu}\p{Lt}]",
    ComplaintCode.NEEDS_LETTER: r"\p{L}",
    ComplaintCode.NEEDS_DIGIT: r"\p{Nd}",
    ComplaintCode.NEEDS_SPECIAL: r"[^\p{L}\p{Nd}\p{M}\p{Cc}\p{Cf}\p{Cs}]",
}
NEEDS = {
    Requirement.LOWER: ComplaintCode.NEEDS_LOWER,
    Requirement.UPPER: ComplaintCode.NEEDS_UPPER,
    Requirement.LETTER: ComplaintCode.NEEDS_LETTER,
    Requirement.DIGIT: ComplaintCode.NEEDS_DIGIT,
    Requirement.SPECIAL: ComplaintCode.NEEDS_SPECIAL,
}


CATEGORIES = (
    ComplaintCode.NEEDS_LOWER,
    ComplaintCode.NEEDS_UPPER,
    ComplaintCode.NEEDS_DIGIT,
    ComplaintCode.NEEDS_SPECIAL,
)
TOLD_ELSEWHERE = (
    ComplaintCode.HAS_NAME,
    ComplaintCode.IN_HISTORY,
)  # by who knows the account: the server, the directory


@dataclass(frozen=True)
class Rule:
    """One line of the checklist. `pattern` is empty where the browser counts code points instead, or cannot tell."""

    code: ComplaintCode
    number: int | None = None

    @property
    def pattern(self) -> str:
        if self.code is ComplaintCode.NEEDS_CATEGORIES:
            return any_of_so_many(self.number or 0)
        return PATTERNS.get(self.code, "")

    @property
    def is_told_by_the_password(self) -> bool:
        return self.code not in TOLD_ELSEWHERE

    @property
    def worth_saying(self) -> bool:
        """A maximum that nobody meets is checked, and left out of what people read."""
        return self.code is not ComplaintCode.TOO_LONG or (self.number or 0) < ACCEPTED_BY_ALL

    def met_by(self, password: str) -> bool:
        normal = normalise(password)
        if self.code is ComplaintCode.TOO_SHORT:
            return len(normal) >= (self.number or 0)
        if self.code is ComplaintCode.TOO_LONG:
            return self.number is None or len(normal) <= self.number
        if self.code is ComplaintCode.NEEDS_CATEGORIES:
            return sum(_holds(normal, code) for code in CATEGORIES) >= (self.number or 0)
        return self.code in TOLD_ELSEWHERE or _holds(normal, self.code)


def rules(policy: PasswordPolicy) -> tuple[Rule, ...]:
    """Lengths first, then the classes in the order in which the portal's file names them."""
    needs = dict.fromkeys(NEEDS[requirement] for requirement in policy.require)
    return (
        Rule(ComplaintCode.TOO_SHORT, policy.min_length),
        Rule(ComplaintCode.TOO_LONG, policy.max_length),
        *(Rule(code) for code in needs),
        *([Rule(ComplaintCode.NEEDS_CATEGORIES, policy.categories)] if policy.categories else []),
        *([Rule(ComplaintCode.HAS_NAME)] if policy.refuse_names else []),
        *([Rule(ComplaintCode.IN_HISTORY, policy.history)] if policy.history else []),
    )


def any_of_so_many(number: int) -> str:
    """A pattern that is found where at least `number` of the categories are: each choice of them, looked for ahead."""
    choices = (
        "".join(rf"(?=[\s\S]*{PATTERNS[code]})" for code in chosen) for chosen in combinations(CATEGORIES, number)
    )
    return f"^(?:{'|'.join(choices)})"


def _holds(password: str, code: ComplaintCode) -> bool:
    return any(_belongs(unicodedata.category(sign), code) for sign in password)


def _belongs(category: str, code: ComplaintCode) -> bool:
    """The same classes as `PATTERNS`, from the general category of one code point."""
    match code:
        case ComplaintCode.NEEDS_LOWER:
            return category == "Ll"
        case ComplaintCode.NEEDS_UPPER:
            return category in {"Lu", "Lt"}
        case ComplaintCode.NEEDS_LETTER:
            return category[0] == "L"
        case ComplaintCode.NEEDS_DIGIT:
            return category == "Nd"
        case _:
            return category[0] not in "LM" and category not in {"Nd", "Cc", "Cf", "Cs"}
