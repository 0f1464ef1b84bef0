"""The tables of other applications: how they keep passwords, who may read and write them."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy
from passlib.context import CryptContext

from retrouve.config.directory_tables import HashFormat
from retrouve.directories.port import DirectoryUnavailableError, Refused, Written
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from retrouve.wiring.directories import opened
from tests.directories.homes import OLD, hashing
from tests.directories.test_every_directory import ADELLE

pytestmark = pytest.mark.django_db

NEW = Secret("Lanterne-bleue-42")
TYPED = {FactName.USERNAME: "adelle.adms"}
USERNAME = IdentifierKind.USERNAME


@pytest.fixture
def home(home_of):
    home = home_of("sqlite")
    home.settle(ADELLE)
    return home


def kept(home) -> str:
    with home.engine.connect() as connection:
        return str(connection.execute(sqlalchemy.text("SELECT secret FROM people WHERE login='adelle.adms'")).scalar())


@pytest.mark.parametrize("form", list(HashFormat))
def test_a_new_password_is_kept_as_the_application_keeps_them(home, portal, form):
    directory = opened(
        "essai", home.config(hash=form.value, also_reads=["bcrypt"] if form != "bcrypt" else []), hashing()
    )
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, OLD), Account)
    (account,) = directory.find(portal, TYPED)
    assert directory.set_password(account.reference, NEW) == Written()
    assert CryptContext([form.value]).verify(NEW.reveal(), kept(home))
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, NEW), Account)
    assert directory.check_password(portal, "adelle.adms", USERNAME, OLD) is None


@pytest.mark.parametrize("encoded", ["", "!", "*", "en-clair", "$2b$04$tronque", None])
def test_what_is_no_hash_opens_nothing(home, portal, encoded):
    with home.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE people SET secret = :it WHERE login = 'adelle.adms'"), {"it": encoded}
        )
    for password in ("", "en-clair", "!", "*", "nobody's password"):
        assert home.directory.check_password(portal, "adelle.adms", USERNAME, Secret(password)) is None


def test_bcrypt_refuses_what_it_would_cut(home, portal):
    """Beyond 72 bytes nothing counts: the person is told, and nothing is written."""
    (account,) = home.directory.find(portal, TYPED)
    before = kept(home)
    assert home.directory.set_password(account.reference, Secret("é" * 40)) == Refused("too_long")
    assert kept(home) == before
    assert home.directory.set_password(account.reference, Secret("x" * 72)) == Written()


def test_no_value_reaches_a_log_or_an_error(home, portal, caplog):
    caplog.set_level(logging.DEBUG)
    config = home.config(table="nulle_part")
    directory = opened("essai", config, hashing())
    with pytest.raises(DirectoryUnavailableError) as away:
        directory.find(portal, {FactName.USERNAME: "tres.secret"})
    assert "tres.secret" not in away.value.detail + caplog.text


def test_a_table_in_a_schema_is_named_with_it(home_of, portal):
    home = home_of("postgresql")
    home.settle(ADELLE)
    directory = opened("essai", home.config(table="public.people"), hashing())
    assert [account.identifier for account in directory.find(portal, TYPED)] == ["adelle.adms"]
    directory._directory.close()


def test_rights_to_read_only_are_told(home_of):
    """As docs/directories.md grants them, but for the column of the password."""
    home = home_of("postgresql")
    home.settle(ADELLE)
    with home.engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP ROLE IF EXISTS lecteur"))
        connection.execute(sqlalchemy.text("CREATE ROLE lecteur LOGIN"))
        connection.execute(sqlalchemy.text("GRANT SELECT ON people TO lecteur"))
    url = home.url.replace("app@", "lecteur@")
    directory = opened("essai", home.config(database_url=url), hashing())
    assert [found.code for found in directory.examine()][-1] == "may_not_write"
    with home.engine.begin() as connection:
        connection.execute(sqlalchemy.text("GRANT UPDATE (secret) ON people TO lecteur"))
    assert [found.code for found in directory.examine()][-1] == "may_write"
    directory._directory.close()
    with home.engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP OWNED BY lecteur"))
        connection.execute(sqlalchemy.text("DROP ROLE lecteur"))
