"""Makes `docs/security/cases.md` from `cases.toml` and the names of the tests; `--check` says whether it is up to date.

A case that no test names is a failure, unless it says for what it waits; so is a test that names a case there is not.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LIST = ROOT / "docs/security/cases.toml"
PAGE = ROOT / "docs/security/cases.md"
NUMBER = re.compile(r"_att_(\d+)")

HEAD = """\
# Attack cases, and the tests that prove them

Made by `scripts/cases_page.py` from `cases.toml` and from the tests’ names: change those. `make check` fails when a
case has no test.
"""


@dataclass(frozen=True)
class Proof:
    """A test, where it is, and what its name says."""

    file: Path
    name: str

    def link(self) -> str:
        said = NUMBER.sub("", self.name.removeprefix("test_")).rstrip("_").replace("_", " ")
        return f"[{said}](../../{self.file.relative_to(ROOT).as_posix()})"


def proofs() -> Mapping[int, list[Proof]]:
    found: dict[int, list[Proof]] = defaultdict(list)
    for proof in tests():
        for number in {int(number) for number in NUMBER.findall(proof.name)}:
            found[number].append(proof)
    return found


def tests() -> Iterator[Proof]:
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield Proof(file, node.name)


def faults(cases: Mapping[int, Any], proven: Mapping[int, list[Proof]]) -> Iterator[str]:
    for number, case in cases.items():
        if number not in proven and "later" not in case:
            yield f"ATT-{number:02} has no test: {case['says']}"
    for number in sorted(proven.keys() - cases.keys()):
        yield f"ATT-{number:02} is in no list, and yet in the name of {proven[number][0].name}"


def page(themes: list[dict[str, Any]], proven: Mapping[int, list[Proof]]) -> str:
    return "\n".join([HEAD, *(line for theme in themes for line in section(theme, proven))])


def section(theme: dict[str, Any], proven: Mapping[int, list[Proof]]) -> Iterator[str]:
    yield f"## {theme['title']}\n"
    for case in theme["cases"]:
        yield f"**ATT-{case['number']:02}** {case['says']}\n"
        yield from (f"- {proof.link()}" for proof in proven.get(case["number"], ()))
        for to_come in (case[word] for word in ("rest", "later") if word in case):
            yield f"- Still to come: {to_come}."
        yield ""


def main() -> int:
    themes = tomllib.loads(LIST.read_text("utf-8"))["theme"]
    cases = {case["number"]: case for theme in themes for case in theme["cases"]}
    proven = proofs()
    wrong = list(faults(cases, proven))
    made = page(themes, proven)
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text("utf-8") != made:
            wrong.append("docs/security/cases.md is not up to date: run scripts/cases_page.py")
    else:
        PAGE.write_text(made, "utf-8")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
