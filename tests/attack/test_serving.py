"""`retrouve serve` as an operator starts it: nothing of the demonstration, and no key that somebody could guess."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from retrouve.demo.mailbox import forget_mails, mails
from retrouve.demo.servers.ports import free_port
from tests.attack.test_outages import Browser
from tests.plugin import MAIL_FOLDER
from tests.servers.retrouve import PROGRAM, RetrouveServer, wait_until
from tests.web.conftest import SIMPLE

pytestmark = pytest.mark.walk


@pytest.fixture
def server(tmp_path: Path) -> RetrouveServer:
    return RetrouveServer(tmp_path / "server", {"essai": SIMPLE}, f"smtp://127.0.0.1:{free_port()}")


def test_serve_has_no_mailbox_and_nobody_of_the_demonstration__att_67(server):
    server.start()
    assert [server.status(path) for path in ("/essai/", "/boite/", "/leo/", "/creos/")] == [200, 404, 404, 404]
    server.stop()


def test_a_server_stops_even_when_what_serves_no_longer_hears(server):
    server.start()
    (main,) = server.processes
    serving = int(Path(f"/proc/{main.pid}/task/{main.pid}/children").read_text().split()[0])
    os.kill(serving, signal.SIGSTOP)
    main.terminate()
    main.wait(timeout=60)
    assert not Path(f"/proc/{serving}").exists()


PEOPLE = "Identifiant;Nom;Prénom;Courriel\nadelle.adms;Adms;Adelle;adelle.adms@example.org\n"
LINK = re.compile(r"/essai/r/([\w-]{22})")


def test_a_link_and_cookies_are_in_nothing_that_a_server_says__att_18(tmp_path: Path):
    """Talkative, and with a page that fails under the link itself."""
    forget_mails(MAIL_FOLDER)
    server = RetrouveServer(
        tmp_path / "server", {"essai": SIMPLE}, os.environ["RETROUVE_SMTP_URL"], more={"log_level": "debug"}
    )
    server.start()
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    assert server.command("accounts", "import", str(tmp_path / "people.csv"), "--portal", "essai").returncode == 0
    visitor = Browser(server.base)
    visitor.post("/essai/oubli/", username="adelle.adms")
    wait_until(lambda: len(mails(MAIL_FOLDER)) == 1)
    token = LINK.search(mails(MAIL_FOLDER)[0].text)[1]
    assert visitor.get(f"/essai/r/{token}")[0] == 200
    with closing(sqlite3.connect(server.folder / "retrouve.sqlite3")) as store, store:
        store.execute("ALTER TABLE records_requestrow RENAME TO gone")
    assert visitor.get(f"/essai/r/{token}")[0] >= 500
    cookies = [cookie.value for cookie in visitor.cookies if len(cookie.value) > len("fr")]
    said = server.log + server.figures() + server.command("audit", "export").stdout
    server.stop()
    assert "recovery_asked" in said
    assert "retrouve_mails_waiting" in said
    assert len(cookies) >= 2
    assert [secret for secret in (token, *cookies) if secret in said] == []


SLOW_FORM = (
    b"POST /essai/oubli/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 60000\r\n\r\nusername="
)
SLOW_LIST = (
    b"POST /essai/aider/importer/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session-essai=x\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n--x"
)


def test_those_who_send_slowly_hold_no_thread__att_42(tmp_path: Path):
    server = RetrouveServer(
        tmp_path / "server", {"essai": SIMPLE}, f"smtp://127.0.0.1:{free_port()}", more={"threads": 2}
    )
    server.start()
    with ExitStack() as slow:
        for said in (SLOW_FORM, SLOW_LIST) * 6:
            slow.enter_context(socket.create_connection(("127.0.0.1", server.port))).sendall(said)
        assert [server.status(path) for path in ("/healthz", "/essai/")] == [200, 200]
        page = Browser(server.base)
        assert page.post("/essai/oubli/", username="adelle.adms")[0] == 200
    server.stop()


def test_a_body_that_is_too_long_is_refused_before_it_is_sent__att_42(server):
    server.start()
    said = SLOW_FORM.replace(b"60000", b"1073741824")
    with socket.create_connection(("127.0.0.1", server.port), 30) as wire:
        wire.sendall(said)
        assert wire.recv(1024).startswith(b"HTTP/1.1 413 ")
    server.stop()


def test_whoever_leaves_in_the_middle_of_a_form_asks_for_nothing(server):
    server.start()
    said = SLOW_FORM + b"adelle.adms"
    with socket.create_connection(("127.0.0.1", server.port), 30) as wire:
        wire.sendall(said)
        wire.shutdown(socket.SHUT_WR)
        wire.recv(1024)
    assert server.mails_waiting() == 0
    server.stop()


@pytest.mark.parametrize("key", ["", "short", "a" * 64, "change-me-change-me-please-change-me"])
def test_a_key_that_could_be_guessed_stops_the_start__att_67(server, key):
    file = server.folder / "server.toml"
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("secret_key")]
    file.write_text("\n".join([f'secret_key = "{key}"', *kept]), "utf-8")
    done = subprocess.run(
        [PROGRAM, "serve", "--config", server.folder], capture_output=True, text=True, check=False, env={}, timeout=60
    )
    assert done.returncode == 2
    assert "secret_key" in done.stderr
    assert key not in done.stderr.replace("secret_key", "") or not key


def test_the_demonstrations_own_configuration_cannot_be_served__att_67():
    """Its key is drawn when it starts, for one folder of one machine."""
    folder = Path(__file__).parents[2] / "src/retrouve/demo"
    done = subprocess.run([PROGRAM, "serve", "--config", folder], capture_output=True, text=True, check=False, env={})
    assert done.returncode == 2
    assert "secret_key" in done.stderr


OUTSIDE = [
    "/static/../../../../etc/passwd",
    "/static/..%2f..%2f..%2f..%2fetc/passwd",
    "/static/%2e%2e/%2e%2e/server.toml",
    "/static/retrouve/..\\..\\server.toml",
    "/essai/../server.toml",
    "/essai/logo/../../server.toml",
    "/essai/r/..%2f..%2fserver.toml",
    "//etc/passwd",
    "/static//etc/passwd",
]
LINE = 'x\r\n{"event": "forged", "level": "info"}\n'


def ask_for(server: RetrouveServer, address: str, **headers: str) -> str:
    """As written: no client tidies the address first."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request("GET", address, headers=headers)
        return connection.getresponse().read().decode("utf-8", "replace")


def test_no_address_leads_to_a_file_that_is_not_served__att_55(server):
    server.start()
    pages = [ask_for(server, address) for address in OUTSIDE]
    server.stop()
    assert not any("root:" in page or "secret_key" in page for page in pages)


def test_what_is_typed_forges_no_line_of_the_log_and_runs_in_no_shell__att_55(tmp_path):
    """At the most talkative level, and with a relay that is away, so that there is something to log."""
    relay = f"smtp://127.0.0.1:{free_port()}"
    server = RetrouveServer(tmp_path / "talkative", {"essai": SIMPLE}, relay, more={"log_level": "debug"})
    server.start()
    browser = Browser(server.base)
    for page, field in (("", "username"), ("oubli/", "username"), ("support/", "name"), ("support/", "message")):
        said = {"name": "C", "reply_to": "c@example.org", "message": "B", "password": "x"}
        said[field] = f"{LINE}$(touch {tmp_path}/ran)`touch {tmp_path}/ran`;touch {tmp_path}/ran|touch {tmp_path}/ran"
        assert browser.post(f"/essai/{page}", **said)[0] < 500
    ask_for(server, "/essai/", **{"User-Agent": "x\t{forged}", "X-Forwarded-For": "forged"})
    server.stop()
    for line in server.log.splitlines():
        assert line.startswith("Retrouve : ") or json.loads(line)["event"] != "forged"
    assert not (tmp_path / "ran").exists()
