import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import CodeShape
from retrouve.domain.proofs import (
    looks_like_a_handed_code,
    new_code,
    new_token,
    tidy_code,
    tidy_token,
    token_digest,
)
from retrouve.domain.secret import Secret


def test_a_token_is_22_characters_that_fit_in_an_address():
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", new_token().reveal()) for _ in range(200))


def test_a_code_of_digits_keeps_its_leading_zeros():
    assert all(re.fullmatch(r"[0-9]{6}", new_code(CodeShape.DIGITS).reveal()) for _ in range(2000))


def test_a_code_of_letters_has_no_vowel_and_no_look_alike():
    assert all(re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{8}", new_code(CodeShape.LETTERS).reveal()) for _ in range(200))


@pytest.mark.parametrize("after", ["", ".", ">", " ", "\n", "/", "%20", ",", "»"])
def test_a_token_copied_by_hand_survives_what_came_with_it__att_19(after):
    token = new_token()
    assert tidy_token(token.reveal() + after) == token


@pytest.mark.parametrize(
    "typed", ["123456", "123 456", " 123-456 ", "123\u00a0456", "１２３４５６", "١٢٣٤٥٦", "123\u202f456"]
)
def test_a_code_is_read_however_it_was_typed(typed):
    assert tidy_code(typed) == Secret("123456")


def test_letters_of_a_code_may_be_small():
    assert tidy_code("bcdf ghjk") == Secret("BCDFGHJK")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_proofs(text):
    assert len(token_digest(tidy_token(text))) == 64
    assert len(Keyring(Secret("k" * 40)).code_digest("request", tidy_code(text))) == 64


def test_a_code_digest_belongs_to_one_request_and_one_key():
    code = Secret("123456")
    digests = {Keyring(Secret(key * 40)).code_digest(request, code) for key in "ab" for request in ("1", "2")}
    assert len(digests) == 4


def test_a_secret_never_shows_itself():
    assert "azerty" not in f"{Secret('azerty')!r} {Secret('azerty')} {[Secret('azerty')]}"


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("kz7m3wxa", True),
        ("KZ7M 3WXA", True),
        ("kz7m-3wxa", True),
        ("kz7m3wx", False),
        ("kz7m3wxi", False),
        ("", False),
    ],
)
def test_what_looks_like_a_code_on_paper(typed, is_one):
    assert looks_like_a_handed_code(typed) is is_one
