"""Whatever the bytes, and however long the list."""

import io
import tracemalloc

from hypothesis import example, given
from hypothesis import strategies as st

from retrouve.files.csv_lists import read_csv
from retrouve.files.people import LineRefusal, PersonLine, UnreadableFileError
from tests.files.lists import HEADER, lines, written

HEADER_BYTES = b"Nom;Pr\xc3\xa9nom;Courriel;Date de naissance;Classe;Profil;Parti;Hash\n"
PIECES = st.sampled_from(
    [b'"', b";", b",", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"\xc3\xa9", b"=",
     b"sep=;\n", b"Nom", b"Dupre", b"zoe@ecole.example", b"31/12/2014", b"oui", b"eleve", b" ", b"\xc2\xa0", b"'"]
)  # fmt: skip


def nothing_else_happens(data: bytes) -> None:
    try:
        found = list(read_csv(io.BytesIO(data)).lines)
    except UnreadableFileError:
        return
    assert all(isinstance(line, PersonLine | LineRefusal) for line in found)
    numbers = [line.line for line in found]
    assert numbers == sorted(set(numbers))


@given(st.binary(max_size=2000))
@example(b"Nom\n\x81")
@example(b"\xff\xfeN")
@example(b"\xff\xfe\x00\x00N\x00\x00\x00")
@example(b'Nom;"\n')
def test_any_bytes_are_people_refusals_or_an_unreadable_file__att_55(data):
    nothing_else_happens(data)
    nothing_else_happens(HEADER_BYTES + data)


@given(st.lists(PIECES, max_size=60).map(b"".join))
def test_any_pieces_of_a_list_are_people_refusals_or_an_unreadable_file__att_55(data):
    nothing_else_happens(data)
    nothing_else_happens(HEADER_BYTES + data)


# What cp1252 has too, and NFC leaves as it is.
LETTERS = st.text("abzABZéèàçœŒßÉñï€’ -", min_size=1, max_size=20).map(str.strip).filter(lambda name: name.strip("-"))
PEOPLE = st.lists(
    st.tuples(LETTERS, LETTERS, st.just("zoe@ecole.example"), st.sampled_from(["3A", "3A|3B", ""])), max_size=20
)


@given(PEOPLE)
def test_a_list_in_the_encoding_of_windows_gives_the_same_people_as_in_utf_8(people):
    people = [("Dupré", "Zoé", "", ""), *people]
    one = lines(written(HEADER, *people, separator=";").encode("cp1252"))
    other = lines(written(HEADER, *people, separator=",").encode())
    assert [line for line in one if isinstance(line, PersonLine)] == [
        line for line in other if isinstance(line, PersonLine)
    ]
    assert len(one) == len(people)


class Generated(io.RawIOBase):
    """A list that is made as it is read."""

    def __init__(self, people: int) -> None:
        self.left = people
        self.begun = False

    def read(self, _size=-1):
        if not self.begun:
            self.begun = True
            return "Nom;Prénom;Identifiant;Date de naissance;Classe\r\n".encode()
        block = range(self.left, max(self.left - 500, 0), -1)
        self.left = max(self.left - 500, 0)
        return "".join(
            f"Dupré{n};Zoé;zoe.dupre{n};{n % 28 + 1}/{n % 12 + 1}/{1950 + n % 60};{n % 100}A\r\n" for n in block
        ).encode()


def test_two_hundred_thousand_people_take_no_memory():
    tracemalloc.start()
    try:
        read = sum(isinstance(line, PersonLine) for line in read_csv(Generated(200_000)).lines)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == 200_000
    assert peak < 20_000_000
