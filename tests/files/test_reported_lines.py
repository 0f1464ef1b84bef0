import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from retrouve.files.reported_lines import ReportedLines, neutral
from tests.files.lists import lines, names, read

SIGNS = st.text("=+-@\t\r\n '\"a;1é＝\u00a0", max_size=12) | st.text(max_size=40)


ADDED = ["Ligne", "Avis", "Explication"]


def report(header, *told):
    stream = io.StringIO(newline="")
    lines = ReportedLines(stream, header, ADDED)
    for cells, number, sentence in told:
        lines.add(cells, (number, "Refusée", sentence))
    return stream.getvalue()


def rows(header, *told):
    return list(csv.reader(io.StringIO(report(header, *told), newline=""), delimiter=";"))


def test_lines_are_given_back_with_their_number_and_what_is_told_of_them():
    assert rows(["Nom", "Courriel"], (("Dupré; dite Zoé", "zoe"), "7", "« zoe » n’est pas une adresse.")) == [
        ["Nom", "Courriel", *ADDED],
        ["Dupré; dite Zoé", "zoe", "7", "Refusée", "« zoe » n’est pas une adresse."],
    ]


def test_cells_that_are_missing_or_too_many_leave_number_and_reason_in_their_columns():
    told = rows(["Nom", "Prénom"], (("Dupré",), "2", "a"), (("Lefèvre", "Noé", "de trop"), "3", "b"))
    assert told[1:] == [["Dupré", "", "2", "Refusée", "a"], ["Lefèvre", "Noé", "3", "Refusée", "b", "de trop"]]


def test_what_was_refused_can_be_mended_and_read_again():
    (refusal,) = lines("Nom;Mobile;Courriel;Sel\r\nDupré;+32 470 12 34 56;zoe;+bc\r\n")
    mended = report(["Nom", "Mobile", "Courriel", "Sel"], (refusal.cells, "2", "…")).replace(";zoe;", ";zoe@e.example;")
    assert names(mended) == ["Dupré"]
    assert (lines(mended)[0].mobile, lines(mended)[0].salt) == ("+32 470 12 34 56", "+bc")
    assert read(mended).ignored == tuple(ADDED)


@given(st.lists(SIGNS, min_size=1, max_size=4), SIGNS)
def test_no_cell_of_the_report_is_a_formula__att_25(cells, sentence):
    written = rows(cells, (cells, "2", sentence))
    assert len(written) == 2
    for cell in (cell for row in written for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not cell.strip().startswith(("=", "+", "-", "@"))


@given(SIGNS)
def test_a_cell_is_neutral_once_and_for_all_and_loses_nothing__att_25(cell):
    assert neutral(neutral(cell)) == neutral(cell)
    assert neutral(cell).removeprefix("'") == cell.removeprefix("'") or neutral(cell) == cell
    assert neutral(cell) in (cell, f"'{cell}")
