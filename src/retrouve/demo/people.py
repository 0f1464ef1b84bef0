"""The people of the demonstration. They are invented; `example.org` belongs to nobody (RFC 2606)."""

from __future__ import annotations

from dataclasses import dataclass

from retrouve.domain.account import Account, AccountState
from retrouve.domain.secret import Secret

EVERYBODYS_PASSWORD = Secret("Ancien-mot2passe")


@dataclass(frozen=True)
class DemoAccount:
    portal: str
    account: Account
    audience: str = ""
    note: str = ""


def account(identifier: str, email: str, first_name: str, last_name: str, **more: str) -> Account:
    return Account(
        reference="",
        identifier=identifier,
        email=email,
        first_name=first_name,
        last_name=last_name,
        country=more.get("country", ""),
        kind=more.get("kind", ""),
        state=AccountState(more.get("state", "active")),
    )


PEOPLE = (
    DemoAccount(
        "nouvelle-aquitaine",
        account("camille.martin@example.org", "camille.martin@example.org", "Camille", "Martin"),
        audience="usagers",
    ),
    DemoAccount(
        "nouvelle-aquitaine",
        account("elise.roche@example.org", "elise.roche@example.org", "Élise", "Roche"),
        audience="elus",
    ),
    DemoAccount(
        "metamots",
        account(
            "marie.durand@example.org",
            "marie.durand@example.org",
            "Marie-Hélène",
            "Durand",
            country="FR",
            kind="entreprise",
        ),
        note="Marie-Hélène Durand, France, Entreprise",
    ),
    DemoAccount("leo", account("adelle.adms", "adelle.adms@example.org", "Adelle", "Adms")),
    DemoAccount(
        "leo",
        account("paul.activer", "paul.activer@example.org", "Paul", "Activer", state="not_activated"),
        note="compte jamais activé",
    ),
    DemoAccount("creos", account("jean.dupont", "jean.dupont@example.org", "Jean", "Dupont")),
    DemoAccount(
        "creos",
        account("legacy.dupuis", "legacy.dupuis@example.org", "Léa", "Dupuis", state="legacy"),
        note="ancien compte de l’institution « École de la Demo », pas encore migré",
    ),
)


# Those who live elsewhere when the demonstration has directories (`demo.directories`).
ELSEWHERE = (
    DemoAccount(
        "nouvelle-aquitaine",
        account("elise.roche@example.org", "elise.roche@example.org", "Élise", "Roche"),
        audience="elus",
    ),
    DemoAccount(
        "nouvelle-aquitaine",
        account("luc.moreau@example.org", "luc.moreau@example.org", "Luc", "Moreau"),
        audience="agents-des-lycees",
    ),
    DemoAccount(
        "nouvelle-aquitaine",
        account("ines.petit@example.org", "ines.petit@example.org", "Inès", "Petit"),
        audience="agents-du-siege",
    ),
)
