"""Institutions told by command: who is then in an authority's reach, and whom the lost are sent to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from retrouve.cli.main import app
from retrouve.domain.delegation import Role
from retrouve.records.institutions import institutions_of
from retrouve.records.models import AuditRow
from tests.web.test_helpers import come_to_help, helper, open_person, person

pytestmark = [pytest.mark.django_db, pytest.mark.store]


@pytest.fixture
def portal(make_portal, monkeypatch):
    """The pages are in this process too: a command that prepares it would close their connections."""
    monkeypatch.setattr("retrouve.cli.institutions.prepare", lambda: None)
    return make_portal(
        activation={},
        sign_in={"links": ["help", "recover"]},
        help=[{"kind": "institution", "title": "Vous êtes toujours perdu ?"}],
    )


def institutions(*words: str) -> Result:
    return CliRunner().invoke(
        app, ["institutions", *words, "--config", os.environ["RETROUVE_CONFIG"], "--portal", "essai"]
    )


def told(*words: str) -> str:
    done = institutions("set", *words)
    assert done.exit_code == 0, done.output
    return done.output


def kept() -> list[tuple[str, str, str, str]]:
    return sorted(institutions_of("essai").values_list("code", "name", "parent", "contact"))


def found_by_the_lost(visitor, name: str) -> str:
    visitor.open("/essai/aide/")
    visitor.fill("Le nom de votre établissement", name)
    visitor.press("Chercher")
    return visitor.text


def test_an_authority_reaches_a_school_once_it_was_put_under_it(portal, visitor):
    helper(Role.AUTHORITY, "PO")
    pupil = person("paul.eleve", "E1")
    come_to_help(visitor)
    open_person(visitor, pupil)
    assert visitor.status == 404
    told("PO", "--name", "Pouvoir organisateur")
    told("E1", "--name", "Lycée de la Demo", "--parent", "PO")
    open_person(visitor, pupil)
    assert visitor.status == 200
    told("E1", "--parent", "")
    open_person(visitor, pupil)
    assert visitor.status == 404


def test_the_help_page_says_whom_to_ask_in_an_institution(portal, visitor):
    told("E1", "--name", "Lycée de la Demo")
    assert "Adressez-vous à son secrétariat." in found_by_the_lost(visitor, "lycée")
    told("E1", "--contact", "Vie scolaire,  bâtiment A")
    assert "Vie scolaire, bâtiment A" in found_by_the_lost(visitor, "lycée")
    told("E1", "--contact", "")
    assert "Adressez-vous à son secrétariat." in found_by_the_lost(visitor, "lycée")


def test_what_is_not_told_of_an_institution_stays_as_it_was(portal):
    told("PO", "--name", "Pouvoir organisateur")
    told("E1", "--name", "Lycée", "--parent", "PO", "--contact", "Vie scolaire")
    told("E1", "--name", "Lycée de la Demo")
    assert kept() == [("E1", "Lycée de la Demo", "PO", "Vie scolaire"), ("PO", "Pouvoir organisateur", "", "")]
    assert "E1\tLycée de la Demo\tPO\tVie scolaire" in institutions("list").output


def test_each_change_of_an_institution_is_traced_once_without_its_contact(portal):
    told("PO", "--name", "Pouvoir organisateur")
    for _ in range(2):
        told("E1", "--name", "Lycée de la Demo", "--parent", "PO", "--contact", "Mme Dupont")
    traced = AuditRow.objects.filter(event="institution_kept").order_by("pk")
    assert list(traced.values_list("outcome", flat=True)) == ["PO", "E1 under PO"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("NOUVEAU",), "ne connaît pas encore NOUVEAU : donnez aussi son nom"),
        (("E1", "--name", " "), "Le nom de E1 manque."),
        (("E1", "--parent", "AILLEURS"), "ne connaît pas AILLEURS"),
        (("PO", "--parent", "PO"), "Mettre PO sous PO ferait une boucle"),
        (("PO", "--parent", "E1"), "Mettre PO sous E1 ferait une boucle"),
        (("PO", "--parent", "ANNEXE"), "Mettre PO sous ANNEXE ferait une boucle"),
        (("E1", "--contact", "a" * 501), "Le contact de E1 est trop long"),
        (("E1", "--name", "a" * 255), "Le nom de E1 est trop long"),
        (("E" * 65, "--name", "Lycée"), "est trop long : 64 caractères au plus"),
        ((" ", "--name", "Lycée"), "Le code manque."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(portal, words, says):
    told("PO", "--name", "Pouvoir organisateur")
    told("E1", "--name", "Lycée de la Demo", "--parent", "PO")
    told("ANNEXE", "--name", "Annexe", "--parent", "E1")
    before = kept()
    refused = institutions("set", *words)
    assert refused.exit_code == 1
    assert says in refused.output.replace("\u00a0", " ")
    assert kept() == before


def listed(folder: Path, content: str) -> Result:
    file = folder / "etablissements.csv"
    file.write_text(content, "cp1252")
    return institutions("import", str(file))


def test_a_list_tells_of_many_institutions_whatever_their_order(portal, tmp_path):
    told("E1", "--name", "Lycée", "--contact", "Vie scolaire")
    lines = "E1;Lycée de la Demo;PO;\nPO;Pouvoir organisateur;;po@example.org\n"
    done = listed(tmp_path, f"Code;Nom;Tutelle;Contact\n{lines}")
    assert done.exit_code == 0, done.output
    assert kept() == [
        ("E1", "Lycée de la Demo", "PO", "Vie scolaire"),
        ("PO", "Pouvoir organisateur", "", "po@example.org"),
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("E1;Lycée;AILLEURS;\n", "Ligne 3 : Essai ne connaît pas AILLEURS"),
        ("E1;Lycée;E2;\nE2;École;E1;\n", "Ligne 4 : Mettre E2 sous E1 ferait une boucle"),
        ("E1;Lycée;;\nE1;École;;\n", "Ligne 4 : E1 est plusieurs fois"),
        (";Lycée;;\n", "Ligne 3 : Le code manque."),
        ("E1;Lycée;;=1\n", "Ligne 3 : Dans « Contact », « =1 » est une formule"),
    ],
)
def test_one_line_that_is_refused_leaves_all_as_it_was(portal, tmp_path, monkeypatch, lines, says):
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    refused = listed(tmp_path, f"Code;Nom;Tutelle;Contact\nPO;Pouvoir organisateur;;\n{lines}")
    assert refused.exit_code == 1
    assert says in refused.output.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Rien n’est changé." in refused.output
    assert kept() == []


def test_a_file_that_is_no_list_of_institutions_is_told(portal, tmp_path):
    assert "Aucune colonne ne s’appelle Code" in listed(tmp_path, "Nom;Prénom\nDupont;Jean\n").output
    assert "n’est pas un fichier" in institutions("import", str(tmp_path / "rien.csv")).output
