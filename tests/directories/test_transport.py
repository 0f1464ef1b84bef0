"""What lies between Retrouve and a directory: certificates, silence, cut lines, lost answers, stale replicas."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from retrouve.config.directory_tables import OpenLdapTable
from retrouve.demo.servers import openldap
from retrouve.demo.servers.certificates import make_certificates
from retrouve.demo.servers.openldap import OpenLdap
from retrouve.demo.servers.ports import free_port
from retrouve.directories.active_directory import judged as active_directory_judged
from retrouve.directories.openldap import judged as openldap_judged
from retrouve.directories.port import DirectoryUnavailableError, Refused, Unavailable, Verdict, Written
from retrouve.domain.account import Account
from retrouve.domain.portal import FactName, IdentifierKind
from retrouve.domain.secret import Secret
from retrouve.wiring.directories import opened
from tests.directories.homes import OLD, PATIENCE, hashing
from tests.directories.test_every_directory import ADELLE, rested
from tests.servers.proxy import Mood, Proxy

pytestmark = pytest.mark.django_db

NEW = Secret("Lanterne-bleue-42")
USERNAME = IdentifierKind.USERNAME
TYPED = {FactName.USERNAME: "adelle.adms"}


@pytest.fixture
def ldap(home_of) -> Any:
    home = home_of("openldap")
    home.settle(ADELLE)
    return home


@pytest.fixture
def behind(request) -> Iterator[Callable[[int], Proxy]]:
    """A proxy before a port."""
    proxies: list[Proxy] = []

    def one(port: int) -> Proxy:
        proxies.append(Proxy(port))
        return proxies[-1]

    yield one
    for proxy in proxies:
        proxy.stop()


@pytest.fixture
def directory_with() -> Iterator[Callable[..., Any]]:
    """A directory of its own on a home's server, configured otherwise; its connections end with the test."""
    made: list[Any] = []

    def one(home: Any, **more: Any) -> Any:
        made.append(opened("essai", home.config(**more), hashing()))
        return made[-1]

    yield one
    for directory in made:
        directory._directory.close()


def reason_for(directory) -> str:
    with pytest.raises(DirectoryUnavailableError) as away:
        directory.get("essai:00000000-0000-0000-0000-000000000000")
    return away.value.reason


def test_a_certificate_of_another_authority_is_not_trusted__att_57(ldap, directory_with, tmp_path):
    other = make_certificates(tmp_path, "127.0.0.1")
    assert reason_for(directory_with(ldap, ca_file=str(other.authority))) == "tls_untrusted"


def test_a_file_that_holds_no_certificate_is_told_as_trouble_of_the_line__att_57(ldap, directory_with, tmp_path):
    (tmp_path / "vide.pem").write_text("rien", "utf-8")
    assert reason_for(directory_with(ldap, ca_file=str(tmp_path / "vide.pem"))) in ("tls_failed", "no_answer")


def test_without_the_organisations_own_authority_its_certificate_is_not_trusted__att_57(ldap):
    config = ldap.config().model_copy(update={"ca_file": ""})
    assert reason_for(opened("essai", config, hashing())) == "tls_untrusted"


@pytest.mark.parametrize(
    ("address", "age"), [("127.0.0.9", timedelta(hours=1)), ("127.0.0.1", timedelta(days=90))], ids=["other", "expired"]
)
def test_a_certificate_for_another_machine_or_expired_is_not_trusted__att_57(tmp_path, address, age):
    server = OpenLdap(Path(tempfile.mkdtemp(prefix="retrouve-openldap-")) / "server", free_port(), free_port())
    made = make_certificates(server.folder, address, valid_from=datetime.now(UTC) - age)
    server.configure(made)
    server.resume()
    try:
        config = table(url=server.tls_url, ca_file=str(made.authority))
        assert reason_for(opened("essai", config, hashing())) == "tls_untrusted"
    finally:
        server.stop()
        server.folder.parent.rmdir()


def table(**given: Any) -> OpenLdapTable:
    usual = {
        "kind": "openldap",
        "name": "Essai",
        "base": openldap.PEOPLE,
        "bind_dn": openldap.SERVICE,
        "bind_password": openldap.SERVICE_PASSWORD,
        "timeout": PATIENCE,
    }
    return OpenLdapTable.model_validate({**usual, **given})


@pytest.mark.parametrize("tls", ["start_tls", "ldaps"])
def test_nothing_readable_travels__att_57(ldap, directory_with, portal, behind, tls):
    proxy = behind(ldap.server.port if tls == "start_tls" else ldap.server.tls_port)
    scheme = "ldap" if tls == "start_tls" else "ldaps"
    directory = directory_with(ldap, url=f"{scheme}://127.0.0.1:{proxy.port}", start_tls=tls == "start_tls")
    (account,) = directory.find(portal, TYPED)
    assert directory.set_password(account.reference, NEW) == Written()
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, NEW), Account)
    for secret in (NEW.reveal(), openldap.SERVICE_PASSWORD, "adelle"):
        assert secret.encode() not in proxy.heard
    assert proxy.heard


def test_a_server_that_refuses_to_encrypt_hears_no_password__att_57(ldap, directory_with, behind):
    """StartTLS was asked for: no answer to it, and nothing more is said (downgrade)."""
    proxy = behind(ldap.server.port)
    proxy.mood = Mood.CUTS
    directory = directory_with(ldap, url=f"ldap://127.0.0.1:{proxy.port}", start_tls=True)
    reason_for(directory)
    assert openldap.SERVICE_PASSWORD.encode() not in proxy.heard


@pytest.mark.parametrize("kind", ["openldap", "postgresql", "mariadb", "http"])
@pytest.mark.parametrize("mood", [Mood.SILENT, Mood.CUTS, Mood.SLOW])
def test_a_line_that_dies_is_told_in_time_and_mends(home_of, portal, directory_with, behind, kind, mood):
    home = home_of(kind)
    home.settle(ADELLE)
    proxy, directory = through_proxy(home, kind, behind, directory_with)
    (account,) = directory.find(portal, TYPED)
    proxy.mood = mood
    with pytest.raises(DirectoryUnavailableError):
        directory.find(portal, TYPED)
    rested(directory)
    assert isinstance(directory.set_password(account.reference, NEW), Unavailable)
    proxy.mood = Mood.PASSES
    proxy.hang_up()
    rested(directory)
    assert directory.set_password(account.reference, NEW) in (Written(), Refused("in_history"))  # it may have heard
    assert directory.holds(account.reference, NEW)


@pytest.mark.parametrize("kind", ["openldap", "postgresql", "mariadb", "http"])
def test_a_directory_that_takes_its_time_is_waited_for(home_of, portal, directory_with, behind, kind):
    """Less than its timeout for each answer, however many there are."""
    home = home_of(kind)
    home.settle(ADELLE)
    proxy, directory = through_proxy(home, kind, behind, directory_with, timeout="5s")
    proxy.mood, proxy.slowness = Mood.SLOW, 0.5
    (account,) = directory.find(portal, TYPED)
    assert directory.set_password(account.reference, NEW) == Written()
    assert directory.holds(account.reference, NEW)
    assert directory.health().failures == 0


def through_proxy(home, kind: str, behind, directory_with, *, timeout: str = "1s") -> tuple[Proxy, Any]:
    match kind:
        case "openldap":
            proxy = behind(home.server.tls_port)
            more = {"url": f"ldaps://127.0.0.1:{proxy.port}"}
        case "http":
            proxy = behind(home.service.port)
            more = {"url": f"http://127.0.0.1:{proxy.port}/comptes"}
        case _:
            proxy = behind(home.server.port)
            more = {"database_url": home.url.replace(f":{home.server.port}", f":{proxy.port}")}
    return proxy, directory_with(home, **{**more, "timeout": timeout})


def test_a_lost_answer_is_not_taken_for_a_refusal(ldap, directory_with, portal, behind):
    """The server wrote, and nobody heard: the next try says so, for whoever knows that it is a second one."""
    proxy = behind(ldap.server.tls_port)
    directory = directory_with(ldap, url=f"ldaps://127.0.0.1:{proxy.port}", timeout="1s")
    (account,) = directory.find(portal, TYPED)
    lose_answers_to_writes(directory, proxy)
    assert isinstance(directory.set_password(account.reference, NEW), Unavailable)
    proxy.mood = Mood.PASSES
    proxy.hang_up()
    rested(directory)
    assert directory.set_password(account.reference, NEW) == Refused("in_history")
    assert directory.holds(account.reference, NEW)


def lose_answers_to_writes(directory, proxy):
    """From the moment when the account has been looked up, and before its password is sent."""
    ldap = directory._directory._ldap
    service = ldap._service

    def deaf():
        proxy.mood = Mood.LOSES_ANSWERS
        return service()

    entry = directory._directory._entry

    def looked_up(reference):
        found = entry(reference)
        directory._directory._entry = entry
        ldap._service = lambda: (setattr(ldap, "_service", service), deaf())[1]
        return found

    directory._directory._entry = looked_up


@contextmanager
def copy_of(server: OpenLdap, rights: str = "") -> Iterator[OpenLdap]:
    """A replica; `rights` come before the usual ones."""
    copy = OpenLdap(Path(tempfile.mkdtemp(prefix="retrouve-openldap-")) / "copy", free_port(), free_port())
    copy.start_as_copy_of(server.url)
    if rights:
        file = copy.folder / "slapd.conf"
        copy.interrupt()
        file.write_text(file.read_text("utf-8").replace("access to", f"{rights}\naccess to", 1), "utf-8")
        copy.resume()
    try:
        yield copy
    finally:
        copy.stop()
        copy.folder.parent.rmdir()


def test_success_waits_for_every_replica(ldap, directory_with, portal):
    """A replica that has stopped copying opens with the old password: it is looked at, and « Réussite » waits."""
    with copy_of(ldap.server) as copy:
        directory = directory_with(ldap, url=ldap.server.url, replicas=[ldap.server.url, copy.url])
        (account,) = directory.find(portal, TYPED)
        until(lambda: directory.holds(account.reference, OLD))
        copy.interrupt()
        assert directory.set_password(account.reference, NEW) == Written()
        assert not directory.holds(account.reference, NEW)
        copy.start_as_copy_of("ldap://127.0.0.1:1")
        for _ in range(5):
            assert not directory.holds(account.reference, NEW)
        assert isinstance(
            directory_with(ldap, url=copy.url).check_password(portal, "adelle.adms", USERNAME, OLD), Account
        )
        copy.interrupt()
        copy.start_as_copy_of(ldap.server.url)
        until(lambda: directory.holds(account.reference, NEW))


@pytest.mark.parametrize("mood", [Mood.CUTS, Mood.SILENT])
def test_a_replica_that_is_down_leaves_the_directory_in_service(ldap, directory_with, portal, behind, mood):
    """It has not the password yet, and that is all: people sign in elsewhere, and nothing rests."""
    replica = behind(ldap.server.tls_port)
    address = f"ldaps://127.0.0.1:{replica.port}"
    directory = directory_with(ldap, replicas=[ldap.server.tls_url, address], timeout="1s")
    (account,) = directory.find(portal, TYPED)
    assert directory.holds(account.reference, OLD)
    replica.mood = mood
    replica.hang_up()
    with capture_logs() as logs:
        assert not directory.holds(account.reference, OLD)
    assert [(log["event"], log["replica"]) for log in logs] == [("replica_away", address)]
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, OLD), Account)
    assert directory.health().failures == 0
    replica.mood = Mood.PASSES
    replica.hang_up()
    assert directory.holds(account.reference, OLD)


def test_a_directory_that_is_down_is_not_taken_for_a_replica_that_lags(ldap, directory_with, portal, behind):
    proxy = behind(ldap.server.tls_port)
    directory = directory_with(ldap, url=f"ldaps://127.0.0.1:{proxy.port}", replicas=[ldap.server.tls_url])
    (account,) = directory.find(portal, TYPED)
    proxy.mood = Mood.CUTS
    with pytest.raises(DirectoryUnavailableError):
        directory.holds(account.reference, OLD)


@contextmanager
def told(server: OpenLdap, more: str) -> Iterator[None]:
    """What an operator adds to the server's configuration, for a while."""
    file = server.folder / "slapd.conf"
    usual = file.read_text("utf-8")
    server.interrupt()
    file.write_text(f"{usual}\n{more}\n", "utf-8")
    server.resume()
    try:
        yield
    finally:
        server.interrupt()
        file.write_text(usual, "utf-8")
        server.resume()


def test_a_directory_in_maintenance_is_tried_again_and_nothing_is_lost(ldap, portal):
    directory = ldap.directory
    (account,) = directory.find(portal, TYPED)
    with told(ldap.server, "readonly on"):
        assert directory.set_password(account.reference, NEW) == Unavailable("ldap_53")
        assert isinstance(directory.unlock(account.reference), Unavailable)
        assert directory.health().reason == ""
        found = findings(directory)
        assert found.count((Verdict.BAD, "not_writable_now")) == 2, found
    assert directory.set_password(account.reference, NEW) == Written()
    assert directory.holds(account.reference, NEW)


@pytest.mark.parametrize("code", [51, 52])
def test_a_server_too_busy_to_look_at_a_password_is_not_taken_for_a_wrong_one(ldap, directory_with, portal, code):
    """The overlay takes over whatever names its parent: people are searched from one above (slapo-retcode)."""
    busy = [
        "moduleload retcode",
        "overlay retcode",
        f'retcode-parent "{openldap.PEOPLE}"',
        f'retcode-item "uid=adelle.adms" {code} op=bind',
    ]
    directory = directory_with(ldap, base=openldap.SUFFIX)
    (account,) = directory.find(portal, TYPED)
    with told(ldap.server, "\n".join(busy)):
        with pytest.raises(DirectoryUnavailableError, match=f"ldap_{code}"):
            directory.check_password(portal, "adelle.adms", USERNAME, OLD)
        rested(directory)
        with pytest.raises(DirectoryUnavailableError, match=f"ldap_{code}"):
            directory.holds(account.reference, OLD)
    rested(directory)
    assert isinstance(directory.check_password(portal, "adelle.adms", USERNAME, OLD), Account)


@pytest.mark.parametrize("judged", [openldap_judged, active_directory_judged])
@pytest.mark.parametrize("code", [1, 3, 10, 11, 51, 52, 53, 80])
def test_an_answer_that_says_nothing_of_the_password_is_worth_another_try(judged, code):
    assert judged({"result": code, "message": ""}) == Unavailable(f"ldap_{code}")


@pytest.mark.parametrize("judged", [openldap_judged, active_directory_judged])
@pytest.mark.parametrize(("code", "reason"), [(19, "ldap_19"), (32, "account_gone"), (50, "no_right")])
def test_an_answer_that_would_be_the_same_tomorrow_is_final(judged, code, reason):
    assert judged({"result": code, "message": ""}) == Refused(reason)


def test_a_copy_that_sends_writers_elsewhere_is_told_as_such(ldap, directory_with, portal):
    with copy_of(ldap.server) as copy:
        directory = directory_with(ldap, url=copy.url)
        until(lambda: bool(directory.find(portal, TYPED)))
        (account,) = directory.find(portal, TYPED)
        assert directory.set_password(account.reference, NEW) == Unavailable("ldap_10")
        found = findings(directory)
        assert found.count((Verdict.BAD, "not_writable_now")) == 2, found


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(DirectoryUnavailableError):
            if true():
                return
        time.sleep(0.1)
    pytest.fail("it never came true")


def test_no_referral_is_followed__att_58(ldap, portal):
    """A directory that sends us elsewhere would have our service account's password (RFC 4511, 4.1.10)."""
    trap = Proxy(ldap.server.port)
    try:
        with ldap.administered() as admin:
            name = f"ou=ailleurs,{openldap.PEOPLE}"
            admin.delete(name, controls=[("2.16.840.1.113730.3.4.2", True, None)])
            facts = {"ref": f"ldap://127.0.0.1:{trap.port}/{openldap.PEOPLE}", "ou": "ailleurs"}
            assert admin.add(name, ["referral", "extensibleObject"], facts), admin.result
        assert [account.identifier for account in ldap.directory.find(portal, TYPED)] == ["adelle.adms"]
        assert trap.heard == b""
    finally:
        trap.stop()
        with ldap.administered() as admin:
            admin.delete(f"ou=ailleurs,{openldap.PEOPLE}", controls=[("2.16.840.1.113730.3.4.2", True, None)])


def findings(directory) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.code) for one in directory.examine()]


GOOD, DOUBTFUL, BAD = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD
OF_A_TABLE = [(GOOD, "connected"), (GOOD, "table_read"), (GOOD, "indexed"), (GOOD, "indexed"), (GOOD, "may_write")]
OTHER_COLUMNS = {"reference": "id", "username": "family", "password": "secret"}


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("own", [(GOOD, "own")]),
        ("openldap", [(GOOD, "reached"), (GOOD, "entered"), (GOOD, "people_found"), (GOOD, "searched_fast"),
                      (GOOD, "searched_fast"), (GOOD, "may_write"), (GOOD, "may_write"), (GOOD, "policy_read")]),
        ("active_directory", [(GOOD, "reached"), (GOOD, "entered"), (GOOD, "people_found"), (GOOD, "indexed"),
                              (GOOD, "indexed"), (GOOD, "may_write"), (GOOD, "may_write"), (GOOD, "policy_read")]),
        ("postgresql", OF_A_TABLE),
        ("mariadb", OF_A_TABLE),
        ("sqlite", OF_A_TABLE),
        ("http", [(GOOD, "answered"), (GOOD, "finds_nobody")]),
    ],
)  # fmt: skip
def test_a_directory_in_order_passes_its_examination_and_nothing_changes(home_of, portal, kind, found):
    home = home_of(kind)
    home.settle(ADELLE)
    assert findings(home.directory) == found
    assert isinstance(home.directory.check_password(portal, "adelle.adms", USERNAME, OLD), Account)


@pytest.mark.parametrize(
    ("kind", "more", "last"),
    [
        ("openldap", {"url": "ldaps://nulle-part.invalid"}, (BAD, "name_unknown")),
        ("openldap", {"url": "ldap://127.0.0.1:1"}, (BAD, "unreachable")),
        ("openldap", {"bind_password": "pas-le-bon"}, (BAD, "service_refused")),
        ("openldap", {"base": "ou=nulle-part,dc=essai,dc=example"}, (BAD, "nobody_found")),
        ("openldap", {"policy_dn": "cn=nulle-part,dc=essai,dc=example"}, (DOUBTFUL, "policy_not_read")),
        ("openldap", {"email": "description"}, (DOUBTFUL, "no_address_found")),
        ("active_directory", {"email": "wWWHomePage"}, (DOUBTFUL, "not_indexed")),
        ("postgresql", {"table": "nulle_part"}, (BAD, "table_not_read")),
        ("postgresql", {"hash": "phpass"}, (BAD, "other_format")),
        ("sqlite", {"columns": OTHER_COLUMNS}, (DOUBTFUL, "not_indexed")),
        ("mariadb", {"columns": OTHER_COLUMNS}, (DOUBTFUL, "not_indexed")),
        ("http", {"signing_key": "une-autre-clef-de-signature-que-la-sienne"}, (BAD, "http_status")),
    ],
)  # fmt: skip
def test_the_examination_names_what_is_wrong(home_of, directory_with, kind, more, last):
    home = home_of(kind)
    home.settle(ADELLE)
    assert last in findings(directory_with(home, **more))


def test_the_examination_looks_through_each_replica(ldap, directory_with, portal):
    with copy_of(ldap.server) as copy:
        directory = directory_with(ldap, url=ldap.server.url, replicas=[copy.url])
        (account,) = directory.find(portal, TYPED)
        until(lambda: directory.holds(account.reference, OLD))
        assert (GOOD, "replica_read") in findings(directory)
        untrusted = directory_with(ldap, replicas=[copy.tls_url])  # signed by another authority
        assert (BAD, "replica_not_read") in findings(untrusted)


def test_the_examination_names_a_replica_that_hides_when_passwords_change(ldap, directory_with, portal):
    """« Réussite » would be waited for in vain, each time."""
    hidden = "access to attrs=pwdChangedTime by * none"
    (account,) = ldap.directory.find(portal, TYPED)
    assert ldap.directory.set_password(account.reference, NEW) == Written()  # an administrator's own entry has no date
    with copy_of(ldap.server, hidden) as copy:
        directory = directory_with(ldap, url=ldap.server.url, replicas=[copy.url])
        until(lambda: (BAD, "replica_hides") in findings(directory))


@pytest.mark.parametrize(
    ("kind", "dn"),
    [
        ("openldap", f"uid=sans.droit,{openldap.PEOPLE}"),
        ("active_directory", "CN=sans.droit,CN=Users,DC=demo,DC=test"),
    ],
)
def test_the_examination_tells_rights_that_are_missing(home_of, directory_with, kind, dn):
    home = home_of(kind)
    home.settle(Account("", "sans.droit", "sans.droit@example.org", "Personne", "Sans.Droit"))
    found = findings(directory_with(home, bind_dn=dn, bind_password=OLD.reveal()))
    assert found.count((BAD, "may_not_write")) == 2, found
    home.remove("sans.droit")
