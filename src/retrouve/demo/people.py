"""The people of the demonstration. They are invented; `example.org` belongs to nobody (RFC 2606)."""

from __future__ import annotations

from dataclasses import dataclass

from retrouve.domain.account import Account, AccountState
from retrouve.domain.delegation import Role
from retrouve.domain.secret import Secret

EVERYBODYS_PASSWORD = Secret("Ancien-mot2passe")


@dataclass(frozen=True)
class DemoAccount:
    portal: str
    account: Account
    audience: str = ""
    note: str = ""
    code: str = ""  # handed over on paper
    external_id: str = ""
    helps: tuple[Role, str, str] | None = None  # as what, in which institution, which class


@dataclass(frozen=True)
class DemoInstitution:
    portal: str
    code: str
    name: str
    contact: str
    parent: str = ""


INSTITUTIONS = (
    DemoInstitution("leo", "0801234A", "Lycée de la Demo", "Vie scolaire, bâtiment A. Tél. 03 00 00 00 01"),
    DemoInstitution("leo", "0805678B", "Lycée des Essais", "Secrétariat, au rez-de-chaussée. Tél. 03 00 00 00 02"),
    DemoInstitution("creos", "PO-DEMO", "Pouvoir organisateur de la Demo", "po@example.org"),
    DemoInstitution("creos", "ECOLE-DEMO", "École de la Demo", "direction@ecole-demo.example.org", "PO-DEMO"),
    DemoInstitution("creos", "ECOLE-ESSAI", "École des Essais", "direction@ecole-essai.example.org", "PO-DEMO"),
)


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
        institution=more.get("institution", ""),
        classes=tuple(filter(None, more.get("classes", "").split(","))),
        guardians=tuple(filter(None, more.get("guardians", "").split(","))),
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
    DemoAccount(
        "leo",
        account("adelle.adms", "adelle.adms@example.org", "Adelle", "Adms", institution="0801234A", classes="2nde 3"),
    ),
    DemoAccount(
        "leo",
        account(
            "paul.activer",
            "paul.activer@example.org",
            "Paul",
            "Activer",
            state="not_activated",
            institution="0801234A",
            classes="2nde 3",
        ),
        note="compte jamais activé, code d’activation kz7m3wxa",
        code="kz7m3wxa",
    ),
    DemoAccount(
        "leo",
        account("tom.petit", "", "Tom", "Petit", institution="0801234A", classes="2nde 3", guardians="PARENT-PETIT"),
        note="élève sans adresse : sa mère reçoit le courriel",
    ),
    DemoAccount(
        "leo",
        account("claire.petit", "claire.petit@example.org", "Claire", "Petit", institution="0801234A"),
        note="mère de Tom",
        external_id="PARENT-PETIT",
    ),
    DemoAccount(
        "leo",
        account("anne.prof", "anne.prof@example.org", "Anne", "Prof", institution="0801234A"),
        note="enseigne en 2nde 3, aide sa classe",
        helps=(Role.TEACHER, "0801234A", "2nde 3"),
    ),
    DemoAccount(
        "leo",
        account("rene.referent", "rene.referent@example.org", "René", "Référent", institution="0801234A"),
        note="référent du Lycée de la Demo",
        helps=(Role.REFERENT, "0801234A", ""),
    ),
    DemoAccount(
        "leo",
        account("olga.operatrice", "olga.operatrice@example.org", "Olga", "Opératrice"),
        note="exploitante : aide tout le monde",
        helps=(Role.OPERATOR, "", ""),
    ),
    DemoAccount(
        "creos",
        account("diane.direction", "diane.direction@example.org", "Diane", "Direction", institution="ECOLE-DEMO"),
        note="direction de l’École de la Demo : migre les anciens comptes",
        helps=(Role.REFERENT, "ECOLE-DEMO", ""),
    ),
    DemoAccount(
        "creos",
        account("paule.po", "paule.po@example.org", "Paule", "Po", institution="PO-DEMO"),
        note="pouvoir organisateur : toutes les écoles de la Demo",
        helps=(Role.AUTHORITY, "PO-DEMO", ""),
    ),
    DemoAccount(
        "creos",
        account("jean.dupont", "jean.dupont@example.org", "Jean", "Dupont", institution="ECOLE-DEMO"),
    ),
    DemoAccount(
        "creos",
        account(
            "legacy.dupuis", "legacy.dupuis@example.org", "Léa", "Dupuis", state="legacy", institution="ECOLE-DEMO"
        ),
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
