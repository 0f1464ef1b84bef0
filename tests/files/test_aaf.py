import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.files import text_lines
from retrouve.files.aaf import read_aaf
from retrouve.files.people import (
    FileRefusal,
    InstitutionLine,
    LineRefusal,
    PersonLine,
    Profile,
    RefusalCode,
    UnreadableFileError,
)

NAME = "ENT_0999999X_Complet_20261101_Eleve_0000.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">\n<ficAlimMENESR>\n'
FOOT = "</ficAlimMENESR>\n"


def request(
    kind: str, category: str, key: str, *, what: str = "categoriePersonne", **attributes: str | list[str]
) -> str:
    inner = "modification" if kind == "modifyRequest" else "attr"
    told = "".join(
        f'<{inner} name="{name}">'
        + "".join(f"<value>{value}</value>" for value in ([values] if isinstance(values, str) else values))
        + f"</{inner}>"
        for name, values in attributes.items()
    )
    return (
        f'<{kind}>\n<operationalAttributes><attr name="{what}"><value>{category}</value></attr></operationalAttributes>'
        f"<identifier><id>{key}</id></identifier><attributes>{told}</attributes></{kind}>\n"
    )


def pupil(key: str = "101", *, kind: str = "addRequest", **attributes: str | list[str]) -> str:
    zoe = {"sn": "Dupré", "givenName": "Zoé", "ENTPersonStructRattach": "7001"}
    return request(kind, "Eleve", key, **({"ENTPersonJointure": key} | zoe | attributes))


def read(*requests: str, head: str = HEAD, encoding: str = "utf-8") -> list[object]:
    data = (head + "".join(requests) + FOOT).encode(encoding)
    return list(read_aaf([(NAME, io.BytesIO(data))]))


def only(*requests: str) -> PersonLine:
    (found,) = read(*requests)
    assert isinstance(found, PersonLine), found
    return found


def refusal(data: bytes | str) -> FileRefusal:
    with pytest.raises(UnreadableFileError) as caught:
        list(read_aaf([(NAME, io.BytesIO(data.encode() if isinstance(data, str) else data))]))
    assert caught.value.values["file"] == NAME
    return caught.value.code


def test_a_pupil_is_read_with_classes_and_legal_guardians():
    zoe = only(
        pupil(
            ENTPersonDateNaissance="31/12/2014",
            mail=["", "zoe@ecole.example"],
            mobile="+33 6 12 34 56 78",
            ENTEleveNivFormation="3EME GENERALE",
            ENTEleveClasses=["7001$3EME1", "7002$LATIN", ""],
            ENTElevePersRelEleve=["201$1$1$1$1$0", "202$2$0$2$1$0", "203$9$0$0$1$0"],
        )
    )
    assert zoe == PersonLine(
        line=4,
        external_id="101",
        first_name="Zoé",
        last_name="Dupré",
        email="zoe@ecole.example",
        mobile="+33 6 12 34 56 78",
        birth_date=date(2014, 12, 31),
        institution="7001",
        classes=("3EME1", "7002$LATIN"),
        profile=Profile.PUPIL,
        level="3EME GENERALE",
        guardians=("201", "202"),
        file=NAME,
    )


def test_somebody_who_is_only_to_be_called_is_no_guardian__att_53():
    assert only(pupil(ENTElevePersRelEleve="203$9$0$0$1$0")).guardians == ()


def test_guardians_named_by_their_key_alone_are_taken():
    assert only(pupil(ENTElevePersRelEleve=["201", "201"])).guardians == ("201",)


def test_a_guardian_is_read():
    guardian = only(request("addRequest", "PersRelEleve", "201", sn="Lefèvre", givenName="Anne"))
    assert (guardian.external_id, guardian.profile, guardian.last_name) == ("201", Profile.GUARDIAN, "Lefèvre")


@pytest.mark.parametrize(
    ("attributes", "profile"),
    [
        ({"PersEducNatPresenceDevantEleves": "O"}, Profile.TEACHER),
        ({"PersEducNatPresenceDevantEleves": "N"}, Profile.STAFF),
        ({"ENTPersonFonctions": "7001$ENS$ENSEIGNEMENT$L1300$MATHEMATIQUES"}, Profile.TEACHER),
        ({"ENTPersonFonctions": "7001$DIR$DIRECTION$D0010$-"}, Profile.STAFF),
        ({}, Profile.STAFF),
    ],
)
def test_whoever_stands_before_pupils_is_a_teacher(attributes, profile):
    assert (
        only(request("addRequest", "PersEducNat", "301", sn="Blom", givenName="Noé", **attributes)).profile == profile
    )


def test_the_classes_of_a_teacher_come_with_their_subjects():
    blom = only(
        request(
            "addRequest", "PersEducNat", "301", sn="Blom", givenName="Noé", ENTPersonStructRattach="7001",
            ENTAuxEnsClassesMatieres=["7001$3EME1$030201", "7001$3EME1$030202", "7002$4EME2$030201"],
        )
    )  # fmt: skip
    assert blom.classes == ("3EME1", "7002$4EME2")


def test_an_institution_has_its_code_and_its_name():
    school = request(
        "addRequest", "EtabEducNat", "7001", what="categorieStructure", ENTStructureJointure="7001",
        ENTStructureUAI="0999999X", ENTStructureNomCourant="Collège des Essais",
    )  # fmt: skip
    assert read(school) == [InstitutionLine(4, "7001", code="0999999X", name="Collège des Essais", file=NAME)]


def test_a_delta_tells_only_what_changed():
    change = request("modifyRequest", "Eleve", "101", mail="zoe@ecole.example", ENTEleveClasses="7001$3EME2", mobile="")
    zoe = only(change)
    assert zoe.changed == {"email", "classes", "mobile"}
    assert (zoe.external_id, zoe.email, zoe.classes, zoe.departed) == (
        "101",
        "zoe@ecole.example",
        ("7001$3EME2",),
        False,
    )


def test_a_delta_that_does_not_tell_what_an_adult_does_tells_no_profile__att_53():
    assert only(request("modifyRequest", "PersEducNat", "301", mail="")).profile is None


def test_a_delta_deletes():
    zoe, school = read(
        request("deleteRequest", "Eleve", "101"),
        request("deleteRequest", "EtabEducNat", "7001", what="categorieStructure"),
    )
    assert zoe == PersonLine(line=4, external_id="101", profile=Profile.PUPIL, departed=True, file=NAME)
    assert school == InstitutionLine(6, "7001", departed=True, file=NAME)


def test_subjects_and_services_are_passed_over():
    assert (
        read(
            request("addRequest", "MEF", "1", what="categorieMef"),
            request("addRequest", "ServAc", "2", what="categorieStructure"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("told", "code", "column"),
    [
        (pupil(mail="zoe"), RefusalCode.BAD_EMAIL, "mail"),
        (pupil(ENTPersonDateNaissance="12/31/2014"), RefusalCode.BAD_DATE, "ENTPersonDateNaissance"),
        (pupil(sn="=1+1"), RefusalCode.FORMULA, "sn"),
        (pupil(givenName="Z\u202eoé"), RefusalCode.CONTROL_CHARACTERS, "givenName"),
        (pupil(sn="x" * 300), RefusalCode.TOO_LONG, "sn"),
        (pupil(ENTEleveClasses="7001$" + "x" * 300), RefusalCode.TOO_LONG, "ENTEleveClasses"),
        (pupil(sn="x" * 100_000), RefusalCode.TOO_LONG, ""),
        (pupil(mail=["a@b.example"] * 20_000), RefusalCode.TOO_LONG, ""),
        (pupil(sn="", givenName=""), RefusalCode.NO_NAME, "sn"),
        (pupil(""), RefusalCode.NO_KEY, ""),
        (request("addRequest", "Robot", "1"), RefusalCode.UNKNOWN_PROFILE, "categoriePersonne"),
    ],
)
def test_somebody_who_cannot_be_read_is_refused_and_the_next_one_is_read__att_55(told, code, column):
    found, zoe = read(told, pupil("102"))
    assert isinstance(found, LineRefusal)
    assert (found.line, found.code, found.column, found.file) == (4, code, column, NAME)
    assert zoe.external_id == "102"


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "ISO-8859-15", "windows-1252"])
def test_the_file_says_what_it_is_written_in(encoding):
    (zoe,) = read(pupil(), head=HEAD.replace("UTF-8", encoding), encoding=encoding)
    assert zoe.first_name == "Zoé"


def test_files_are_read_one_after_another():
    data = (HEAD + pupil() + FOOT).encode()
    found = list(read_aaf([("a.xml", io.BytesIO(data)), ("b.xml", io.BytesIO(data))]))
    assert [(line.file, line.line) for line in found] == [("a.xml", 4), ("b.xml", 4)]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><ficAlimMENESR>&i;</ficAlimMENESR>"
)


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        f'<!DOCTYPE ficAlimMENESR [<!ENTITY a "{"a" * 50_000}">]><ficAlimMENESR>{"&a;" * 50_000}</ficAlimMENESR>',
        '<!DOCTYPE ficAlimMENESR [<!ENTITY a SYSTEM "file:///etc/passwd">]><ficAlimMENESR>&a;</ficAlimMENESR>',
        '<!DOCTYPE ficAlimMENESR [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a.dtd"> %a;]><ficAlimMENESR/>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd" [<!ENTITY a "b">]><ficAlimMENESR>&a;</ficAlimMENESR>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "http://127.0.0.1:9/ficAlimMENESR.dtd"><ficAlimMENESR/>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "file:///etc/passwd"><ficAlimMENESR/>',
        '<!DOCTYPE ficAlimMENESR PUBLIC "-//a" "ficAlimMENESR.dtd"><ficAlimMENESR/>',
        "<!DOCTYPE html><ficAlimMENESR/>",
        HEAD + "&a;" + FOOT,
        HEAD + "<addRequest>&a;</addRequest>" + FOOT,
    ],
)  # fmt: skip
def test_declarations_entities_and_references_are_refused_and_nothing_is_fetched__att_58(xml):
    assert refusal(xml) == FileRefusal.FORBIDDEN_XML


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", FileRefusal.EMPTY),
        (b"Nom;Pr\xc3\xa9nom\n", FileRefusal.NOT_XML),
        (b"\x89PNG\r\n\x1a\n", FileRefusal.PICTURE),
        (b"PK\x03\x04", FileRefusal.ARCHIVE),
        (HEAD + pupil(), FileRefusal.NOT_XML),
        (HEAD.replace("UTF-8", "klingon") + FOOT, FileRefusal.NOT_XML),
        (HEAD.replace("UTF-8", "utf-7") + FOOT, FileRefusal.NOT_XML),
        (HEAD.replace("UTF-8", "zip") + FOOT, FileRefusal.NOT_XML),
        (HEAD.encode() + b"\xe9" + FOOT.encode(), FileRefusal.NOT_XML),
        (HEAD + "&#0;" + FOOT, FileRefusal.NOT_XML),
        ("<svg><addRequest/></svg>", FileRefusal.NOT_AAF),
        (HEAD + "<a>" * 1000, FileRefusal.NOT_AAF),
        (HEAD + "<a " + "x" * 3_000_000, FileRefusal.NOT_XML),
        (HEAD + "<!-- " + "x" * 3_000_000, FileRefusal.NOT_XML),
    ],
)
def test_what_is_not_aaf_is_refused_as_a_whole(data, code):
    assert refusal(data) == code


def test_a_file_without_end_is_read_to_the_limit(monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_BYTES", 300_000)
    assert refusal(HEAD + pupil() * 1000) == FileRefusal.TOO_LARGE


@given(st.binary(max_size=300), st.text(max_size=300))
def test_any_bytes_are_people_refusals_or_an_unreadable_file__att_55(data, text):
    for content in (
        data,
        HEAD.encode() + data,
        (HEAD + text).encode("utf-8", "replace"),
        (HEAD + pupil(sn=text) + FOOT),
    ):
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        try:
            found = list(read_aaf([(NAME, io.BytesIO(raw))]))
        except UnreadableFileError:
            continue
        assert all(isinstance(line, PersonLine | LineRefusal | InstitutionLine) for line in found)
