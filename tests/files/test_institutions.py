import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.files.institutions import InstitutionCells, read_institutions
from retrouve.files.people import FileRefusal, LineRefusal, RefusalCode, UnreadableFileError


def read(content: str | bytes) -> list[InstitutionCells | LineRefusal]:
    return list(read_institutions(io.BytesIO(content.encode("cp1252") if isinstance(content, str) else content)))


def test_each_line_tells_what_its_cells_say_and_no_more():
    assert read("Nom;Code;Ville;Contact;Tutelle\r\nLycée;E1;Dijon;Vie scolaire;PO\r\n\r\nÉcole ;E2\r\n") == [
        InstitutionCells(2, {"name": "Lycée", "code": "E1", "contact": "Vie scolaire", "parent": "PO"}),
        InstitutionCells(4, {"name": "École", "code": "E2"}),
    ]


def test_a_contact_may_hold_the_separator_and_a_telephone_number():
    assert read('Code,Contact\nE1,"Vie scolaire, bâtiment A"\nE2,+33 3 00 00 00 01\n') == [
        InstitutionCells(2, {"code": "E1", "contact": "Vie scolaire, bâtiment A"}),
        InstitutionCells(3, {"code": "E2", "contact": "+33 3 00 00 00 01"}),
    ]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("E1;=1+1", LineRefusal(2, RefusalCode.FORMULA, "Contact", "=1+1")),
        ("E1;Vie scolaire;de trop", LineRefusal(2, RefusalCode.TOO_MANY_CELLS)),
        ('E1;"Vie scolaire', LineRefusal(2, RefusalCode.OPEN_QUOTE)),
        ("E1;" + "a" * 70_000, LineRefusal(2, RefusalCode.TOO_LONG)),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_by_its_number(line, refused):
    assert read(f"Code;Contact\n{line}\n") == [refused]


def test_a_list_without_the_codes_of_institutions_is_refused():
    with pytest.raises(UnreadableFileError) as refused:
        read("Nom;Prénom\nDupont;Jean\n")
    assert refused.value.code is FileRefusal.UNKNOWN_HEADERS


@given(st.binary(max_size=200))
def test_whatever_the_bytes_the_reader_answers(content):
    try:
        told = read(b"Code;Nom;Tutelle;Contact\n" + content)
    except UnreadableFileError:
        return
    assert all(isinstance(one, InstitutionCells | LineRefusal) for one in told)
