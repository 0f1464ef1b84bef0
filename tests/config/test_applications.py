"""What an operator reads when an application's table, or its own file, is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from retrouve.config import application_file
from retrouve.config.application_file import application_from, load_application
from retrouve.config.portal_file import load_portal
from retrouve.config.problems import ConfigurationProblems
from retrouve.domain.applications import Scope, Subject
from tests.config.test_portal_files import GOOD, only

TABLE = """
[[application]]
id = "ent"
name = { fr = "L’ENT", en = "The ENT" }
home = "https://ent.example.org/"
redirect = ["https://ent.example.org/retour"]
"""
DIGEST = "sha256:" + "0" * 64


def test_an_application_is_read_from_the_portal_s_file(tmp_path):
    (tmp_path / "essai.toml").write_text(
        GOOD + TABLE + f'secret = "{DIGEST}"\nsubject = "pairwise"\nscopes = ["openid"]\n', "utf-8"
    )
    (application,) = load_portal(tmp_path / "essai.toml", ("fr", "en")).applications
    assert application.name.in_language("en") == "The ENT"
    assert application.secret_digest == "0" * 64
    assert not application.is_public
    assert application.sector == "ent.example.org"
    assert application.scopes == (Scope.OPENID,)
    assert application.subject is Subject.PAIRWISE
    assert application.comes_back_within == timedelta(minutes=5)


WRONG = [
    (TABLE.replace("redirect", "# redirect"), "application[1]", "leads_nowhere"),
    (TABLE + "\n" + TABLE, "application[2].id", "twice"),
    (TABLE.replace("/retour", "/retour#x"), "application[1].redirect[1]", "no_fragment"),
    (
        TABLE.replace("https://ent.example.org/retour", "http://ent.example.org/"),
        "application[1].redirect[1]",
        "bad_url",
    ),
    (TABLE.replace("https://ent.example.org/retour", "javascript:alert(1)"), "application[1].redirect[1]", "bad_url"),
    (TABLE + 'scopes = ["profile"]', "application[1].scopes", "needs_openid"),
    (TABLE + 'secret = "en clair"', "application[1].secret", "wrong_type"),
    (TABLE + 'comes_back_within = "2d"', "application[1].comes_back_within", "out_of_range"),
    (TABLE + "redirects = []", "application[1].redirects", "unknown_key"),
    (
        TABLE.replace("redirect =", 'subject = "pairwise"\nredirect =').replace(
            '["https', '["https://b.example.org/", "https'
        ),
        "application[1].subject",
        "several_sectors",
    ),
    (TABLE.replace("redirect", "consent = true\nservices"), "application[1].consent", "consent_needs_openid"),
    (
        TABLE + 'consent = true\nservices = ["https://ent.example.org/cas"]',
        "application[1].consent",
        "consent_needs_openid",
    ),
]


@pytest.mark.parametrize(("table", "key", "code"), WRONG, ids=[row[2] + "-" + row[1] for row in WRONG])
def test_a_mistake_is_told_at_its_key(tmp_path, table, key, code):
    problem = only(tmp_path, GOOD + table)
    assert (problem.key, problem.code) == (key, code)
    assert problem.sentence("fr")
    assert problem.sentence("en")


SAML = TABLE.replace('redirect = ["https://ent.example.org/retour"]', 'saml = "{name}"')


@pytest.mark.parametrize(
    ("name", "code"),
    [("../ent.xml", "bad_metadata_name"), ("absent.xml", "no_such_file"), ("autre.xml", "no_metadata")],
)
def test_the_metadata_of_a_saml_application_lie_beside_the_portal_s_file(tmp_path, name, code):
    (tmp_path / "autre.xml").write_text("<x/>")
    problem = only(tmp_path, GOOD + SAML.replace("{name}", name))
    assert (problem.key, problem.code) == ("application[1].saml", code)


def test_a_saml_application_is_read_with_its_metadata(tmp_path):
    (tmp_path / "ent.xml").write_text("<EntityDescriptor><AssertionConsumerService/></EntityDescriptor>")
    (tmp_path / "essai.toml").write_text(GOOD + SAML.replace("{name}", "ent.xml"), "utf-8")
    (application,) = load_portal(tmp_path / "essai.toml", ("fr", "en")).applications
    assert application.saml_metadata == tmp_path / "ent.xml"


def test_without_the_extra_saml_is_told_to_be_missing(tmp_path, monkeypatch):
    (tmp_path / "ent.xml").write_text("<EntityDescriptor><AssertionConsumerService/></EntityDescriptor>")
    monkeypatch.setattr(application_file, "find_spec", lambda _name: None)
    assert only(tmp_path, GOOD + SAML.replace("{name}", "ent.xml")).code == "needs_extra"


def test_a_saml_application_is_not_registered_by_command(tmp_path):
    file = tmp_path / "ent.toml"
    file.write_text(SAML.replace("[[application]]\n", "").replace("{name}", "ent.xml"), "utf-8")
    with pytest.raises(ConfigurationProblems) as told:
        load_application(file, ("fr", "en"))
    assert [problem.code for problem in told.value.problems] == ["in_portal_file"]


def test_an_application_has_a_file_of_its_own_for_the_command(tmp_path):
    file = tmp_path / "ent.toml"
    file.write_text(TABLE.replace("[[application]]\n", ""), "utf-8")
    definition = load_application(file, ("fr", "en"))
    assert application_from(definition, ("fr", "en")).client_id == "ent"


def test_a_mistake_in_that_file_has_its_line(tmp_path):
    file: Path = tmp_path / "ent.toml"
    file.write_text('id = "ent"\nname = "ENT"\nhome = "ailleurs"\n', "utf-8")
    with pytest.raises(ConfigurationProblems) as told:
        load_application(file, ("fr",))
    (problem,) = told.value.problems
    assert (problem.line, problem.key, problem.code) == (3, "home", "bad_url")
