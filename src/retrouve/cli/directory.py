"""`retrouve directory test`: walks a directory's whole chain, a sentence for each step, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from retrouve.cli.starting import Folder, say, use
from retrouve.wiring.configuration import configuration
from retrouve.wiring.server import prepare

NOT_WELL = 1

directory = typer.Typer(help="Les annuaires.", no_args_is_help=True)

MARKS = {"good": "bien     ", "doubtful": "à voir   ", "bad": "à réparer"}

SENTENCES: Mapping[str, str] = {
    "own": "C’est la base de Retrouve : elle est vérifiée au démarrage.",
    "reached": "{server} répond.",
    "name_unknown": "{server} : ce nom n’existe pas. Vérifiez « url » et le serveur de noms.",
    "unreachable": "{server} n’est pas joignable ({reason}). Vérifiez la machine, le port, le pare-feu.",
    "entered": "Le chiffrement est vérifié, et {bind_dn} est entré.",
    "entered_in_clear": "{bind_dn} est entré, sans chiffrement : cela ne vaut que sur cette machine.",
    "tls_untrusted": "Le certificat n’est pas digne de confiance : signé par une autre autorité que celle de « ca_file », "
    "périmé, ou fait pour un autre nom que celui de « url ». {detail}",
    "tls_failed": "Le chiffrement échoue : ce port ne parle peut-être pas TLS. {detail}",
    "tls_refused": "L’annuaire refuse StartTLS : écrivez ldaps://, ou activez TLS sur l’annuaire.",
    "service_refused": "{bind_dn} n’est pas entré : vérifiez « bind_dn » et « bind_password ». {detail}",
    "no_answer": "Pas de réponse. {detail}",
    "connection_lost": "La connexion a été coupée. {detail}",
    "people_found": "Des personnes sont trouvées sous {base}, avec « {username} » et « {email} ».",
    "nobody_found": "Personne sous {base} avec « {username} » : vérifiez « base », « filter », « object_class », « username », "
    "et le droit de lire.",
    "no_address_found": "Les personnes trouvées n’ont pas d’adresse dans « {email} » : sans adresse, pas de récupération.",
    "replica_read": "{server} : cette copie laisse entrer le compte de service, et dit quand un mot de passe a changé.",
    "replica_hides": "{server} : cette copie ne montre pas « {name} » : « Réussite » attendrait en vain. Donnez au compte de "
    "service le droit de le lire, ou vérifiez que la copie suit.",
    "replica_not_read": "{server} : cette copie ne se laisse pas lire ({reason}) : vérifiez son certificat, et que le compte de "
    "service y entre. {detail}",
    "indexed": "« {name} » est indexé.",
    "not_indexed": "« {name} » n’est pas indexé : chaque recherche lira tous les comptes. Ajoutez un index, sur "
    "lower({name}) dans PostgreSQL et SQLite.",
    "searched_fast": "La recherche par « {name} » prend {milliseconds} ms.",
    "searched_slowly": "La recherche par « {name} » prend {milliseconds} ms : indexez cet attribut (« index {name} eq »).",
    "may_write": "« {name} » peut être écrit.",
    "may_not_write": "« {name} » ne peut pas être écrit : donnez ce droit au compte de service (docs/directories.md).",
    "not_writable_now": "« {name} » ne peut pas être écrit en ce moment : l’annuaire est en lecture seule, ou c’est une copie "
    "(réponse LDAP {code}). Donnez dans « url » celui qui écrit.",
    "policy_read": "La politique est lue : {length} caractères, {categories} sortes de signes au moins (0 : sans condition).",
    "policy_not_read": "La politique n’est pas lisible : les personnes n’apprendront ses règles qu’après un refus. {detail}",
    "no_policy_configured": "Aucune politique n’est nommée (« policy_dn ») : les personnes n’apprendront ses règles "
    "qu’après un refus.",
    "connected": "La base répond.",
    "table_not_read": "La table {table} n’est pas lisible : vérifiez « table », « columns » et le droit de lire. {detail}",
    "table_empty": "La table {table} n’a pas encore de mot de passe dans « {column} ».",
    "table_read": "La table {table} est lue, et « {column} » tient le format attendu.",
    "other_format": "« {column} » de {table} tient un autre format que {formats} : vérifiez « hash » et « also_reads ».",
    "answered": "{url} répond, et accepte notre signature.",
    "http_status": "Le service répond {detail} : vérifiez « url » et « signing_key ».",
    "answer_not_understood": "Le service répond autre chose que ce que docs/directories.md décrit. {detail}",
    "finds_nobody": "Une personne qui n’existe pas n’est pas trouvée.",
    "finds_anybody": "Le service trouve quelqu’un sous un nom tiré au hasard : il répondrait à n’importe qui.",
}


@directory.callback()
def directory_callback() -> None:
    """The callback keeps `test` a word of its own, as long as it is the only command here."""


@directory.command("test")
def test_command(
    name: Annotated[str, typer.Argument(help="Le nom de l’annuaire dans server.toml ; `own` est celui de Retrouve.")],
    config: Folder,
) -> None:
    """Says for each step whether it is well, doubtful, or to be mended: 1 when one is to be mended."""
    use(config)
    known = ["own", *configuration().server.directories]
    if name not in known:
        say(f"Annuaire inconnu : {name}. Connus : {', '.join(known)}.")
        raise typer.Exit(NOT_WELL)
    prepare()
    from retrouve.journeys.examine_directory import examine_directory  # noqa: PLC0415  Django is ready from here on
    from retrouve.wiring.parts import directory_named  # noqa: PLC0415

    bad = False
    for found in examine_directory(directory_named(name)):
        say(f"{MARKS[found.verdict]}  {SENTENCES[found.code].format_map(Blank(found.values)).strip()}")
        bad = bad or found.verdict == "bad"
    if bad:
        raise typer.Exit(NOT_WELL)


class Blank(dict[str, str]):
    """A sentence may have a place for more than is known."""

    def __missing__(self, key: str) -> str:
        return ""
