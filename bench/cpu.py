"""CPU time, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds_of_group(group: int) -> float:
    """User and system time of all living processes of a process group, all their threads included."""
    return sum(ticks(stat) for stat in Path("/proc").glob("[0-9]*/stat") if group_of(stat) == group) / TICKS_PER_SECOND


def fields_after_name(stat: Path) -> list[str]:
    """The name of a program may hold spaces and brackets: what follows the last bracket is numbers. proc(5)."""
    try:
        return stat.read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return []


def group_of(stat: Path) -> int:
    fields = fields_after_name(stat)
    return int(fields[2]) if fields else 0


def ticks(stat: Path) -> int:
    fields = fields_after_name(stat)
    return int(fields[11]) + int(fields[12]) if fields else 0
