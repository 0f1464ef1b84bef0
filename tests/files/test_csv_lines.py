"""What one line may hold, and what becomes of the lines after one that is refused."""

import csv
from datetime import date

import pytest

from retrouve.files.people import LineRefusal, PersonLine, Profile, RefusalCode
from tests.files.lists import lines, names, only, refusals


def cell(header: str, content: str) -> PersonLine | LineRefusal:
    quoted = content.replace('"', '""')
    (found,) = lines(f'Nom;{header}\r\nDupré;"{quoted}"\r\n')
    return found


def refusal(header: str, content: str) -> RefusalCode:
    found = cell(header, content)
    assert isinstance(found, LineRefusal), found
    assert (found.line, found.column, found.cells) == (2, header, ("Dupré", content))
    return found.code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("31/12/2014", date(2014, 12, 31)),
        ("31-12-2014", date(2014, 12, 31)),
        ("31.12.2014", date(2014, 12, 31)),
        ("1/2/2014", date(2014, 2, 1)),
        ("03/04/2014", date(2014, 4, 3)),
        ("2014-12-31", date(2014, 12, 31)),
        ("2014/12/31", date(2014, 12, 31)),
        ("2014-12-31T00:00:00", date(2014, 12, 31)),
        (" 29/02/2012\u00a0", date(2012, 2, 29)),
    ],
)
def test_a_date_is_read_the_day_first_or_the_year_first(written, read):
    assert cell("Date de naissance", written).birth_date == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("12/31/2014", RefusalCode.BAD_DATE),
        ("2014-31-12", RefusalCode.BAD_DATE),
        ("31/12/14", RefusalCode.BAD_DATE),
        ("31/12-2014", RefusalCode.BAD_DATE),
        ("29/02/2013", RefusalCode.BAD_DATE),
        ("31 décembre 2014", RefusalCode.BAD_DATE),
        ("41996", RefusalCode.BAD_DATE),
        ("００/12/2014", RefusalCode.BAD_DATE),
        ("٣١/12/2014", RefusalCode.BAD_DATE),
        ("01/01/1900", RefusalCode.UNLIKELY_DATE),
        ("01/01/0214", RefusalCode.UNLIKELY_DATE),
        ("01/01/2999", RefusalCode.UNLIKELY_DATE),
    ],
)
def test_a_date_that_could_be_another_one_is_refused(written, code):
    assert refusal("Date de naissance", written) == code


@pytest.mark.parametrize("address", ["zoe@ecole.example", "Zoé.Dupré@école.example", "o'neill+x@a.b.example"])
def test_an_address_is_kept_as_it_is(address):
    assert cell("Courriel", address).email == address


@pytest.mark.parametrize(
    "address",
    ["zoe", "zoe@", "@", "zoe@ecole", "zoe@@ecole.example", "zoe@ecole..example", "zoe@.example", "a b@ecole.example",
     "a@ecole.example, b@ecole.example", "Zoé <zoe@ecole.example>", "zoe@ecole.example\nBcc: all@ecole.example"],
)  # fmt: skip
def test_what_is_not_one_address_is_refused__att_24(address):
    found = cell("Courriel", address)
    assert isinstance(found, LineRefusal)
    assert found.code in {RefusalCode.BAD_EMAIL, RefusalCode.FORMULA}


@pytest.mark.parametrize("content", ["=1+1", "=cmd|'/c calc'!A0", "+1+cmd", "-2+3*A1", "@SUM(A1)", "\t=1", "\tZoé",
                                     "\r=1", " =1", "'=1", "+", "=12"])  # fmt: skip
@pytest.mark.parametrize("header", ["Prénom", "Classe", "Téléphone", "Identifiant", "Code d'activation"])
def test_a_formula_never_comes_in__att_25(header, content):
    found = cell(header, content)
    assert isinstance(found, LineRefusal)
    assert found.code == RefusalCode.FORMULA


@pytest.mark.parametrize("number", ["+32 470 12 34 56", "+33612345678", "+32 (0)470/12.34.56", "0612345678", "-12"])
def test_a_telephone_number_may_begin_like_a_formula(number):
    assert cell("Mobile", number).mobile == number


def test_the_apostrophe_that_keeps_a_number_from_being_computed_is_not_part_of_it():
    assert cell("Mobile", "'+32 470 12 34 56").mobile == "+32 470 12 34 56"
    assert cell("Prénom", "'t Jan").first_name == "'t Jan"


@pytest.mark.parametrize("content", ["", " ", "\u00a0", "-", "--", "\n"])
def test_a_cell_that_says_nothing_is_empty(content):
    assert cell("Courriel", content).email == ""


@pytest.mark.parametrize(
    "content", ["a\x00b", "a\x07b", "a\tb", "a\x0bb", "a\x85b", "a\u2028b", "a\u202eb", "a\u200bb"]
)
def test_control_characters_are_refused__att_55(content):
    assert refusal("Prénom", content) == RefusalCode.CONTROL_CHARACTERS


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("Zoe\u0301", "Zoé"),
        ("\u00a0Zoé\u00a0", "Zoé"),
        ("Marie\u00a0Zoé", "Marie Zoé"),
        ("Marie\nZoé", "Marie Zoé"),
        ("می\u200cنا", "می\u200cنا"),
        ("Ma;rie", "Ma;rie"),
        ('Zoé "Z"', 'Zoé "Z"'),
        ("x" * 254, "x" * 254),
    ],
)
def test_a_name_is_tidied_and_nothing_else(content, read):
    assert cell("Prénom", content).first_name == read


@pytest.mark.parametrize(("header", "most"), [("Prénom", 254), ("Classe", 254), ("Hash", 512), ("Sel", 254)])
def test_a_cell_has_its_longest(header, most):
    assert isinstance(cell(header, "x" * most), PersonLine)
    assert refusal_code(header, "x" * (most + 1)) == RefusalCode.TOO_LONG


def refusal_code(header: str, content: str) -> RefusalCode:
    found = cell(header, content)
    assert isinstance(found, LineRefusal)
    return found.code


@pytest.mark.parametrize(
    ("content", "classes"),
    [
        ("3A", ("3A",)),
        ("3A,3B", ("3A", "3B")),
        (" 3A | 3B |", ("3A", "3B")),
        ("3A\n3B", ("3A", "3B")),
        ("3A,3A", ("3A",)),
    ],
)
def test_classes_are_separated_by_a_comma_a_bar_or_a_line_break(content, classes):
    assert cell("Classes", content).classes == classes


@pytest.mark.parametrize(
    ("content", "profile"),
    [
        ("Élève", Profile.PUPIL),
        ("ELEVE", Profile.PUPIL),
        ("Enseignant", Profile.TEACHER),
        ("Enseignant(e)", Profile.TEACHER),
        ("professeur", Profile.TEACHER),
        ("Personnel", Profile.STAFF),
        ("Parent", Profile.GUARDIAN),
        ("Responsable légal", Profile.GUARDIAN),
        ("Student", Profile.PUPIL),
        ("", None),
    ],
)
def test_a_profile_has_many_names(content, profile):
    assert cell("Profil", content).profile == profile


def test_a_profile_that_nobody_knows_is_refused_and_gives_no_rights__att_53():
    assert refusal("Profil", "super-administrateur") == RefusalCode.UNKNOWN_PROFILE


@pytest.mark.parametrize("header", ["Parti(e)", "Date de départ"])
@pytest.mark.parametrize(
    ("content", "departed", "left_on"),
    [
        ("oui", True, None),
        ("X", True, None),
        ("partie", True, None),
        ("non", False, None),
        ("", False, None),
        ("30/06/2026", False, date(2026, 6, 30)),
    ],
)
def test_somebody_left_or_will(header, content, departed, left_on):
    found = cell(header, content)
    assert (found.departed, found.left_on) == (departed, left_on)


def test_a_date_of_departure_counts_from_its_day_on():
    zoe = cell("Date de départ", "30/06/2026")
    assert [zoe.has_left(date(2026, 6, day)) for day in (29, 30)] == [False, True]
    assert cell("Parti", "oui").has_left(date(2026, 6, 29))


def test_an_answer_that_is_neither_yes_nor_no_is_refused():
    assert refusal("Parti", "peut-être") == RefusalCode.UNKNOWN_ANSWER


def test_secrets_are_neither_shown_nor_printed():
    zoe = cell("Hash", "$2b$10$abc")
    assert zoe.password_hash == "$2b$10$abc"
    assert "$2b$" not in repr(zoe)
    for header in ("Hash", "Sel", "Code d'activation"):
        found = cell(header, "sesame" * 100)
        assert found.shown == ""
        assert "sesame" not in repr(found)


@pytest.mark.parametrize("line", ['sesame;"Zoé', "sesame;Zo\udce9", "sesame;" + "x" * 70_000])
def test_nothing_is_shown_of_a_line_that_may_hold_a_secret(line):
    text = f"Code d'activation;Nom\r\n{line}\r\n" + ";Lefèvre\r\n" * 3
    (found,) = (line for line in lines(text.encode("utf-8", "surrogateescape")) if isinstance(line, LineRefusal))
    assert "sesame" not in repr(found)


@pytest.mark.parametrize("header", ["Nom d'usage", "id", "Login", "Courriel"])
def test_an_empty_cell_at_the_end_may_be_left_out_whatever_it_is(header):
    assert only(f"Nom;Prénom;{header}\r\nDupré;Zoé\r\n").first_name == "Zoé"


def test_a_hash_or_a_salt_may_begin_like_a_formula():
    assert cell("Sel", "+/abc==").salt == "+/abc=="


def test_what_is_shown_of_a_cell_is_short_and_hides_nothing__att_55():
    found = cell("Courriel", "\u202eevil\x1b[31m" + "x" * 100)
    assert found.shown.isprintable()
    assert len(found.shown) <= 61


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (";;zoe@ecole.example", RefusalCode.NO_NAME),
        ("Dupré;Zoé;zoe@ecole.example;3A", RefusalCode.TOO_MANY_CELLS),
        ("Dupré", RefusalCode.TOO_FEW_CELLS),
    ],
)
def test_a_line_that_does_not_fit_is_refused_and_the_next_one_read(line, code):
    text = f"Nom;Prénom;Courriel\r\n{line}\r\nLefèvre;Noé;\r\n"
    assert refusals(text) == [(2, code)]
    assert names(text) == ["Lefèvre"]


@pytest.mark.parametrize("line", ["Dupré;Zoé", "Dupré;Zoé;", "Dupré;Zoé;;;; ;", "Dupré;;", ";Zoé;"])
def test_empty_cells_at_the_end_may_be_there_or_not(line):
    assert isinstance(only(f"Nom;Prénom;Courriel\r\n{line}\r\n"), PersonLine)


@pytest.mark.parametrize("blank", ["", ";;", ";", " ; ;\u00a0", '"";"";""', ";;;;;;"])
def test_blank_lines_are_skipped(blank):
    assert [line.line for line in lines(f"Nom;Prénom;Courriel\r\n{blank}\r\nDupré;Zoé;\r\n")] == [3]


def test_where_a_list_has_no_names_a_key_is_enough():
    text = "Login;Hash\r\nzoe.dupre;$2b$10$abc\r\n;$2b$10$abc\r\n"
    assert only(text.rsplit("\r\n", 2)[0]).identifier == "zoe.dupre"
    assert refusals(text) == [(3, RefusalCode.NO_KEY)]


def test_of_somebody_who_left_a_key_is_enough():
    assert only("id;Nom;Parti\r\n77;;oui\r\n").departed


@pytest.mark.parametrize(
    "line", ['"Dupré;Zoé;', 'Dupré;"Zoé;', 'Dupré;Zoé;"', '"Dupré"x;"Zoé;', '""";Zoé;'],
)  # fmt: skip
@pytest.mark.parametrize("after", [1, 50, 500, 20_000])
def test_a_quotation_mark_that_nothing_closes_costs_its_line_only(line, after):
    text = f"Nom;Prénom;Courriel\r\n{line}\r\n" + "Lefèvre;Noé;\r\n" * after
    assert refusals(text) == [(2, RefusalCode.OPEN_QUOTE)]
    assert len(names(text)) == after


def test_quotation_marks_that_nothing_closes_on_every_line_are_refused_one_by_one():
    text = "Nom;Prénom\r\n" + 'a"b;"c\r\n' * 2000 + "Lefèvre;Noé\r\n"
    assert [code for _, code in refusals(text)] == [RefusalCode.OPEN_QUOTE] * 2000
    assert names(text) == ["Lefèvre"]


@pytest.mark.parametrize("filler", ["x", ";", "é", '"x";'])
def test_a_line_longer_than_64_kib_is_refused_and_the_next_one_read(filler):
    text = "Nom;Prénom\r\n" + filler * 100_000 + "\r\nLefèvre;Noé\r\n"
    assert refusals(text) == [(2, RefusalCode.TOO_LONG)]
    assert names(text) == ["Lefèvre"]


def test_a_line_of_a_million_characters_is_one_line():
    text = "Nom;Prénom\r\n" + "é" * 1_000_000 + "\r\nLefèvre;Noé\r\n"
    assert [line.line for line in lines(text)] == [2, 3]


def test_a_thousand_refusals_in_a_row_do_not_stop_the_reading():
    text = "Nom;Courriel\r\n" + "Dupré;nulle part\r\n" * 1000 + "Lefèvre;\r\n"
    assert len(refusals(text)) == 1000
    assert names(text) == ["Lefèvre"]


def test_the_limit_that_another_reader_of_csv_has_set_crashes_nothing():
    before = csv.field_size_limit(10)
    try:
        text = 'Nom;Prénom\r\n"Dupré-Lefèvre-Martin";"Zoé"\r\n"Martin";"Noé"\r\n'
        assert refusals(text) == [(2, RefusalCode.TOO_LONG)]
        assert names(text) == ["Martin"]
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize(
    "written", ["DE", "de", "DEU", "Allemagne", "ALLEMAGNE", "Duitsland", "Deutschland", "Germany"]
)
def test_a_country_goes_by_its_code_or_its_name_in_four_languages(written):
    assert cell("Pays", written).country == "DE"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Côte d’Ivoire", "CI"),
        ("Etats-Unis", "US"),
        ("USA", "US"),
        ("uk", "GB"),
        ("Österreich", "AT"),
        ("Tchéquie", "CZ"),
    ],
)
def test_a_country_is_read_without_its_accents_and_marks(written, code):
    assert cell("Pays", written).country == code


@pytest.mark.parametrize("written", ["Atlantide", "XX", "ZZ", "EU", "Congo", "SU", "1", "Union européenne"])
def test_what_is_no_country_is_refused(written):
    assert refusal_code("Pays", written) == RefusalCode.UNKNOWN_COUNTRY
