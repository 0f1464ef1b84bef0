"""Writes `docs/helpers.md`'s table of rights from `domain/delegation.py`; `--check` compares."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))

from retrouve.domain.delegation import RANKS, RIGHTS, Delegation, Right, Role, Target, may

PAGE = ROOT / "docs/helpers.md"
BEGIN, END = "<!-- rights: made by scripts/helpers_page.py -->\n", "<!-- end of rights -->\n"

WHO = {
    Role.TEACHER: ("a teacher of 3A", Delegation(Role.TEACHER, frozenset({"here"}), "3A")),
    Role.REFERENT: ("a referent of the school", Delegation(Role.REFERENT, frozenset({"here"}))),
    Role.AUTHORITY: ("the authority above it", Delegation(Role.AUTHORITY, frozenset({"here", "there"}))),
    Role.OPERATOR: ("an operator", Delegation(Role.OPERATOR)),
}
WHOM = {
    "oneself": Target("helper", "here", ("3A",)),
    "a pupil of 3A": Target("x", "here", ("3A",)),
    "a pupil of 3B": Target("x", "here", ("3B",)),
    "a pupil of a school next door": Target("x", "there", ("3A",)),
    "a pupil of another authority": Target("x", "elsewhere", ("3A",)),
    "a teacher of the school": Target("x", "here", ("3A",), RANKS[Role.TEACHER]),
    "a referent of the school": Target("x", "here", (), RANKS[Role.REFERENT]),
    "the authority above it": Target("x", "here", (), RANKS[Role.AUTHORITY]),
    "an operator": Target("x", "here", (), RANKS[Role.OPERATOR]),
}


def table() -> str:
    names = [name for name, _ in WHO.values()]
    lines = [f"| whom | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for whom, target in WHOM.items():
        cells = [cell(delegation, target) for _, delegation in WHO.values()]
        lines.append(f"| {whom} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(delegation: Delegation, target: Target) -> str:
    held = [right for right in Right if may("helper", [delegation], right, target)]
    if not held:
        return "nothing"
    return "everything" if len(held) == len(Right) else f"{len(held)} of {len(RIGHTS[Role.OPERATOR])}"


def rights() -> str:
    lines = [f"| right | {' | '.join(role.value for role in Role)} |", "|---" * (len(Role) + 1) + "|"]
    for right in Right:
        held = ["yes" if right in RIGHTS[role] else "no" for role in Role]
        lines.append(f"| `{right.value}` | {' | '.join(held)} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{rights()}\n{END}{after}"


def main() -> int:
    made = page()
    if "--check" in sys.argv:
        if made != PAGE.read_text("utf-8"):
            sys.stderr.write("docs/helpers.md is not what the rules say: run scripts/helpers_page.py\n")
            return 1
        return 0
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
