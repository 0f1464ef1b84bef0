"""What an operator reads when the server's file or environment is wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from retrouve.config.problems import ConfigurationProblems
from retrouve.config.server_file import load_server
from retrouve.demo.servers.ports import free_port
from retrouve.wiring.database import database_settings

GOOD = {
    "base_url": "https://compte.example.org",
    "database_url": "postgresql://app:s%23cret@127.0.0.1/base",
    "smtp_url": "smtp+starttls://app:m%40il@relay.example.org:587",
    "secret_key": "kD7wqZ2rT9mB4xV6nH1cJ8pL3sF5gYtQ",
}


def write(folder: Path, **more: object) -> Path:
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**GOOD, **more}.items() if value is not None]
    (folder / "server.toml").write_text("\n".join(lines), "utf-8")
    return folder


def told(folder: Path, environment: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigurationProblems) as wrong:
        load_server(folder, environment or {})
    said = wrong.value.in_words("fr") + wrong.value.in_words("en")
    assert "cret" not in said.replace("secret", "")
    assert "m%40il" not in said
    return [(one.key, one.code, one.nearest) for one in wrong.value.problems]


def test_a_good_file_is_read_and_its_passwords_stay_masked(tmp_path):
    server = load_server(write(tmp_path), {})
    assert server.database_url.reveal() == GOOD["database_url"]
    assert "s%23cret" not in repr(server)
    assert "m%40il" not in repr(server)


@pytest.mark.parametrize(
    ("address", "path"), [("sqlite:///base.sqlite3", "{folder}/base.sqlite3"), ("sqlite:////var/base", "/var/base")]
)
def test_an_sqlite_base_lies_where_its_address_says(tmp_path, address, path):
    server = load_server(write(tmp_path, database_url=address), {})
    assert database_settings(server.database_url)["NAME"] == path.format(folder=tmp_path)


def test_the_options_of_a_postgresql_address_reach_the_driver(tmp_path):
    server = load_server(write(tmp_path, database_url=GOOD["database_url"] + "?sslmode=verify-full"), {})
    options = database_settings(server.database_url)
    assert (options["PASSWORD"], options["OPTIONS"]["sslmode"]) == ("s#cret", "verify-full")


@pytest.mark.parametrize(
    ("key", "value", "code", "nearest"),
    [
        ("secret_key", "short", "short_key", ""),
        ("secret_key", "a" * 40, "short_key", ""),
        ("secret_key", "change-me-change-me-please-change-me", "known_key", ""),
        ("secret_key", "django-insecure-k3wqz2rt9mb4xv6nh1cj8", "known_key", ""),
        ("secret_key", None, "missing_key", ""),
        ("base_url", "http://compte.example.org", "bad_url", ""),
        ("base_url", "compte.example.org", "bad_url", ""),
        ("database_url", "mysql://a/b", "bad_database", ""),
        ("database_url", "sqlite://", "bad_database", ""),
        ("smtp_url", "http://a", "bad_relay", ""),
        ("smtp_url", "smtp://a:99999", "bad_relay", ""),
        ("trusted_proxies", ["10.0.0.0/33"], "bad_network", ""),
        ("log_level", "wrning", "not_one_of", "warning"),
        ("port", 99999, "wrong_type", ""),
        ("treads", 4, "unknown_key", "threads"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(tmp_path, key, value, code, nearest):
    ((told_key, told_code, told_nearest),) = told(write(tmp_path, **{key: value}))
    assert told_key.startswith(key)
    assert (told_code, told_nearest) == (code, nearest)


@pytest.mark.parametrize("cost", ["memory_kib = 4194304", "time = 1000000", "parallelism = 65536", "at_once = 1000000"])
def test_a_hash_that_no_server_could_bear_is_refused__att_72(tmp_path, cost):
    write(tmp_path)
    with (tmp_path / "server.toml").open("a") as file:
        file.write(f"\n[hashing]\n{cost}\n")
    assert told(tmp_path) == [(f"hashing.{cost.split()[0]}", "wrong_type", "")]


@pytest.mark.parametrize(
    ("memory", "time", "good"),
    [
        (47_104, 1, True),
        (19_456, 2, True),
        (12_288, 3, True),
        (19_456, 1, False),
        (12_287, 3, False),
        (7_168, 5, False),
    ],
)
def test_hashes_are_never_cheaper_than_the_floor(tmp_path, memory, time, good):
    write(tmp_path)
    with (tmp_path / "server.toml").open("a") as file:
        file.write(f"\n[hashing]\nmemory_kib = {memory}\ntime = {time}\n")
    if good:
        assert load_server(tmp_path, {}).hashing.memory_kib == memory
    else:
        assert told(tmp_path) == [("hashing", "weak_hashing", "")]


def test_the_environment_overrides_the_file(tmp_path):
    key = tmp_path / "key"
    key.write_text("zyxwvutsrqponmlkjihgfedcba9876543210\n", "utf-8")
    environment = {"RETROUVE_BASE_URL": "https://autre.example.org", "RETROUVE_SECRET_KEY_FILE": str(key)}
    server = load_server(write(tmp_path), environment)
    assert server.base_url == "https://autre.example.org"
    assert server.secret_key.reveal() == "zyxwvutsrqponmlkjihgfedcba9876543210"


@pytest.mark.parametrize(
    ("environment", "key", "code", "nearest"),
    [
        ({"RETROUVE_SMTP_URI": "x"}, "RETROUVE_SMTP_URI", "unknown_variable", "RETROUVE_SMTP_URL"),
        ({"RETROUVE_SECRET_KEY_FILE": "/nowhere/key"}, "RETROUVE_SECRET_KEY_FILE", "not_readable", ""),
        (
            {"RETROUVE_SMTP_URL": "smtp://a", "RETROUVE_SMTP_URL_FILE": "/nowhere"},
            "smtp_url",
            "both_given",
            "",
        ),
    ],
)
def test_a_wrong_variable_is_told(tmp_path, environment, key, code, nearest):
    assert told(write(tmp_path), environment) == [(key, code, nearest)]


# The command


PROGRAM = Path(sys.executable).with_name("retrouve")
PORTAL = Path(__file__).parents[2] / "src/retrouve/demo/portals/metamots.toml"


def run(*arguments: str, language: str = "fr_FR.UTF-8") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RETROUVE_", "LC_"))}
    environment |= {"LANG": language}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, database_url=f"sqlite:///{tmp_path}/base.sqlite3", port=free_port())
    (tmp_path / "portals").mkdir()
    text = PORTAL.read_text("utf-8").replace('logo = "metamots.svg"\n', "")
    (tmp_path / "portals/essai.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_port_that_is_taken_stops_the_start_with_a_sentence(folder):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as a second server would
        other.bind(("127.0.0.1", 0))
        other.listen()
        write(folder, database_url="sqlite:///base.sqlite3", port=other.getsockname()[1])
        done = run("serve", "--config", str(folder))
    assert done.returncode == 1
    assert done.stderr.startswith("Impossible d’écouter sur 127.0.0.1")


def test_a_database_that_does_not_answer_stops_the_start_with_a_sentence(folder):
    write(folder, database_url="postgresql://app:sesame@127.0.0.1:1/base", port=free_port())
    done = run("serve", "--config", str(folder))
    assert done.returncode == 1
    assert done.stderr.startswith("La base de données ne répond pas")
    assert "sesame" not in done.stderr
    assert "Traceback" not in done.stderr


def test_check_says_that_all_is_well(folder):
    done = run("check", "--config", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "tout va bien" in done.stdout


def test_check_tells_every_mistake_in_the_operators_language(folder):
    file = folder / "portals/essai.toml"
    file.write_text(file.read_text("utf-8").replace("proof_lasts", "prof_lasts"), "utf-8")
    french, english = (run("check", "--config", str(folder), language=one) for one in ("fr_FR.UTF-8", "C"))
    assert (french.returncode, english.returncode) == (2, 2)
    assert "vouliez-vous dire" in french.stdout
    assert 'did you mean "proof_lasts"?' in english.stdout
    as_json = json.loads(run("check", "--config", str(folder), "--json").stdout)
    assert [(one["key"], one["nearest"]) for one in as_json] == [("recovery.prof_lasts", "proof_lasts")]


def test_a_wrong_configuration_stops_the_start_before_anything_begins(folder):
    file = folder / "portals/essai.toml"
    file.write_text(file.read_text("utf-8").replace("proof_lasts", "prof_lasts"), "utf-8")
    done = run("serve", "--config", str(folder))
    assert done.returncode == 2
    assert "recovery.prof_lasts" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "base.sqlite3").exists()
