"""Makes `docs/openid.md` from the tests that bear the names of the OpenID Foundation's; `--check` compares."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests/web/test_openid_certification.py"
PAGE = ROOT / "docs/openid.md"
PREFIX = "test_oidcc_"


def page() -> str:
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    yield "# What certification asks of an OpenID Connect provider"
    yield ""
    yield "<!-- Page made by scripts/certification_page.py: do not change it by hand. -->"
    yield ""
    yield "Each test of the OpenID Foundation’s conformance suite (plans basic, config, RP-initiated logout and"
    yield "back-channel logout, static client), and what happens here. Each is a test of ours under the same name, in"
    yield "[one file](../tests/web/test_openid_certification.py): `make test` runs them all, and none may fail."
    yield "Retrouve has not been through the certification itself, which needs a server on the Internet."
    plan = ""
    for name, says, of in tests():
        if of != plan:
            plan = of
            yield from ("", f"## {plan}", "", "| Test | Here |", "|---|---|")
        yield f"| `{name}` | {says} |"


def tests() -> Iterator[tuple[str, str, str]]:
    """Name, sentence, and the plan: the comment that stands above."""
    source = TESTS.read_text("utf-8")
    headings = {number: line[2:] for number, line in enumerate(source.splitlines(), 1) if line.startswith("# ")}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX):
            plan = headings[max(number for number in headings if number < node.lineno)]
            yield name_of(node.name), (ast.get_docstring(node) or "").replace("\n", " "), plan


def name_of(test: str) -> str:
    return test.removeprefix("test_").replace("_", "-")


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != page():
        sys.exit("docs/openid.md is not what the tests say: python scripts/certification_page.py")
