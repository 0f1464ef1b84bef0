import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn import matching

from retrouve.domain.passwords.context import PasswordContext
from retrouve.domain.passwords.strength import (
    StrengthReason,
    StrengthSuggestion,
    StrengthWord,
    strength,
)
from retrouve.domain.secret import Secret

JEAN = PasswordContext("CREOS", "creos", "jean.dupont", "jean.dupont@example.org", "Jean", "Dupont")


@pytest.mark.parametrize(
    ("password", "at_most"),
    [
        ("Password1", 0),
        ("Azerty123", 1),
        ("Babou45+", 2),
        ("Cool72++", 2),
        ("123Soleil*", 2),
        ("Soleil2026!", 2),
        ("Printemps2026!", 2),
        ("Élodie1987", 2),
        ("M@rseille13", 2),
        ("MonChatGris7", 3),
        ("xK7$tRm2", 2),
        ("aaaaaaaaaaaaaaaaaaaa", 0),
    ],
)
def test_french_habits_are_not_called_strong(password: str, at_most: int) -> None:
    assert strength(Secret(password), JEAN).score <= at_most


@pytest.mark.parametrize(
    "password",
    ["girafe lente dans la brume", "lune-tapis-orange-girafe", "cheval exact pile agrafe", "xK7$tRm2qZ9"],
)
def test_words_without_a_link_are_strong(password: str) -> None:
    found = strength(Secret(password), JEAN)
    assert (found.score, found.word, found.reason) == (4, StrengthWord.STRONG, None)


@pytest.mark.parametrize(
    ("password", "reason", "suggestion"),
    [
        ("motdepasse", StrengthReason.WORD, StrengthSuggestion.ADD_WORDS),
        ("password", StrengthReason.COMMON, StrengthSuggestion.ADD_WORDS),
        ("JeanDupont", StrengthReason.ABOUT_YOU, StrengthSuggestion.AVOID_PERSONAL),
        ("14071989", StrengthReason.DATES, StrengthSuggestion.AVOID_DATES),
        ("ababababab", StrengthReason.REPEATS, StrengthSuggestion.AVOID_REPEATS),
        ("efghijklm", StrengthReason.SEQUENCES, StrengthSuggestion.AVOID_SEQUENCES),
        ("hgfrtyu", StrengthReason.KEYBOARD, StrengthSuggestion.ADD_WORDS),
        ("v9q", StrengthReason.SHORT, StrengthSuggestion.ADD_WORDS),
        ("d@uph1n", StrengthReason.WORD, StrengthSuggestion.AVOID_SWAPS),
    ],
)
def test_a_weak_password_gets_a_reason_and_a_suggestion(
    password: str, reason: StrengthReason, suggestion: StrengthSuggestion
) -> None:
    found = strength(Secret(password), JEAN)
    assert (found.reason, found.suggestion) == (reason, suggestion)


def test_what_is_known_of_the_person_is_weak_for_them_alone() -> None:
    about = PasswordContext("P", "p", last_name="Vandenbrouckere")
    assert strength(Secret("Vandenbrouckere1"), about).score <= 1
    assert strength(Secret("Vandenbrouckere1"), JEAN).score > 1


def test_nothing_of_the_person_stays_in_the_library() -> None:
    strength(Secret("Dupont2026"), JEAN)
    assert "dupont" not in matching.RANKED_DICTIONARIES.get("user_inputs", {})
    assert "french" not in matching.RANKED_DICTIONARIES


def test_an_empty_field_is_very_weak() -> None:
    assert strength(Secret(""), JEAN).word is StrengthWord.VERY_WEAK


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(), max_size=100))
def test_whatever_is_typed_gets_a_word(password: str) -> None:
    assert strength(Secret(password), JEAN).score in range(5)


@pytest.mark.parametrize(
    "password",
    ["a" * 100_000, "ab" * 40, "4@8({[<3691!|7105$%+2" * 5, "123456789" * 8, "a4b8c(e3g6i1l7o0s5t+x%z2" * 3],
)
def test_a_hostile_password_takes_no_more_than_a_moment(password: str) -> None:
    strength(Secret("warm"), JEAN)
    before = time.thread_time()
    strength(Secret(password), JEAN)
    assert time.thread_time() - before < 3
