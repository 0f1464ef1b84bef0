"""Printed cards: each person's own, cut apart, readable by everybody, with nothing of anybody else."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retrouve.domain.portal import Portal
from retrouve.domain.proofs import new_handed_code
from retrouve.domain.secret import Secret
from retrouve.messages.mails import code_in_groups
from retrouve.messages.sheets import Card, CardPurpose, PerPage, printed_cards
from tests.plugin import missing

UNTIL = datetime(2026, 12, 4, 17, 14, tzinfo=UTC)
LONG = ("Marie-Charlotte Antoinette Joséphine", "de La Rochefoucauld-Montmorency van den Broeck")
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')
A4 = (595.3, 841.9)
GRIDS = {PerPage.ONE: (1, 1), PerPage.TWO: (1, 2), PerPage.EIGHT: (2, 4)}  # columns, rows


@pytest.fixture(scope="session")
def poppler() -> None:
    if shutil.which("pdftotext") is None:
        missing("pdftotext (poppler-utils)")


def pupils(number: int) -> list[Card]:
    return [
        Card(*(LONG if rank % 7 == 1 else (f"Prénom{rank}", f"Nom{rank}")), "3e B", f"prenom{rank}.nom{rank}",
             new_handed_code(), CardPurpose.ACTIVATION, UNTIL)
        for rank in range(number)
    ]  # fmt: skip


def printed(portal: Portal, cards: list[Card], per_page: PerPage, **more: object) -> bytes:
    return printed_cards(
        portal,
        cards,
        **{
            "per_page": per_page,
            "page_address": "https://compte.lumiere.example/lumiere/activer/",
            "institution": "Collège Jean-Moulin",
            "language": "fr",
            **more,
        },
    )


def text_of(pdf: bytes, *options: str) -> str:
    told = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return told.stdout.decode()


def pages_of(pdf: bytes) -> list[str]:
    return text_of(pdf, "-layout").split("\f")[:-1]


@pytest.mark.parametrize(("per_page", "pages"), [(PerPage.ONE, 30), (PerPage.TWO, 15), (PerPage.EIGHT, 4)])
def test_a_class_of_thirty_has_a_card_each(poppler, portal, per_page, pages):
    cards = pupils(30)
    found = pages_of(printed(portal, cards, per_page))
    assert len(found) == pages
    whole = "\n".join(found)
    for card in cards:
        assert len(re.findall(rf"{re.escape(card.identifier)}(?!\d)", whole)) == 1
        assert whole.count(code_in_groups(card.code)) == 1


@pytest.mark.parametrize("per_page", [PerPage.TWO, PerPage.EIGHT])
def test_nothing_of_a_card_lies_on_anothers_side_of_the_cut__att_52(poppler, portal, per_page):
    cards = pupils(int(per_page))
    columns, rows = GRIDS[per_page]
    width, height = A4[0] / columns, A4[1] / rows
    words = [
        (*map(float, found[:4]), found[4]) for found in WORD.findall(text_of(printed(portal, cards, per_page), "-bbox"))
    ]
    where: dict[str, tuple[int, int]] = {}
    for left, top, right, bottom, word in words:
        corner = (int(left // width), int(top // height))
        assert corner == (int(right // width), int(bottom // height)), f"{word} lies across a cut"
        where[word] = corner
    for number, card in enumerate(cards):
        place = (number % columns, number // columns)
        first, second = code_in_groups(card.code).split()
        assert {where[card.identifier], where[first], where[second]} == {place}


def test_what_a_name_holds_is_only_text__att_25(poppler, portal):
    code = (Secret("kz7m3wxa"), CardPurpose.ACTIVATION, UNTIL)
    hostile = Card('#import "x": *', "$x$ ]] `c` {portal} \\", "= titre", "a*b_c@d", *code)
    (page, *_) = pages_of(printed(portal, [hostile, Card("漢字", "😀", "", "x" * 200, *code)], PerPage.TWO))
    for piece in ('#import "x": *', "$x$ ]]", "{portal}", "= titre", "a*b_c@d"):
        assert piece in page


def test_cards_are_read_aloud_in_order_with_a_title_and_a_language(poppler, portal):
    told = subprocess.run(
        ["pdfinfo", "-"], input=printed(portal, pupils(3), PerPage.EIGHT), capture_output=True, check=True
    ).stdout.decode()
    assert re.search(r"Tagged:\s+yes", told)
    assert "Cartes pour choisir un mot de passe – Lumière – Collège Jean-Moulin" in told


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Choisissez votre mot de passe."), ("en", "Choose your password.")],
)
def test_cards_speak_the_readers_language(poppler, portal, language, words):
    assert words in " ".join(text_of(printed(portal, pupils(1), PerPage.ONE, language=language)).split())


@pytest.mark.parametrize("per_page", PerPage)
@pytest.mark.parametrize("swapped", [False, True])
def test_each_card_says_what_its_own_code_opens_and_until_when(poppler, portal, per_page, swapped):
    """In one class, some have never been in, and some have lost their password."""
    first, second = pupils(2)
    again = replace(second, purpose=CardPurpose.RECOVERY, valid_until=UNTIL - timedelta(days=3))
    cards = [again, first] if swapped else [first, again]
    for card, said in zip(cards, first_two(printed(portal, cards, per_page), per_page), strict=True):
        assert card.identifier in said
        assert ("Choisissez votre mot de passe." in said) is (card is first)
        assert ("Choisissez votre nouveau mot de passe." in said) is (card is again)
        assert ("4 décembre" in said) is (card is first)
        assert ("1 décembre" in said) is (card is again)


def first_two(pdf: bytes, per_page: PerPage) -> list[str]:
    """The words of the first two cards: on two pages, one above the other, or side by side."""
    if per_page is PerPage.ONE:
        return [" ".join(page.split()) for page in pages_of(pdf)]
    columns, rows = GRIDS[per_page]
    width, height = (int(A4[0] / columns), int(A4[1] / rows))
    second = (0, height) if columns == 1 else (width, 0)
    size = ["-r", "72", "-W", str(width), "-H", str(height)]
    found = [text_of(pdf, "-x", str(x), "-y", str(y), *size) for x, y in ((0, 0), second)]
    return [" ".join(said.split()) for said in found]


@pytest.mark.parametrize("per_page", PerPage)
def test_dashes_run_through_the_page_where_cards_part_and_nowhere_else(poppler, portal, per_page):
    """As a printer sees them."""
    width, height, dots = in_grey(printed(portal, pupils(int(per_page)), per_page))
    columns, rows = GRIDS[per_page]
    across = [runs_through(dots[y * width : (y + 1) * width]) for y in range(height)]
    down = [runs_through(dots[x::width]) for x in range(width)]
    assert lines_among(across) == pytest.approx([height * row / rows for row in range(1, rows)], abs=2)
    assert lines_among(down) == pytest.approx([width * column / columns for column in range(1, columns)], abs=2)


def in_grey(pdf: bytes) -> tuple[int, int, bytes]:
    """Width, height and a byte for each dot of the first page, a dot a point: what pdftoppm writes as PGM."""
    drawing = ["pdftoppm", "-r", "72", "-gray", "-l", "1", "-"]
    pgm = subprocess.run(drawing, input=pdf, capture_output=True, check=True).stdout
    _, size, _, dots = pgm.split(b"\n", 3)
    width, height = map(int, size.split())
    return width, height, dots


def runs_through(line: bytes) -> bool:
    """Ink from one edge of the page to the other, and paper between: text and frames stop before the edges."""
    pieces = [line[start : start + 12] for start in range(0, len(line) - 12, 12)]
    return all(min(piece) < 250 < max(piece) for piece in pieces)


def lines_among(found: list[bool]) -> list[int]:
    """Where each begins: a line may share two rows of dots."""
    return [place for place, is_line in enumerate(found) if is_line and not found[place - 1]]


def test_there_is_no_sheet_for_nobody(portal):
    with pytest.raises(ValueError, match="no card"):
        printed(portal, [], PerPage.ONE)


def test_codes_are_written_to_no_disk__att_17(portal, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    printed(portal, pupils(2), PerPage.TWO)
    assert list(tmp_path.iterdir()) == []
