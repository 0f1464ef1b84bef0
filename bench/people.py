"""Adds people to the embedded directory of the configuration that RETROUVE_CONFIG names: python -m bench.people 100."""

from __future__ import annotations

import sys

from retrouve.wiring.server import prepare

prepare()

from bench.contender import OLD_PASSWORD  # noqa: E402
from retrouve.demo.people import account  # noqa: E402  Django is ready from here on
from retrouve.domain.secret import Secret  # noqa: E402
from retrouve.records.accounts import add_account  # noqa: E402
from retrouve.wiring import parts  # noqa: E402


def main() -> None:
    encoded = parts.hashing().encode(Secret(OLD_PASSWORD))
    for number in range(int(sys.argv[1])):
        name = f"personne.{number}"
        add_account("essai", account(name, f"{name}@example.org", "Adelle", "Adms"), password=encoded)


if __name__ == "__main__":
    main()
