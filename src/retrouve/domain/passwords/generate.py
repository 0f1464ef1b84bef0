"""Ready-made passwords: read at a glance, typed on a telephone, and beyond guessing.

At least 50 bits of chance each (CNIL 2022-100, case 2, with throttling): five words out of 1,881 give 54
bits, eight syllables out of some 220 give 62. Capitals, hyphens and the place of digits
are no chance: they are not counted.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from math import log2

from retrouve.domain.passwords.rules import rules
from retrouve.domain.passwords.shipped import passphrase_words
from retrouve.domain.portal import PasswordPolicy, Requirement
from retrouve.domain.secret import Secret

Choose = Callable[[int], int]

ENOUGH_BITS = 50
# A consonant begins every syllable and a vowel ends it: the text has one reading, so that bits add up.
# No `l`, no vowel `e`, and without the syllables that make the commonest rude words.
ONSETS = ("b", "c", "d", "f", "g", "j", "k", "m", "n", "p", "r", "s", "t", "v", "z")
CLUSTERS = ("br", "ch", "cr", "dr", "gr", "pr", "tr", "vr")
VOWELS = ("a", "i", "o", "u", "ai", "an", "in", "oi", "on", "ou")
UNFIT = frozenset({"bai", "ca", "chon", "con", "cu", "pi", "pu", "zi"})
SYLLABLES = tuple(onset + vowel for onset in ONSETS + CLUSTERS for vowel in VOWELS if onset + vowel not in UNFIT)
SYLLABLES_PER_PIECE = 2
DIGITS = "23456789"  # without 0 and 1, taken for O and l
SMALL, CAPITALS, SIGNS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "+*!?=-"
SHORT_LENGTH = 10  # of signs out of 61: 59 bits
TRIES_PER_OFFER = 20


def offers(policy: PasswordPolicy, count: int, choose: Choose = secrets.randbelow) -> tuple[Secret, ...]:
    """`count` different passwords that meet the policy's rules, by turns pronounceable and made of words.

    Fewer where the policy leaves no room (a maximum below what its classes need).
    """
    found: dict[str, None] = {}
    for turn in range(count * TRIES_PER_OFFER):
        if len(found) == count:
            break
        made = _one(policy, turn, choose)
        if all(rule.met_by(made) for rule in rules(policy)):
            found[made] = None
    return tuple(Secret(password) for password in found)


def _one(policy: PasswordPolicy, turn: int, choose: Choose) -> str:
    made = _of_syllables(policy, choose) if turn % 2 == 0 else _of_words(policy, choose)
    return made if len(made) <= policy.max_length else _of_signs(policy, choose)


def _of_words(policy: PasswordPolicy, choose: Choose) -> str:
    words = passphrase_words()
    return _grow(policy, lambda: _pick(words, choose), log2(len(words)), choose)


def _of_syllables(policy: PasswordPolicy, choose: Choose) -> str:
    def piece() -> str:
        return "".join(_pick(SYLLABLES, choose) for _ in range(SYLLABLES_PER_PIECE))

    return _grow(policy, piece, SYLLABLES_PER_PIECE * log2(len(SYLLABLES)), choose)


def _grow(policy: PasswordPolicy, piece: Callable[[], str], bits: float, choose: Choose) -> str:
    """Pieces joined by hyphens until there is enough chance and enough length."""
    pieces: list[str] = []
    while len(pieces) * bits < ENOUGH_BITS or len("-".join(pieces)) < policy.min_length:
        pieces.append(piece())
    return _dress(pieces, policy, choose)


def _dress(pieces: Sequence[str], policy: PasswordPolicy, choose: Choose) -> str:
    """What the policy asks beyond small letters and the hyphen, which is a special: a capital, two digits."""
    text = "-".join(pieces)
    if Requirement.UPPER in policy.require or policy.categories:
        text = text[0].upper() + text[1:]
    if Requirement.DIGIT in policy.require or policy.categories:
        text += _pick(DIGITS, choose) + _pick(DIGITS, choose)
    return text


def _of_signs(policy: PasswordPolicy, choose: Choose) -> str:
    """Where an old directory sets a low maximum: single signs, still without look-alikes."""
    length = min(policy.max_length, max(policy.min_length, SHORT_LENGTH))
    classes = {Requirement.LOWER: SMALL, Requirement.UPPER: CAPITALS, Requirement.DIGIT: DIGITS}
    classes |= {Requirement.SPECIAL: SIGNS, Requirement.LETTER: SMALL}
    signs = [_pick(classes[requirement], choose) for requirement in dict.fromkeys(policy.require)][:length]
    while len(signs) < length:
        signs.insert(choose(len(signs) + 1), _pick(SMALL + CAPITALS + DIGITS + SIGNS, choose))
    return "".join(signs)


def _pick(among: Sequence[str], choose: Choose) -> str:
    return among[choose(len(among))]
