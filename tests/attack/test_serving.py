"""`retrouve serve` as an operator starts it: nothing of the demonstration, and no key that somebody could guess."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.servers.ports import free_port
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
