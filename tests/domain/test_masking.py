import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.masking import mask_address, mask_identifier


@pytest.mark.parametrize(
    ("identifier", "masked"),
    [
        ("camille.martin@example.org", "c...@..."),
        ("adelle.adms", "a..."),
        ("c@x.fr", "...@..."),
        ("x", "..."),
        ("", "..."),
    ],
)
def test_an_identifier_shows_its_first_letter_only(identifier, masked):
    assert mask_identifier(identifier) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("camille.martin@hotmail.com", "c...@...mail.com"),
        ("camille.martin@example.org", "c...@...mple.org"),
        ("c@x.fr", "...@....fr"),
        ("camille@gmx.de", "c...@....de"),
    ],
)
def test_an_address_shows_its_first_letter_and_the_end_of_its_mailbox(address, masked):
    assert mask_address(address) == masked


@given(st.emails(), st.emails())
def test_masks_of_identifiers_have_one_length_whatever_the_identifier(left, right):
    assert len(mask_identifier("ab" + left)) == len(mask_identifier("ab" + right))
