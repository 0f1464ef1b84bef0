"""The tables of other applications: how they keep passwords, who may read and write them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from passlib.context import CryptContext
from structlog.testing import capture_logs

from retrouve.config.directory_tables import HashFormat
from retrouve.directories.guarded import Health
from retrouve.directories.port import DirectoryUnavailableError, Refused, Unavailable, Written
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from retrouve.wiring.directories import opened
from tests.directories.homes import OLD, SqlHome, hashing
from tests.directories.test_every_directory import ADELLE, rested

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


def test_rights_to_read_only_are_told(home_of, portal):
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
    (account,) = directory.find(portal, TYPED)
    assert directory.set_password(account.reference, NEW) == Refused("no_right")
    assert directory.health().reason == ""
    with home.engine.begin() as connection:
        connection.execute(sqlalchemy.text("GRANT UPDATE (secret) ON people TO lecteur"))
    assert [found.code for found in directory.examine()][-1] == "may_write"
    run(home, "REVOKE SELECT ON people FROM lecteur")
    with pytest.raises(DirectoryUnavailableError) as away:
        directory.find(portal, TYPED)
    assert away.value.reason == "no_right"
    directory._directory.close()
    with home.engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP OWNED BY lecteur"))
        connection.execute(sqlalchemy.text("DROP ROLE lecteur"))


@contextmanager
def told_to(home, *statements: str, back: Sequence[str]) -> Iterator[None]:
    """What the other application's database is told, and told back."""
    run(home, *statements)
    try:
        yield
    finally:
        run(home, *back)


def run(home, *statements: str) -> None:
    with home.engine.begin() as connection:
        for statement in statements:
            connection.execute(sqlalchemy.text(statement))


ON_UPDATE = "BEFORE UPDATE ON people FOR EACH ROW"
PL = "RETURNS trigger LANGUAGE plpgsql AS"
OLD_CONDITION = "ALTER TABLE people ADD CONSTRAINT asks CHECK (secret LIKE 'old%') NOT VALID"
CHEAP_CONDITION = "ALTER TABLE people ADD CONSTRAINT asks CHECK (secret LIKE '$2b$04$%')"
WITHOUT_CONDITION = "ALTER TABLE people DROP CONSTRAINT asks"
REFUSALS = [
    ("postgresql", [OLD_CONDITION], [WITHOUT_CONDITION], "sql_23514"),
    (
        "postgresql",
        [
            f"CREATE FUNCTION refuse() {PL} $$ BEGIN RAISE EXCEPTION 'no: %', NEW.secret; END $$",
            f"CREATE TRIGGER refusing {ON_UPDATE} EXECUTE FUNCTION refuse()",
        ],
        ["DROP TRIGGER refusing ON people", "DROP FUNCTION refuse()"],
        "sql_P0001",
    ),
    (
        "mariadb",
        [f"CREATE TRIGGER refusing {ON_UPDATE} SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'"],
        ["DROP TRIGGER refusing"],
        "sql_1644",
    ),
    (
        "mariadb",
        ["DELETE FROM people WHERE secret NOT LIKE '$2b$04$%'", CHEAP_CONDITION],
        [WITHOUT_CONDITION],
        "sql_4025",
    ),
    (
        "sqlite",
        ["CREATE TRIGGER refusing BEFORE UPDATE ON people BEGIN SELECT RAISE(ABORT, 'no'); END"],
        ["DROP TRIGGER refusing"],
        "sql_SQLITE_CONSTRAINT_TRIGGER",
    ),
]


@pytest.mark.parametrize(("kind", "told", "back", "reason"), REFUSALS, ids=[f"{one[0]}-{one[3]}" for one in REFUSALS])
def test_what_a_database_refuses_is_no_outage_and_nothing_of_the_row_is_told(home_of, portal, kind, told, back, reason):
    home = home_of(kind)
    home.settle(ADELLE)
    (account,) = home.directory.find(portal, TYPED)
    with told_to(home, *told, back=back), capture_logs() as logs:
        assert home.directory.set_password(account.reference, NEW) == Refused(reason)
    assert home.directory.health().reason == ""
    assert logs == []
    assert home.directory.set_password(account.reference, NEW) == Written()


def test_a_hash_that_its_column_cannot_hold_is_refused(home_of, portal):
    home = home_of("postgresql")
    home.settle(ADELLE)
    (account,) = home.directory.find(portal, TYPED)
    shorter = ("UPDATE people SET secret = ''", "ALTER TABLE people ALTER secret TYPE varchar(9)")
    longer = ("DELETE FROM people WHERE secret = ''", "ALTER TABLE people ALTER secret TYPE varchar(190)")
    with told_to(home, *shorter, back=longer):
        assert home.directory.set_password(account.reference, NEW) == Refused("sql_22001")


def test_a_right_that_is_missing_in_mariadb_is_told_as_such(home_of, portal):
    home = home_of("mariadb")
    home.settle(ADELLE)
    directory = opened("essai", home.config(database_url=home.url.replace("//app:", "//lecteur:")), hashing())
    (account,) = directory.find(portal, TYPED)
    assert directory.set_password(account.reference, NEW) == Refused("no_right")
    assert directory.health().reason == ""
    directory._directory.close()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_what_an_old_database_cannot_spell_is_nobodys_name(home_of, portal, kind):
    """Nobody puts another application's Latin-1 table to rest by typing an emoji."""
    home = home_of(kind)
    home.settle(ADELLE)
    with latin_1(home) as config:
        directory = opened("essai", config, hashing())
        assert [account.identifier for account in directory.find(portal, TYPED)] == ["adelle.adms"]
        for typed in ("🦊", "Łukasz"):
            assert list(directory.find(portal, {FactName.USERNAME: typed})) == []
            assert directory.check_password(portal, typed, USERNAME, OLD) is None
            assert directory.get(f"essai:{typed}") is None
        assert directory.health() == Health("", 0)
        directory._directory.close()


@contextmanager
def latin_1(home) -> Iterator[Any]:
    """A table of the last century, with Adelle in it."""
    if home.engine.dialect.name == "mysql":
        copied = (
            "CREATE TABLE old_people SELECT * FROM people",
            "ALTER TABLE old_people CONVERT TO CHARACTER SET latin1",
        )
        with told_to(home, *copied, back=("DROP TABLE old_people",)):
            yield home.config(table="old_people")
        return
    whole = home.engine.execution_options(isolation_level="AUTOCOMMIT")
    made = "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with whole.connect() as connection:
        connection.execute(sqlalchemy.text(made))
    try:
        old = SqlHome(home.url.replace("/postgres", "/latin"), ())
        old.settle(ADELLE)
        yield old.config()
    finally:
        with whole.connect() as connection:
            connection.execute(sqlalchemy.text("DROP DATABASE latin WITH (FORCE)"))


def test_an_outage_is_told_without_a_word_of_the_row(home_of, portal):
    """What the database adds to its first sentence may quote whole rows."""
    home = home_of("postgresql")
    home.settle(ADELLE)
    (account,) = home.directory.find(portal, TYPED)
    raising = "RAISE 'too tired' USING ERRCODE = '53000', DETAIL = NEW.login || NEW.secret"
    quoting = (
        f"CREATE FUNCTION tired() {PL} $$ BEGIN {raising}; END $$",
        f"CREATE TRIGGER tiring {ON_UPDATE} EXECUTE FUNCTION tired()",
    )
    back = ("DROP TRIGGER tiring ON people", "DROP FUNCTION tired()")
    with told_to(home, *quoting, back=back), capture_logs() as logs:
        assert home.directory.set_password(account.reference, NEW) == Unavailable("no_answer")
    rested(home.directory)
    assert [log["detail"] for log in logs] == ["too tired"]
    home.directory.ping()


def test_a_database_that_nobody_may_write_to_for_now_is_tried_again(home_of, portal):
    home = home_of("postgresql")
    home.settle(ADELLE)
    (account,) = home.directory.find(portal, TYPED)
    usual = "ALTER DATABASE postgres RESET default_transaction_read_only"
    directory = opened("essai", home.config(), hashing())
    run(home, "ALTER DATABASE postgres SET default_transaction_read_only = on")
    try:
        assert directory.set_password(account.reference, NEW) == Unavailable("no_answer")
    finally:
        directory._directory.close()
        run(home, "SET TRANSACTION READ WRITE", usual)
