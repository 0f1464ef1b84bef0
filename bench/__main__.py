"""`make bench`: CPU per recovery, beside its bare hashes and beside django-allauth, in rounds that take turns."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from bench.allauth_server import AllauthContender
from bench.applications import measure_sign_ins, sign_in_table
from bench.browser import WentWrongError
from bench.contender import Contender, Cost
from bench.hashes import cpu_seconds_of_hashes
from bench.openldap_server import ThroughOpenLdap
from bench.post import Post
from bench.report import Round, as_json, table
from bench.retrouve_server import RetrouveContender
from retrouve.demo.servers import openldap

COSTS = (Cost(65_536, 3, 4), Cost(19_456, 2, 1))  # Retrouve's default; the least that OWASP allows
ROUNDS = 8
JOURNEYS = 12
WARM_UP = 5


def measure(cost: Cost) -> list[Round]:
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as at_the_end:
        folder = Path(scratch)
        contenders: list[Contender] = [RetrouveContender(folder / "retrouve"), AllauthContender(folder / "allauth")]
        if openldap.installed():
            contenders.append(ThroughOpenLdap(folder / "elsewhere" / "retrouve"))
        for contender in contenders:
            post = Post(folder / f"{contender.name} mails")
            at_the_end.callback(post.stop)
            contender.start(post, cost, WARM_UP + ROUNDS * JOURNEYS)
            at_the_end.callback(contender.stop)
            walk(contender, range(WARM_UP))
        cpu_seconds_of_hashes(cost, WARM_UP)
        return [one_round(cost, contenders, number) for number in range(ROUNDS)]


def one_round(cost: Cost, contenders: list[Contender], number: int) -> Round:
    """Journey by journey in turns: a machine that slows down for a while slows them all."""
    hashes, by_contender = 0.0, dict.fromkeys((one.name for one in contenders), 0.0)
    for person in range(WARM_UP + number * JOURNEYS, WARM_UP + (number + 1) * JOURNEYS):
        hashes += cpu_seconds_of_hashes(cost, 1) / JOURNEYS * 1000
        for one in contenders:
            by_contender[one.name] += walk(one, range(person, person + 1)) / JOURNEYS
    return Round(hashes, by_contender, frozenset(one.name for one in contenders if not one.hashes_itself))


def walk(contender: Contender, people: range) -> float:
    """CPU milliseconds per journey."""
    before = contender.cpu_seconds()
    for number in people:
        contender.journey(number)
    return (contender.cpu_seconds() - before) / len(people) * 1000


def main() -> None:
    measured = [(cost, measure(cost), measure_sign_ins(cost)) for cost in COSTS]
    if "--json" in sys.argv:
        told = [{**as_json(cost, rounds), "sign_in": asdict(signing_in)} for cost, rounds, signing_in in measured]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        for cost, rounds, signing_in in measured:
            sys.stdout.write(f"{table(cost, rounds)}\n\n{sign_in_table(cost, signing_in)}\n\n")


if __name__ == "__main__":
    try:
        main()
    except WentWrongError as wrong:
        sys.exit(f"The bench stopped, nothing was measured: {wrong}")
