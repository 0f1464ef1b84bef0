"""`retrouve serve` as an operator starts it: nothing of the demonstration, and no key that somebody could guess."""

from __future__ import annotations

import http.client
import json
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from retrouve.demo.servers.ports import free_port
from tests.attack.test_outages import Browser
from tests.servers.retrouve import PROGRAM, RetrouveServer
from tests.web.conftest import SIMPLE

pytestmark = pytest.mark.walk


@pytest.fixture
def server(tmp_path: Path) -> RetrouveServer:
    return RetrouveServer(tmp_path / "server", {"essai": SIMPLE}, f"smtp://127.0.0.1:{free_port()}")


def test_serve_has_no_mailbox_and_nobody_of_the_demonstration__att_67(server):
    server.start()
    assert [server.status(path) for path in ("/essai/", "/boite/", "/leo/", "/creos/")] == [200, 404, 404, 404]
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
