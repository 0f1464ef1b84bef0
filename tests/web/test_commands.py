"""An operator's commands about accounts, as they are typed."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.plugin import ROOT

PROGRAM = Path(sys.executable).with_name("retrouve")
LIST = "Matricule;Nom;Prénom;Classe;Code établissement\n1;Dupont;Jean;3A;E1\n2;Épée;Zoë;3A;E1\n3;=1;Max;3A;E1\n"


class Operator:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("RETROUVE_", "DJANGO_"))},
            "LANG": "fr_FR.UTF-8",
            "RETROUVE_DATABASE_URL": f"sqlite:///{folder}/base.sqlite3",
            "RETROUVE_SMTP_URL": "smtp://127.0.0.1:9",
            "RETROUVE_BASE_URL": "http://127.0.0.1:8000",
            "RETROUVE_SECRET_KEY": secrets.token_urlsafe(40),
        }

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(PROGRAM), *words, "--config", str(ROOT / "src/retrouve/demo"), "--portal", "leo"]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def accounts(self) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.folder / "base.sqlite3")) as base:
            return base.execute("SELECT identifier, classes FROM records_accountrow ORDER BY identifier").fetchall()


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    (tmp_path / "eleves.csv").write_text(LIST, "cp1252")
    return Operator(tmp_path)


def test_a_list_is_tried_imported_and_imported_again(operator, tmp_path):
    file = str(tmp_path / "eleves.csv")
    tried = operator.types("accounts", "import", file, "--dry-run")
    assert "Rien n’est changé" in tried.stdout
    assert "Comptes créés : 2".replace(" :", "\u00a0:") in tried.stdout or "Comptes créés : 2" in tried.stdout
    assert operator.accounts() == []
    done = operator.types("accounts", "import", file)
    assert done.returncode == 1, "lines were refused"
    assert operator.accounts() == [("jean.dupont", "|3A|"), ("zoe.epee", "|3A|")]
    report = (tmp_path / "eleves.csv.refus.csv").read_text("utf-8-sig")
    assert "'=1;Max;3A;E1;4;Refusée;" in report
    again = operator.types("accounts", "import", file)
    assert "déjà à jour : 2" in again.stdout.replace("\u00a0", " ")
    assert "Traceback" not in tried.stderr + done.stderr + again.stderr


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(40), (), "C’est une image"),
        (LIST.encode(), ("--salt", "dessus"), "--salt est"),
    ],
)
def test_a_wrong_file_or_word_is_told_in_a_sentence(operator, tmp_path, content, words, says):
    file = tmp_path / "autre.csv"
    file.write_bytes(content)
    told = operator.types("accounts", "import", str(file), *words)
    assert told.returncode == 1
    assert says in told.stdout
    assert "Traceback" not in told.stderr


AAF = """<ficAlimMENESR><addRequest><operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr>
</operationalAttributes><identifier><id>{0}</id></identifier><attributes><attr name="sn"><value>Nom{0}</value></attr>
</attributes></addRequest>"""


def test_a_file_that_breaks_in_the_middle_is_told_with_what_was_done_before(operator, tmp_path):
    whole, broken = tmp_path / "a.xml", tmp_path / "b.xml"
    people = [AAF.format(number).replace("<ficAlimMENESR>", "") for number in range(20_001)]
    whole.write_text(f"<ficAlimMENESR>{''.join(people)}</ficAlimMENESR>", "utf-8")
    broken.write_text(AAF.format("Z") + "<", "utf-8")
    told = operator.types("accounts", "import", str(whole), str(broken))
    said = told.stdout.replace("\u00a0", " ")
    assert told.returncode == 1
    assert "b.xml : Ce n’est pas du XML complet : la lecture s’arrête à la ligne 3." in said
    assert "L’import s’est arrêté là. Ceci est fait :\nLignes lues : 20000. Comptes créés : 20000" in said
    assert "importez-le à nouveau" in said
    assert len(operator.accounts()) == 20_000
    assert "Traceback" not in told.stderr


def test_the_command_counts_what_there_is_to_know_and_names_columns_that_are_not_kept(operator, tmp_path):
    file = tmp_path / "eleves.csv"
    file.write_text(
        "Nom;Prénom;Classe;Code d’activation;Remarque\nDupont;Jean;3A;abcd2345;\nDupont;Jean;3B;;\n", "utf-8"
    )
    file.chmod(0o600)
    told = operator.types("accounts", "import", str(file))
    said = told.stdout.replace("\u00a0", " ")
    assert told.returncode == 0, "nothing was refused"
    assert "Lignes refusées : 0. À savoir : 1." in said
    assert "Colonnes non reprises : Code d’activation, Remarque." in said
    report = tmp_path / "eleves.csv.refus.csv"
    assert str(report) in said
    assert report.stat().st_mode == file.stat().st_mode
    assert "Dupont;Jean;3B;;;3;À savoir;Une autre personne porte ce nom" in report.read_text("utf-8-sig")


def test_two_columns_that_say_the_same_are_named_with_their_file(operator, tmp_path):
    (tmp_path / "deux.csv").write_text("Nom;Courriel;Adresse mail\nDupont;a@example.org;b@example.org\n", "utf-8")
    said = operator.types("accounts", "import", str(tmp_path / "deux.csv")).stdout.replace("\u00a0", " ")
    assert "deux.csv : Deux colonnes disent la même chose : « Courriel » et « Adresse mail »." in said


def test_several_lists_at_once_are_refused_in_a_sentence(operator, tmp_path):
    file = str(tmp_path / "eleves.csv")
    told = operator.types("accounts", "import", file, file)
    assert (told.returncode, "Un CSV s’importe seul." in told.stdout) == (1, True)
    assert operator.accounts() == []


def test_a_file_that_is_not_there_is_told(operator, tmp_path):
    told = operator.types("accounts", "import", str(tmp_path / "rien.csv"))
    assert (told.returncode, "n’est pas un fichier" in told.stdout) == (1, True)


def test_somebody_is_put_in_charge_shown_and_taken_back(operator, tmp_path):
    operator.types("accounts", "import", str(tmp_path / "eleves.csv"))
    assert operator.types("helpers", "grant", "jean.dupont", "--role", "referent").returncode == 1
    assert operator.types("helpers", "grant", "personne", "--role", "operator").returncode == 1
    granted = operator.types("helpers", "grant", "jean.dupont", "--role", "referent", "--institution", "E1")
    assert granted.returncode == 0, granted
    assert "jean.dupont" in operator.types("helpers", "list").stdout
    assert operator.types("helpers", "forget-second-factor", "jean.dupont").returncode == 1
    assert operator.types("helpers", "take", "jean.dupont").returncode == 0
    assert operator.types("helpers", "take", "jean.dupont").returncode == 1
    assert operator.types("helpers", "list").stdout == ""


def test_an_institution_is_put_under_an_authority_and_shown(operator):
    assert operator.types("institutions", "set", "E1", "--name", "Lycée", "--parent", "PO").returncode == 1
    operator.types("institutions", "set", "PO", "--name", "Pouvoir organisateur")
    done = operator.types("institutions", "set", "E1", "--name", "Lycée", "--parent", "PO", "--contact", "Vie scolaire")
    assert done.returncode == 0, done
    assert "E1\tLycée\tPO\tVie scolaire\n" in operator.types("institutions", "list").stdout


def test_accounts_of_those_who_left_are_named_closed_and_reopened(operator, tmp_path):
    file = tmp_path / "partis.csv"
    file.write_text("Matricule;Nom;Prénom;Parti\n1;Dupont;Jean;non\n2;Épée;Zoë;non\n", "cp1252")
    operator.types("accounts", "import", str(file))
    file.write_text("Matricule;Nom;Prénom;Parti\n1;Dupont;Jean;non\n2;Épée;Zoë;oui\n", "cp1252")
    assert "Départs notés" in operator.types("accounts", "import", str(file)).stdout
    with closing(sqlite3.connect(operator.folder / "base.sqlite3")) as base:
        base.execute("UPDATE records_accountrow SET departed_at = '2026-01-01' WHERE departed_at IS NOT NULL")
        base.commit()
    named = operator.types("accounts", "close-departed", "--after-days", "30")
    assert "zoe.epee" in named.stdout
    assert "jean.dupont" not in named.stdout
    assert "Rien n’est fermé" in named.stdout
    assert "1" in operator.types("accounts", "close-departed", "--after-days", "30", "--yes").stdout
    assert operator.types("accounts", "reopen", "zoe.epee").returncode == 0
    assert operator.types("accounts", "reopen", "zoe.epee").returncode == 1


APPLICATION = """\
id = "ent"
name = "L’ENT"
home = "https://ent.example.org/"
redirect = ["https://ent.example.org/retour"]
"""


def test_an_application_is_registered_disabled_and_forgotten(operator, tmp_path):
    file = tmp_path / "ent.toml"
    file.write_text(APPLICATION, "utf-8")
    added = operator.types("applications", "add", str(file))
    assert added.returncode == 0, added.stderr
    assert "http://127.0.0.1:8000/leo/.well-known/openid-configuration" in added.stdout
    assert operator.types("applications", "disable", "ent").returncode == 0
    assert "ent\thttps://ent.example.org/\tdésactivée" in operator.types("applications", "list").stdout
    assert operator.types("applications", "enable", "ent").returncode == 0
    assert "ent\thttps://ent.example.org/\tenregistrée" in operator.types("applications", "list").stdout
    assert operator.types("applications", "forget", "ent").returncode == 0
    unknown = operator.types("applications", "disable", "ent")
    assert (unknown.returncode, "Aucune application" in unknown.stdout) == (1, True)


def test_an_application_that_is_written_wrong_is_told_where(operator, tmp_path):
    file = tmp_path / "ent.toml"
    file.write_text(APPLICATION.replace("/retour", "/retour#x"), "utf-8")
    refused = operator.types("applications", "add", str(file))
    assert refused.returncode == 2
    assert "ent.toml:4" in refused.stderr


def test_keys_turn_by_command(operator):
    first = operator.types("applications", "turn-keys").stdout
    second = operator.types("applications", "turn-keys", "--forget-current").stdout
    assert "signe maintenant avec la clé" in first
    assert first != second


def test_a_secret_and_its_digest_are_drawn_by_command():
    drawn = subprocess.run([str(PROGRAM), "applications", "secret"], capture_output=True, text=True, check=True).stdout
    secret, digest = (line.partition(" : ")[2] for line in drawn.splitlines())
    assert hashlib.sha256(secret.encode()).hexdigest() in digest
