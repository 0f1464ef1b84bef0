"""What a file is written in, and which files are no list at all."""

import codecs
import io
import zipfile
from collections import deque

import pytest

from retrouve.files import text_lines
from retrouve.files.csv_lists import read_csv
from retrouve.files.people import FileRefusal, LineRefusal, RefusalCode, UnreadableFileError
from retrouve.files.text_lines import MOST_BYTES
from tests.files.lists import HEADER, NOE, ZOE, lines, names, read, refusals, written

LIST = (HEADER, ZOE, NOE)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_separator_and_line_end_gives_the_same_people(encoding, separator, line_end):
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    data = mark + written(*LIST, separator=separator, line_end=line_end).encode(encoding)
    assert read(data).separator == separator
    assert [(line.line, line.last_name, line.first_name, line.email, line.classes) for line in lines(data)] == [
        (2, "Dupré", "Zoé", "zoe.dupre@ecole.example", ("3EME1",)),
        (3, "Lefèvre", "Noé", "noe.lefevre@ecole.example", ("4EME2",)),
    ]


def test_a_list_saved_by_excel_in_france_is_read():
    """cp1252 and `;`, cells quoted where they have to be, and empty columns on the right."""
    text = (
        "Nom;Prénom;Date de naissance;Remarque;;\r\n"
        'Dupré;Zoé;31/12/2014;"dit ""la fusée""; 3 €";;\r\n'
        '"D\'Œuvre\xa0";Noé;01/02/2013;"sur deux\nlignes";;\r\n'
        ";;;;;\r\n"
        "Lefèvre;Inès;;;;\r\n"
    )
    found = lines(text.encode("cp1252"))
    assert [(line.line, line.last_name, str(line.birth_date)) for line in found] == [
        (2, "Dupré", "2014-12-31"),
        (3, "D'Œuvre", "2013-02-01"),
        (6, "Lefèvre", "None"),
    ]


def test_the_last_line_needs_no_line_break():
    assert names("Nom\r\nDupré\r\nLefèvre") == ["Dupré", "Lefèvre"]


def test_utf_8_opened_elsewhere_as_something_else_is_taken_as_it_is():
    assert names("Nom\r\nDuprÃ©\r\n") == ["DuprÃ©"]


@pytest.mark.parametrize("before", [30, 3000])
def test_a_line_in_another_encoding_is_set_apart_and_reading_goes_on(before):
    good = "Lefèvre;Noé\r\n".encode()
    data = "Nom;Prénom\r\n".encode() + good * before + "Dupré;Zoé\r\n".encode("cp1252") + good * 2
    assert refusals(data) == [(before + 2, RefusalCode.BAD_ENCODING)]
    assert names(data) == ["Lefèvre"] * (before + 2)
    (refusal,) = (line for line in lines(data) if isinstance(line, LineRefusal))
    assert refusal.cells == ("Dupré", "Zoé")


@pytest.mark.parametrize("before", [2, 8000])
@pytest.mark.parametrize("person", ["Épée;Zoé", "O’Brien;Max", "Œuvre;Max", "Kovačić;Max"])
def test_a_line_in_utf_8_among_others_of_windows_is_set_apart_and_reading_goes_on(before, person):
    good = "Lefèvre;Noé\r\n".encode("cp1252")
    data = "Nom;Prénom\r\n".encode("cp1252") + good * before + f"{person}\r\n".encode() + good * 2
    assert refusals(data) == [(before + 2, RefusalCode.BAD_ENCODING)]
    assert names(data) == ["Lefèvre"] * (before + 2)
    (refusal,) = (line for line in lines(data) if isinstance(line, LineRefusal))
    assert ";".join(refusal.cells) == person


@pytest.mark.parametrize(
    "name", ["ANDRÉ\xa0", "L’ÎLE", "GOSSÉ’S", "ÉŒIL", "dit «\xa0René\xa0»", "LÉ»", "NOËL", "GROß\xa0", "Ç"]
)
def test_what_one_writes_on_windows_is_not_taken_for_utf_8(name):
    found = lines(f"Nom;Prénom\r\nLefèvre;Noé\r\n{name};Max\r\n".encode("cp1252"))
    assert [line.last_name for line in found] == ["Lefèvre", " ".join(name.split())]


def test_bytes_that_mean_nothing_in_the_encoding_of_windows_are_set_apart():
    assert refusals(b"Nom;Pr\xe9nom\r\nDupr\xe9;Zo\x81\r\nLef\xe8vre;No\xe9\r\n") == [(2, RefusalCode.BAD_ENCODING)]


def test_half_a_character_in_utf_16_is_set_apart():
    data = codecs.BOM_UTF16_LE + "Nom\nDupr".encode("utf-16-le") + b"\x00\xd8" + "\nLefèvre\n".encode("utf-16-le")
    assert refusals(data) == [(2, RefusalCode.BAD_ENCODING)]
    assert names(data) == ["Lefèvre"]


def test_a_character_cut_by_the_end_of_what_is_looked_at_first_is_still_utf_8():
    data = ("Nom\n" + "x" * 100 + "\n").encode()
    data += b"y" * (64 * 1024 - 1 - len(data)) + "é\n".encode()
    assert read(data).encoding == "utf-8"


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "content")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", FileRefusal.EMPTY),
        (codecs.BOM_UTF8, FileRefusal.EMPTY),
        (codecs.BOM_UTF16_LE, FileRefusal.EMPTY),
        (codecs.BOM_UTF16_LE + b" \x00\n\x00", FileRefusal.EMPTY),
        (b"\r\n \r\n", FileRefusal.EMPTY),
        (b";;;\r\n;;\r\n", FileRefusal.EMPTY),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", FileRefusal.PICTURE),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", FileRefusal.PICTURE),
        (b"GIF89a\x01\x00", FileRefusal.PICTURE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileRefusal.PICTURE),
        (b"\x00\x00\x00\x18ftypheic", FileRefusal.PICTURE),
        (b"%PDF-1.7\n%\xe2\xe3", FileRefusal.PDF),
        (zipped("xl/workbook.xml"), FileRefusal.SPREADSHEET),
        (zipped("[Content_Types].xml"), FileRefusal.SPREADSHEET),
        (zipped("people.csv"), FileRefusal.ARCHIVE),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", FileRefusal.SPREADSHEET),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), FileRefusal.SPREADSHEET),
        (b"\x1f\x8b\x08\x00", FileRefusal.ARCHIVE),
        (b"Nom\x00Pr\x00\r\n", FileRefusal.BINARY),
        (b"Nom;Classe\r\n" + bytes(100), FileRefusal.BINARY),
        ("Nom;Prénom\r\n".encode("utf-16-le"), FileRefusal.BINARY),
        (b"<html><table><tr><td>Nom</td></tr></table></html>", FileRefusal.UNKNOWN_HEADERS),
    ],
)
def test_what_is_no_list_of_people_is_refused_as_a_whole(data, code):
    with pytest.raises(UnreadableFileError) as caught:
        read(data)
    assert caught.value.code == code


def test_a_stray_nul_costs_its_line_only():
    data = b"Nom;Classe\r\n" + b"Lefevre;3A\r\n" * 50 + b"Du\x00pre;3A\r\nMartin;3A\r\n"
    assert refusals(data) == [(52, RefusalCode.CONTROL_CHARACTERS)]


def test_a_file_that_is_told_to_be_of_two_gigabytes_is_not_even_opened():
    class Unread(io.RawIOBase):
        def read(self, _size=-1):
            raise AssertionError

    with pytest.raises(UnreadableFileError) as caught:
        read_csv(Unread(), size=2 * 1024**3)
    assert caught.value.code == FileRefusal.TOO_LARGE


class Endless(io.RawIOBase):
    """A header, then the same bytes for ever."""

    def __init__(self, piece: bytes) -> None:
        self.piece = piece
        self.given = 0

    def read(self, size=-1):
        block = b"Nom;Classe\n" if not self.given else self.piece * (size // len(self.piece))
        self.given += len(block)
        return block


@pytest.mark.parametrize("piece", [b"Dupre;3A\n", b"x", b'"', b'a"b;"c\n', b"\x80", b"\n", b"\r"])
def test_a_stream_without_end_is_read_to_the_limit_and_no_further(piece, monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_BYTES", 2 * 1024 * 1024)
    stream = Endless(piece)
    found = read_csv(stream)
    with pytest.raises(UnreadableFileError) as caught:
        deque(found.lines, maxlen=0)
    assert caught.value.code == FileRefusal.TOO_LARGE
    assert stream.given <= 3 * 1024 * 1024


def test_the_limit_is_two_hundred_mebibytes():
    stream = Endless(b"x")
    with pytest.raises(UnreadableFileError):
        deque(read_csv(stream).lines, maxlen=0)
    assert MOST_BYTES <= stream.given <= MOST_BYTES + 1024 * 1024
    assert MOST_BYTES == 200 * 1024 * 1024
