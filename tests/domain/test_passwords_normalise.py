from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.passwords.normalise import has_controls, normalise

anything = st.text(st.characters(), max_size=60)  # lone surrogates too


def test_the_accent_typed_apart_is_the_accent_typed_at_once() -> None:
    assert normalise("e\u0301te\u0301") == normalise("été")


def test_the_space_of_a_french_mac_is_a_space() -> None:
    assert normalise("un\u00a0deux") == "un deux"


def test_a_ligature_is_not_its_letters() -> None:
    assert normalise("\ufb01n") != normalise("fin")


def test_capitals_and_wide_signs_stay_what_they_are() -> None:
    assert normalise("ÀB\uff21") == "ÀB\uff21"


def test_spaces_at_the_ends_are_part_of_the_password() -> None:
    assert normalise("  deux  ") == "  deux  "


@given(anything)
def test_twice_is_once(password: str) -> None:
    assert normalise(normalise(password)) == normalise(password)


def test_a_bell_a_nul_and_a_lone_surrogate_are_controls() -> None:
    assert has_controls("a\u0007")
    assert has_controls("\0")
    assert has_controls("\ud800")
    assert not has_controls("été 😀 \u200d")
