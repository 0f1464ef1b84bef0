import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.passwords.context import ContextKind, PasswordContext, made_of

CAMILLE = PasswordContext(
    "Nouvelle-Aquitaine", "nouvelle-aquitaine", "cmartin2", "camille.martin@example.org", "Camille", "Martin"
)
MARIE_HELENE = PasswordContext("Metamots", "metamots", "mh.durand", "mhd@example.org", "Marie-Hélène", "Durand")
LEA = PasswordContext("LEO", "leo", "lea.roy", "lea.roy@example.org", "Léa", "Roy")


@pytest.mark.parametrize(
    ("about", "password", "kind"),
    [
        (CAMILLE, "Camille1!", ContextKind.NAME),
        (CAMILLE, "C4m1ll3++", ContextKind.NAME),
        (CAMILLE, "M@rtin2026", ContextKind.NAME),
        (CAMILLE, "martin.camille", ContextKind.NAME),
        (CAMILLE, "!!MARTIN!!abc", ContextKind.NAME),
        (CAMILLE, "Cmartin2Cmartin2", ContextKind.NAME),
        (CAMILLE, "Example2026!", ContextKind.ADDRESS),
        (CAMILLE, "Aquitaine33", ContextKind.PORTAL),
        (CAMILLE, "NouvelleAquitaine", ContextKind.PORTAL),
        (CAMILLE, "Retrouve2026", ContextKind.PORTAL),
        (MARIE_HELENE, "mariehelene75", ContextKind.NAME),
        (MARIE_HELENE, "MARIE-HELENE", ContextKind.NAME),
        (MARIE_HELENE, "Marie-He\u0301le\u0300ne", ContextKind.NAME),
        (LEA, "LeaRoy2026", ContextKind.NAME),
        (LEA, "Léa12345", ContextKind.NAME),
        (LEA, "leo12345", ContextKind.PORTAL),
        (PasswordContext("P", "p", "dupuis.j"), "Dupuis-2026", ContextKind.IDENTIFIER),
    ],
)
def test_a_known_word_with_padding_is_refused(about: PasswordContext, password: str, kind: ContextKind) -> None:
    assert made_of(password, about) is kind


@pytest.mark.parametrize(
    "password",
    [
        "Printemps2026",
        "ete2026!!",
        "Été-26",
        "2026Automne*",
        "Juin1998+",
        "summer2025",
        "Mars24Mars24",
        "H1ver2026",
    ],
)
def test_a_season_or_a_month_with_a_year_is_refused(password: str) -> None:
    assert made_of(password, CAMILLE) is ContextKind.SEASON


@pytest.mark.parametrize(
    "password",
    [
        "martin-girafe-lente-brume",
        "la maison de camille est bleue",
        "printemps2026 chevaux verts",
        "marseille13",
        "maison2026",
        "Caroline12",
        "leonard1234",
        "vacances d'ete",
        "0123456789012345",
        "😀😀😀😀",
        "",
    ],
)
def test_what_holds_enough_else_is_accepted(password: str) -> None:
    assert made_of(password, CAMILLE) is None
    assert made_of(password, LEA) is None


def test_a_short_name_counts_only_where_it_is_all_there_is() -> None:
    assert made_of("clea-tulipe", LEA) is None


def test_no_domain_ending_is_held_against_anybody() -> None:
    assert made_of("Info.brussels12", PasswordContext("P", "p", email="jo@x.brussels")) is None


NASTY = PasswordContext(
    "a" * 3000, "a" * 2000, "a" * 500 + "b", "a" * 800 + "b@" + "a" * 60 + "b.fr", "a" * 70, "4" * 90
)


@pytest.mark.parametrize("pattern", ["a", "4", "1", "ete2", "\ufdfa", "a\u0301", "\u0390"])
def test_the_work_grows_with_the_length_only(pattern: str) -> None:
    before = time.thread_time()
    made_of((pattern * 1024)[:1024], NASTY)
    assert time.thread_time() - before < 1


names = st.text(st.characters(), max_size=30)


@given(names, names, names, names)
def test_any_name_and_any_password_get_an_answer(first: str, last: str, email: str, password: str) -> None:
    about = PasswordContext("Léo", "leo", first + last, email, first, last)
    made_of(password, about)
    made_of(first + "1!", about)
