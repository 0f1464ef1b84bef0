"""What an operator writes, asks and sees: `server.toml`, the commands, `/readyz`, the figures, a killed server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from retrouve.cli.directory import SENTENCES
from retrouve.demo.mailbox import mails
from retrouve.demo.servers.ports import free_port
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName
from retrouve.domain.secret import Secret
from retrouve.wiring.configuration import portals
from tests.directories.homes import OLD
from tests.directories.test_transport import told as told_slapd
from tests.faults.browsing import browsing
from tests.plugin import MAIL_FOLDER, ROOT
from tests.portals import SIMPLE
from tests.servers.retrouve import PROGRAM, RetrouveServer
from tests.web.conftest import link_in
from tests.web.test_recovery import ask, choose

pytestmark = pytest.mark.django_db

NEW = "Lanterne-bleue-42"
ADELLE = Account("", "adelle.adms", "adelle.adms@example.org", "Adelle", "Adms")


@pytest.fixture
def ldap(home_of) -> Any:
    home = home_of("openldap")
    home.settle(ADELLE)
    return home


@pytest.fixture
def server(tmp_path) -> Iterator[Callable[..., RetrouveServer]]:
    """A real server with directories; `more` are other keys of `server.toml`."""
    made: list[RetrouveServer] = []

    def one(portal: dict[str, Any] | None = None, *, directories: dict[str, Any], **more: Any) -> RetrouveServer:
        settings = {**more, "directory": directories}
        smtp = os.environ["RETROUVE_SMTP_URL"]
        made.append(RetrouveServer(tmp_path / "site", {"essai": {**SIMPLE, **(portal or {})}}, smtp, more=settings))
        return made[-1]

    yield one
    for site in made:
        site.stop()


def told(server: RetrouveServer, *command: str, **environment: str) -> tuple[int, str]:
    """The end and the words of a command."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RETROUVE_", "DJANGO_"))}
    done = subprocess.run(
        [str(PROGRAM), *command, "--config", str(server.folder)],
        check=False,
        capture_output=True,
        text=True,
        env={**inherited, **environment, "LANG": "fr_FR.UTF-8"},
    )
    return done.returncode, (done.stdout + done.stderr).replace("\u00a0", " ").replace("\u202f", " ")


def region(home, **more: Any) -> dict[str, Any]:
    return {"name": "Annuaire de la Région", **home.given(), **more}


# Configuration


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "novell"}, "directory.region.kind : attendu : l’un de openldap, active_directory"),
        ({"url": "http://annuaire.example.org"}, "directory.region.url : attendu : ldaps://machine"),
        ({"url": "ldap://annuaire.example.org"}, "directory.region.url : des mots de passe passeraient en clair"),
        ({"replicas": ["ldap://copie.example.org"]}, "directory.region.replicas : des mots de passe"),
        ({"start_tls": True}, "directory.region.start_tls : ldaps:// chiffre déjà"),
        (
            {"url": "ldap://127.0.0.1", "start_tls": True, "replicas": ["ldaps://127.0.0.1"]},
            "directory.region.replicas : avec start_tls, chaque adresse commence par ldap://",
        ),
        ({"base": "people"}, "directory.region.base : attendu : un nom d’annuaire"),
        ({"username": "uid)(x=*"}, "directory.region.username : attendu : un nom d’attribut"),
        ({"filter": "ou=Lycées"}, "directory.region.filter : attendu : une condition entre parenthèses"),
        ({"ca_file": "nulle-part.pem"}, "directory.region.ca_file : ce fichier n’existe pas"),
        ({"bind_password": ""}, "directory.region.bind_password : il manque"),
        ({"bind_pasword": "x"}, "directory.region.bind_pasword : clé inconnue ; vouliez-vous dire « bind_password »"),
        ({"timeout": "longtemps"}, "directory.region.timeout : attendu : une durée"),
        ({"name": 3}, "directory.region.name"),
    ],
)  # fmt: skip
def test_a_mistake_about_a_directory_is_named_with_its_place(ldap, server, change, said):
    site = server(directories={"region": region(ldap, **change)})
    ended, words = told(site, "check")
    assert ended == 2
    assert said in words
    assert "server.toml:" in words
    assert "motdepasse" not in words


def test_a_condition_without_an_index_is_a_doubt_and_the_server_starts(home_of, server):
    site = server(directories={"region": region(home_of("openldap"), filter="(!(employeeType=parti))")})
    ended, words = told(site, "check")
    assert ended == 1
    assert "directory.region.filter : une négation" in words
    assert told(site, "directory", "test", "region")[0] == 0


def test_an_attribute_that_active_directory_does_not_index_is_a_doubt(server):
    given = {
        "kind": "active_directory",
        "name": "Domaine",
        "url": "ldaps://dc1.exemple.fr",
        "base": "DC=exemple,DC=fr",
        "bind_dn": "CN=retrouve,DC=exemple,DC=fr",
        "bind_password": "motdepasse-du-service",
    }
    site = server(directories={"domaine": {**given, "email": "extensionAttribute1"}})
    ended, words = told(site, "check")
    assert (ended, "directory.domaine.email : Active Directory n’indexe pas" in words) == (1, True)


def test_every_kind_of_directory_is_read_and_judged(home_of, server):
    kinds = ("openldap", "active_directory", "postgresql", "mariadb", "sqlite", "http")
    directories = {kind.replace("_", "-"): {"name": "Essai", **home_of(kind).given()} for kind in kinds}
    site = server({"directory": "active-directory", "also_write_to": ["sqlite"]}, directories=directories)
    assert told(site, "check") == (0, "Configuration : tout va bien.\n")


@pytest.mark.parametrize(
    ("portal", "said"),
    [
        ({"directory": "regoin"}, "directory : annuaire inconnu ; connus : own, region ; vouliez-vous dire « region »"),
        ({"directory": "region", "also_write_to": ["region"]}, "also_write_to : cet annuaire est déjà"),
        ({"also_write_to": ["nulle-part"]}, "also_write_to[1] : annuaire inconnu"),
    ],
)
def test_a_portal_names_directories_that_exist(ldap, server, portal, said):
    ended, words = told(server(portal, directories={"region": region(ldap)}), "check")
    assert ended == 2
    assert said in words


def test_a_secret_comes_from_the_environment_or_a_file(ldap, server, tmp_path):
    given = region(ldap)
    password = given.pop("bind_password")
    site = server(directories={"region": given})
    assert "directory.region.bind_password" in told(site, "check")[1]
    assert told(site, "check", RETROUVE_DIRECTORY_REGION_SECRET=password)[0] == 0
    (tmp_path / "secret").write_text(password + "\n", "utf-8")
    in_file = {"RETROUVE_DIRECTORY_REGION_SECRET_FILE": str(tmp_path / "secret")}
    assert told(site, "directory", "test", "region", **in_file)[0] == 0
    assert "inconnue" in told(site, "check", RETROUVE_DIRECTORY_REGOIN_SECRET=password, **in_file)[1]


@pytest.mark.parametrize("lasts", ["4m", "25h"])
def test_how_long_a_sealed_password_waits_is_bounded(server, lasts):
    ended, words = told(server(directories={}, sealed_lasts=lasts), "check")
    assert ended == 2
    assert "sealed_lasts" in words


# Commands


def test_the_whole_chain_of_a_directory_is_told_a_sentence_a_step(ldap, server):
    site = server(directories={"region": region(ldap)})
    ended, words = told(site, "directory", "test", "region")
    assert ended == 0
    lines = words.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("bien ") for line in lines)
    assert "« userPassword » peut être écrit." in words
    ended, words = told(site, "directory", "test", "nulle-part")
    assert (ended, words) == (1, "Annuaire inconnu : nulle-part. Connus : own, region.\n")
    assert told(site, "directory", "test", "own")[0] == 0


def test_what_is_to_be_mended_is_said_and_the_command_fails(ldap, server):
    ended, words = told(
        server(directories={"region": region(ldap, bind_password="pas-le-bon")}), "directory", "test", "region"
    )
    assert ended == 1
    assert "à réparer" in words
    assert "vérifiez « bind_dn » et « bind_password »" in words
    assert "pas-le-bon" not in words


def test_every_finding_has_a_sentence():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "src/retrouve/directories").glob("*.py"))
    for name in SENTENCES:
        assert f'"{name}"' in code, f"nothing says {name}"


@pytest.mark.parametrize(
    ("typed", "ended", "said"),
    [
        (
            ["username=adelle.adms"],
            0,
            "essai (region) : adelle.adms, a...@...mple.org\nessai (region) : un courriel partirait.",
        ),
        (["username=inconnue"], 1, "essai (region) : personne : rien ne partirait."),
        (["username=sans.adresse"], 1, "ce compte n’a pas d’adresse : rien ne partirait."),
        (["nom=adelle"], 1, "« nom=adelle » n’est pas lisible. Attendu : fait=valeur"),
    ],
)
def test_an_operator_sees_what_a_request_would_find_and_why_it_stays_silent(ldap, server, typed, ended, said):
    ldap.remove("sans.adresse")
    with ldap.administered() as admin:
        admin.add(ldap.dn("sans.adresse"), "inetOrgPerson", {"cn": "S", "sn": "S", "userPassword": OLD.reveal()})
    site = server({"directory": "region"}, directories={"region": region(ldap)})
    code, words = told(site, "accounts", "find", "--portal", "essai", *typed)
    assert (code, said in words) == (ended, True), words


def test_an_operator_sees_that_the_directory_is_away(ldap, server):
    site = server({"directory": "region"}, directories={"region": region(ldap, url=f"ldaps://127.0.0.1:{free_port()}")})
    code, words = told(site, "accounts", "find", "--portal", "essai", "username=adelle.adms")
    assert code == 1
    assert "l’annuaire ne répond pas (no_answer)" in words
    code, words = told(site, "helpers", "forget-second-factor", "--portal", "essai", "adelle.adms")
    assert code == 1
    assert "L’annuaire ne répond pas (no_answer). Rien n’est changé." in words


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "adelle.adms n’a pas de second moyen de preuve sur Essai."),
        (("--audience", "ailleurs"), "Essai n’a pas de population ailleurs."),
    ],
)
def test_an_operator_hears_what_stops_them_from_forgetting_means(ldap, server, more, said):
    site = server({"directory": "region"}, directories={"region": region(ldap)})
    code, words = told(site, "helpers", "forget-second-factor", "--portal", "essai", "adelle.adms", *more)
    assert (code, said in words) == (1, True), words


# A server that runs


def test_a_password_outlives_an_outage_and_a_killed_server(ldap, server):
    """The directory stops, the person chooses, the server is killed, both come back: the password arrives."""
    metrics = free_port()
    site = server(
        {"directory": "region", "completion": {"wait_page": True}},
        directories={"region": region(ldap)},
        metrics=f"127.0.0.1:{metrics}",
    )
    site.start()
    assert "directory region: answers" in body(f"{site.base}/readyz")
    visitor = browsing(site.port, "192.0.2.7", Counter())
    ask(visitor)
    visitor.open(link_in(wait_for_mail("/r/")).replace(site.base, ""))
    with told_slapd(ldap.server, "readonly on"):  # it may be asked before it stops
        choose(visitor, NEW)
        ldap.interrupt()
        try:
            site.stop(signal.SIGKILL)
            site.start()
            wait_until(lambda: "directory region: no_answer" in body(f"{site.base}/readyz"))
            figures = wait_for_figures(metrics, 'retrouve_directory_passwords_waiting{directory="region"} 1.0')
            assert 'retrouve_directory_up{directory="region"} 0.0' in figures
            assert NEW not in figures
            visitor.open("/essai/patientez/")
            assert visitor.heading == "Mise à jour en cours"
            assert "Annuaire de la Région : en cours" in visitor.text
        finally:
            ldap.resume()
    wait_until(lambda: holds(ldap, NEW))
    wait_until(lambda: visitor.open("/essai/patientez/") or visitor.heading == "Mot de passe modifié")
    assert "directory_back" in site.log or "directory_away" in site.log
    assert NEW not in site.log


def body(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  our own server
        return str(answer.read().decode())


def wait_for_figures(port: int, line: str) -> str:
    wait_until(lambda: line in body(f"http://127.0.0.1:{port}/metrics"))
    return body(f"http://127.0.0.1:{port}/metrics")


def wait_for_mail(part: str) -> Any:
    wait_until(lambda: any(part in mail.text for mail in mails(MAIL_FOLDER)))
    return next(mail for mail in mails(MAIL_FOLDER) if part in mail.text)


def holds(home, password: str) -> bool:
    (account,) = home.directory.find(portals()["leo"], {FactName.USERNAME: "adelle.adms"})
    return bool(home.directory.holds(account.reference, Secret(password)))


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    """A server that is just starting may hang up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if true():
                return
        time.sleep(0.2)
    pytest.fail("it never came true")
