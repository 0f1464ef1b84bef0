"""What is written is run, and the code knows no portal by name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.phrases import Phrase
from tests.plugin import ROOT

SOURCE = ROOT / "src/retrouve"
DEMO = SOURCE / "demo"
PROGRAM = Path(sys.executable).with_name("retrouve")
CODE = [file for file in SOURCE.rglob("*") if file.suffix in {".py", ".html", ".js", ".css"}]


def told(pattern: str, files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line, re.IGNORECASE)
    ]


def test_no_code_knows_a_portal_by_name():
    names = "|".join(re.escape(file.stem) for file in (DEMO / "portals").glob("*.toml"))
    assert told(rf"\b({names})\b", [file for file in CODE if not file.is_relative_to(DEMO)]) == []


def test_chance_comes_from_the_system_and_nowhere_else__att_20():
    assert told(r"^\s*(import random|from random)", CODE) == []


NAMED_BY_THE_OPERATOR = (
    SOURCE / "directories/http.py",
    SOURCE / "messages/back_channel.py",
    SOURCE / "demo/application/relying_party.py",  # another program, which calls the portal
)


def test_no_code_calls_an_address_over_the_web__att_58():
    """Mail goes to the relay that the operator named, calls to the service that they named, the news of a sign-out to
    applications that they named; nothing else leaves.
    """
    clients = r"^\s*(import|from) (urllib\.request|http\.client|httpx|requests|aiohttp|ftplib|xmlrpc|urllib3)\b"
    assert told(clients, [file for file in CODE if file not in NAMED_BY_THE_OPERATOR]) == []


def test_no_setting_of_a_portal_is_a_pattern__att_72():
    """A regular expression that an operator writes could take for ever on what a visitor types."""
    compiled = r"re\.(compile|match|fullmatch|search|sub|split|findall|finditer)\((?!r?[\"'f])"
    assert told(compiled, [file for file in CODE if file.is_relative_to(SOURCE / "config")]) == []


def test_no_page_moves_on_by_itself_but_the_one_where_somebody_waits_without_javascript():
    """It says how to stop it (WCAG 2.2.2). The page that leads back to an application moves at once, which is a
    redirection (technique G110).
    """
    waiting = (SOURCE / "web/templates/wait.html").read_text("utf-8")
    moving = told(r"http-equiv=.?refresh", CODE)
    assert len(moving) == 2
    assert 'content="0;url=' in (SOURCE / "web/templates/back_to_application.html").read_text("utf-8")
    assert re.search(r"<noscript>[^<]*<meta http-equiv=.refresh", waiting)
    assert "immobile" in waiting


def test_every_sentence_that_a_template_asks_for_exists():
    asked = {
        name
        for file in CODE
        if file.suffix == ".html"
        for name in re.findall(r'{% phrase "(\w+)"', file.read_text("utf-8"))
    }
    assert asked <= {phrase.value for phrase in Phrase}


def test_every_sentence_that_a_portal_may_word_is_said_somewhere():
    said = "\n".join(file.read_text("utf-8") for file in CODE if file.name not in {"portal.py", "wording.py"})
    unsaid = [name for name in Phrase if f'"{name.value}"' not in said and f"Phrase.{name.name}" not in said]
    assert unsaid == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_what_the_pages_point_to_is_there(page):
    text = (ROOT / page).read_text("utf-8")
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_commands_of_the_readme_exist():
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)) | set(re.findall(r"`make ([a-z-]+)`", text))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()
    commands = set(re.findall(r"^retrouve ([a-z]+)", text, re.MULTILINE))
    for command in commands:
        done = subprocess.run([PROGRAM, command, "--help"], capture_output=True, check=False)
        assert done.returncode == 0, command


def test_make_alone_lists_the_targets_with_their_sentences():
    listed = subprocess.run(
        ["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True
    ).stdout
    for target in ("demo", "test", "check"):
        assert re.search(rf"^make {target} +\w", listed, re.MULTILINE)


def test_the_architecture_has_a_sentence_for_each_room():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rooms = [folder.name for folder in SOURCE.iterdir() if folder.is_dir() and folder.name != "__pycache__"]
    assert [room for room in rooms if not re.search(rf"^{room}\b| \| {room}\b", text, re.MULTILINE)] == []


def test_no_file_names_a_registry():
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    hosts = "|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "deb" + r"\.debian"))
    files = [ROOT / name for name in tracked if (ROOT / name).suffix in {".txt", ".toml", ".md", ".py", ".sh", ""}]
    assert told(hosts, [file for file in files if file.is_file()]) == []


def test_each_event_of_the_audit_trail_is_told_to_those_who_read_it():
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", (ROOT / "docs/audit.md").read_text("utf-8"), re.MULTILINE)
    assert told == [event.value for event in AuditEvent]
