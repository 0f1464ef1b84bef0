"""What every directory does, and where one differs: the table of docs/directories.md is made from this, and
`test_every_directory.py` holds each line on the real server of each column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = {
    "own": "Retrouve",
    "openldap": "OpenLDAP",
    "active_directory": "Active Directory",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "http": "HTTP",
}
LDAP = ("openldap", "active_directory")
SQL = ("postgresql", "mariadb", "sqlite")


@dataclass(frozen=True)
class Behaviour:
    """`differs` says, for some kinds, what is done instead."""

    sentence: str
    differs: Mapping[str, str] = field(default_factory=dict)


NO_HISTORY = "n’en tient pas"
BEHAVIOURS: dict[str, Behaviour] = {
    "finds": Behaviour("trouve par l’identifiant, l’adresse et les autres faits, sans égard à la casse"),
    "inert": Behaviour("ne prend jamais ce qui est tapé pour une condition de recherche"),
    "reads_again": Behaviour("relit un compte par une référence qui survit à tout, et dit quand il n’existe plus"),
    "checks": Behaviour("reconnaît le bon mot de passe, et lui seul ; jamais le mot de passe vide"),
    "writes": Behaviour("écrit le nouveau mot de passe, et ferme la porte à l’ancien"),
    "twice": Behaviour(
        "supporte d’écrire deux fois le même",
        {"openldap": "refuse le second (historique)", "http": "selon le service"},
    ),
    "verifies": Behaviour("vérifie qu’un mot de passe ouvre le compte, avant de dire « Réussite »"),
    "demands": Behaviour(
        "dit ce qu’il exige, avant la saisie",
        {
            "own": "le fichier du portail dit tout",
            "postgresql": "72 octets avec bcrypt",
            "mariadb": "72 octets avec bcrypt",
            "sqlite": "72 octets avec bcrypt",
        },
    ),
    "refuses_short": Behaviour(
        "refuse lui-même un mot de passe trop faible",
        dict.fromkeys(("own", *SQL), "le portail seul juge"),
    ),
    "history": Behaviour(
        "refuse un ancien mot de passe",
        {
            "own": NO_HISTORY,
            **dict.fromkeys(SQL, NO_HISTORY),
            "active_directory": "non : une réinitialisation n’applique pas l’historique",
        },
    ),
    "unlocks": Behaviour(
        "lève le verrou des mots de passe faux, avec le nouveau ou sans",
        {
            "own": "verrous de Retrouve, levés avec le nouveau",
            **dict.fromkeys(SQL, "sans verrou connu"),
            "http": "selon le service",
        },
    ),
    "must_change": Behaviour(
        "reconnaît un bon mot de passe qui doit être changé",
        {"own": "sans objet", **dict.fromkeys(SQL, "sans objet"), "http": "selon le service"},
    ),
    "disabled": Behaviour(
        "n’ouvre pas un compte fermé", {"openldap": "par un filtre (`filter`)", "http": "selon le service"}
    ),
    "away": Behaviour("dit quand il ne répond pas, et se retrouve seul", {"own": "c’est la base de Retrouve"}),
    "signs": Behaviour("garde accents, espaces et signes du mot de passe"),
}
