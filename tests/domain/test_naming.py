import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.naming import MAX_LENGTH, wanted_identifier, with_suffix


@pytest.mark.parametrize(
    ("first_name", "last_name", "wanted"),
    [
        ("Jean", "Dupont", "jean.dupont"),
        ("Marie-Hélène", "Le Gall", "marie-helene.legall"),
        ("Marie Hélène", "D'Hondt", "mariehelene.dhondt"),
        ("MARIE\u2011HÉLÈNE", "D’HONDT", "marie-helene.dhondt"),
        ("Cœline", "Kłos-Møller", "coeline.klos-moller"),
        ("Lætitia", "Groß", "laetitia.gross"),
        ("ŒDIPE", "ÆGIR", "oedipe.aegir"),
        ("Łukasz", "Ørsted", "lukasz.orsted"),
        ("Zoe\u0308", "Nguyễn", "zoe.nguyen"),
        ("J.-P.", "O'Neill", "j-p.oneill"),
        ("Anna -", "- Blom", "anna.blom"),
        ("Anna--Maria", "Blom", "anna-maria.blom"),
        ("Louis", "Bourbon 16", "louis.bourbon16"),
        ("\U0001d468nne", "\uff22lom", "anne.blom"),
        ("", "Dupont", "dupont"),
        ("Jean", " ", "jean"),
        ("Иван", "Dupont", "dupont"),
        ("Иван", "Иванов", ""),
        ("李", "小龍", ""),
        ("-", "'", ""),
        ("", "", ""),
    ],
)
def test_an_identifier_is_first_name_dot_last_name_in_plain_letters(first_name, last_name, wanted):
    assert wanted_identifier(first_name, last_name) == wanted


@pytest.mark.parametrize(
    ("number", "identifier"), [(1, "jean.dupont"), (2, "jean.dupont2"), (3, "jean.dupont3"), (12, "jean.dupont12")]
)
def test_the_next_of_the_same_name_gets_a_number(number, identifier):
    assert with_suffix("jean.dupont", number) == identifier


def test_a_long_name_keeps_room_for_its_number():
    wanted = wanted_identifier("Anne", "Dupont-" * 20)
    assert len(wanted) <= MAX_LENGTH
    assert with_suffix(wanted, 12).endswith("12")
    assert len(with_suffix(wanted, 12)) <= MAX_LENGTH


@given(st.text(max_size=100), st.text(max_size=100), st.integers(1, 100_000))
def test_any_two_names_give_at_most_sixty_plain_characters__att_23(first_name, last_name, number):
    wanted = wanted_identifier(first_name, last_name)
    assert re.fullmatch(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?", wanted)
    assert len(with_suffix(wanted, number)) <= MAX_LENGTH
