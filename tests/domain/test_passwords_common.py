from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.passwords.common import CommonPasswordFile, build, build_from_prefixes, prefix
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.passwords.shipped import common_passwords, french_words, passphrase_words


@pytest.fixture
def small(tmp_path: Path) -> CommonPasswordFile:
    build(["azerty", "été", "soleil", "azerty"], tmp_path / "small.bin")
    return CommonPasswordFile(tmp_path / "small.bin")


def test_a_listed_password_is_found_however_it_is_typed(small: CommonPasswordFile) -> None:
    for typed in ("azerty", "Azerty", "AZERTY", "été", "e\u0301te\u0301", "Soleil"):
        assert typed in small


def test_another_password_is_not_found(small: CommonPasswordFile) -> None:
    for typed in ("azert", "azerty ", "", "\ud800", "ete"):
        assert typed not in small


def test_repeated_words_make_one_entry(small: CommonPasswordFile) -> None:
    assert len(small) == 3


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert build([], tmp_path / "empty.bin") == 0
    assert "azerty" not in CommonPasswordFile(tmp_path / "empty.bin")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.bin").write_bytes(b"123456789")
    with pytest.raises(ValueError, match=r"cut\.bin: 9 bytes"):
        CommonPasswordFile(tmp_path / "cut.bin")


def test_a_public_digest_can_be_listed_without_its_password(tmp_path: Path) -> None:
    published = sha1(b"Sesame", usedforsecurity=False).hexdigest().upper()
    build_from_prefixes([bytes.fromhex(published)[:8]], tmp_path / "ranges.bin")
    assert "Sesame" in CommonPasswordFile(tmp_path / "ranges.bin")
    assert prefix("Sesame").hex().upper() == published[:16]


@given(st.sets(st.text(st.characters(), max_size=12), max_size=30), st.text(max_size=12))
def test_the_file_holds_what_was_put_in(tmp_path_factory: pytest.TempPathFactory, words: set[str], other: str) -> None:
    path = tmp_path_factory.mktemp("lists") / "any.bin"
    build(words, path)
    listed = CommonPasswordFile(path)
    assert all(word in listed for word in words)
    listed_forms = {normalise(word) for word in words}
    assert (other in listed) is bool({normalise(other), normalise(other).lower()} & listed_forms)


HABITS = """
azerty123 Azerty123 soleil12 doudou59 marseille13 motdepasse1 Motdepasse123 chouchou! loulou33 jetaime12
bonjour1 Camille2005 nicolas75 azertyuiop password1 123456789 Soleil2026! 123Soleil* Babou45+ Cool72++
Azerty12! passwordpassword azertyuiopqsdfghjklm aaaaaaaaaaaaaaa jetaimepourlavie
"""


@pytest.mark.parametrize("password", HABITS.split())
def test_the_shipped_list_knows_what_people_choose(password: str) -> None:
    assert password in common_passwords()


@pytest.mark.parametrize("password", ["girafe lente dans la brume", "Tournesol-vif-88-lac", "xK7$tRm2qZ9", "é" * 14])
def test_the_shipped_list_leaves_good_passwords_alone(password: str) -> None:
    assert password not in common_passwords()


def test_the_shipped_lists_have_the_size_that_is_said() -> None:
    assert 150_000 < len(common_passwords()) <= 180_000
    assert 5_000 < len(french_words()) <= 8_000
    assert len(passphrase_words()) >= 1_296
    assert all(word.isascii() and word.islower() and 4 <= len(word) <= 7 for word in passphrase_words())
    assert list(passphrase_words()) == sorted(set(passphrase_words()))
