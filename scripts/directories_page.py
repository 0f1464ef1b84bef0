"""Makes the table of `docs/directories.md` from the suite that holds it on real servers; `--check` compares the two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.directories.behaviours import BEHAVIOURS, KINDS, Behaviour

PAGE = ROOT / "docs/directories.md"
BEGIN, END = "<!-- table : scripts/directories_page.py -->\n", "<!-- fin de la table -->\n"


def table() -> Iterator[str]:
    yield "| Chaque annuaire | " + " | ".join(KINDS.values()) + " |"
    yield "|---|" + "---|" * len(KINDS)
    for behaviour in BEHAVIOURS.values():
        yield "| " + " | ".join((behaviour.sentence, *cells(behaviour))) + " |"


def cells(behaviour: Behaviour) -> Iterator[str]:
    for kind in KINDS:
        yield behaviour.differs.get(kind, "oui")


def page(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return before + BEGIN + "\n" + "\n".join(table()) + "\n\n" + END + after


def main(arguments: list[str]) -> int:
    text = PAGE.read_text("utf-8")
    if "--check" in arguments:
        if text == page(text):
            return 0
        sys.stderr.write("docs/directories.md is not what the tests say: python scripts/directories_page.py\n")
        return 1
    PAGE.write_text(page(text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
