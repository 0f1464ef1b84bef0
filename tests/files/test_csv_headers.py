import pytest

from retrouve.files.people import FileRefusal, UnreadableFileError
from tests.files.lists import only, read


def refused(header: str) -> UnreadableFileError:
    with pytest.raises(UnreadableFileError) as caught:
        read(header + "\r\n")
    return caught.value


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("id", "external_id"),
        ("ExternalId", "external_id"),
        ("external_id", "external_id"),
        ("INE", "external_id"),
        ("Matricule", "external_id"),
        ("nom", "last_name"),
        ("NOM *", "last_name"),
        ("Nom de famille", "last_name"),
        ("lastName", "last_name"),
        ("prénom", "first_name"),
        ("Pre\u0301nom", "first_name"),
        ("PRENOM*", "first_name"),
        ("First name", "first_name"),
        ("nom d'usage", "usual_name"),
        ("Nom d’usage", "usual_name"),
        ("classe", "classes"),
        ("Classe(s)", "classes"),
        ("date de naissance", "birth_date"),
        ("Né(e) le", "birth_date"),
        ("birth-date", "birth_date"),
        ("courriel", "email"),
        ("E-mail", "email"),
        ("Adresse e-mail", "email"),
        ("identifiant", "identifier"),
        ("Login", "identifier"),
        ("téléphone", "mobile"),
        ("Tél. portable", "mobile"),
        ("GSM", "mobile"),
        ("niveau", "level"),
        ("Code d'activation", "activation_code"),
        ("Établissement", "institution_name"),
        ("Code établissement", "institution"),
        ("UAI", "institution"),
        ("RNE", "institution"),
        ("FASE", "institution"),
        ("Type", "profile"),
        ("Profil", "profile"),
        ("hash", "password_hash"),
        ("Mot de passe haché", "password_hash"),
        ("sel", "salt"),
        ("langue", "language"),
        ("pays", "country"),
        ("qualité", "kind"),
        ("Parti(e)", "departed"),
        ("date de départ", "left_on"),
        ("ID enfant", "children"),
    ],
)
def test_a_header_is_known_whatever_its_accents_case_and_signs(header, field):
    assert read(f"Login ;{header}\n" if field != "identifier" else f"Nom;{header}\n").columns[header] == field


def test_entcore_s_own_list_is_read():
    text = "Type;Nom;Prénom;Login;Alias de login;Code d'activation\r\nÉlève;Dupré;Zoé;zoe.dupre;;abcd2345\r\n"
    found = read(text)
    assert found.ignored == ("Alias de login",)
    zoe = only(text)
    assert (zoe.identifier, zoe.activation_code, zoe.profile) == ("zoe.dupre", "abcd2345", "pupil")


def test_headers_that_nobody_knows_are_listed():
    found = read("Nom;Prénom;Régime;;Cantine;\r\n")
    assert found.header == ("Nom", "Prénom", "Régime", "", "Cantine")
    assert found.columns == {"Nom": "last_name", "Prénom": "first_name"}
    assert found.ignored == ("Régime", "Cantine")


def test_a_clear_password_is_never_read():
    assert read("Login;Mot de passe\r\n").ignored == ("Mot de passe",)


@pytest.mark.parametrize(
    ("header", "field", "kept"),
    [
        ("INE;id;Nom", "external_id", "id"),
        ("Nom de naissance;Nom", "last_name", "Nom"),
        ("Nom;Téléphone;Portable", "mobile", "Portable"),
    ],
)
def test_of_two_columns_that_tell_the_same_the_better_one_is_read(header, field, kept):
    columns = read(header + "\r\n").columns
    assert [name for name, known in columns.items() if known == field] == [kept]


@pytest.mark.parametrize(
    ("header", "field"),
    [("Nom;NOM", "last_name"), ("Nom;Courriel;E-mail", "email"), ("Nom;Type;Profil", "profile")],
)
def test_the_same_field_twice_is_refused_as_nobody_knows_which_is_meant(header, field):
    refusal = refused(header)
    assert refusal.code == FileRefusal.TWO_SAME_COLUMNS
    assert refusal.values["field"] == field
    assert {refusal.values["first"], refusal.values["second"]} <= set(header.split(";"))


def test_a_header_may_be_quoted_on_two_lines():
    text = '"Nom";"Prénom";"Date de\nnaissance"\r\nDupré;Zoé;31/12/2014\r\n'
    assert read(text).columns["Date de naissance"] == "birth_date"
    assert only(text).line == 3


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_first_line_of_excel_may_name_the_separator(first):
    text = f"{first}\r\nNom;Prénom\r\nDupré;Zoé\r\n"
    assert read(text).separator == ";"
    assert only(text).line == 3


def test_blank_lines_may_come_before_the_header():
    assert only("\r\n;;\r\nNom;Prénom\r\nDupré;Zoé\r\n").line == 4


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Dupré;Zoé;zoe@ecole.example", FileRefusal.NO_HEADER),
        ("Dupré;Zoé;31/12/2014", FileRefusal.NO_HEADER),
        ("Couleur;Animal", FileRefusal.UNKNOWN_HEADERS),
        ("Classe;Niveau", FileRefusal.NOBODY_NAMED),
        (";".join(["Nom"] + [f"c{n}" for n in range(999)]), FileRefusal.TOO_MANY_COLUMNS),
        ("Nom;" + "x" * 70_000, FileRefusal.HEADER_TOO_LONG),
        ("x" * 1_000_000, FileRefusal.HEADER_TOO_LONG),
        ("é" * 1_000_000, FileRefusal.HEADER_TOO_LONG),
    ],
)
def test_a_header_that_cannot_be_a_list_of_people_is_refused(header, code):
    assert refused(header).code == code
