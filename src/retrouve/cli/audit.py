"""`retrouve audit verify | export`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from retrouve.cli.starting import Folder, say, use
from retrouve.messages.traces import cef_line, json_line
from retrouve.wiring.server import prepare

BROKEN = 1

audit = typer.Typer(help="La trace de ce qui s’est passé.", no_args_is_help=True)


class Format(StrEnum):
    JSON = "json"
    CEF = "cef"


WRITERS = {Format.JSON: json_line, Format.CEF: cef_line}

FAULTS = {
    "altered": "a été modifié",
    "missing": "a été retiré",
    "origin_altered": "a une autre adresse de réseau",
    "seal_altered": "a un sceau modifié",
    "seal_missing": "est précédé d’un sceau retiré",
}


@audit.command("verify")
def verify_command(config: Folder) -> None:
    """Checks the whole chain: 0 when it holds, 1 when an event was altered, added or taken away."""
    use(config)
    prepare()
    from retrouve.journeys.keep_trail import Broken, Intact, verify_trail  # noqa: PLC0415  Django is ready from here on
    from retrouve.wiring.parts import keys  # noqa: PLC0415

    match verify_trail(keys()):
        case Intact(sealed, forgotten, unsealed, last_digest):
            say(f"La trace est intacte : {sealed} événements scellés, dont {forgotten} oubliés en leur temps.")
            if unsealed:
                say(f"{unsealed} événements viennent d’arriver, et seront scellés dans un instant.")
            say(f"Dernier sceau : {sealed} {last_digest}")
        case Broken(position, event, what):
            say(f"La trace est rompue : au sceau {position}, l’événement {event} {FAULTS[what]}.")
            raise typer.Exit(BROKEN)


@audit.command("export")
def export_command(
    config: Folder,
    *,
    form: Annotated[Format, typer.Option("--format", help="Lignes JSON, ou CEF (ArcSight).")] = Format.JSON,
    since: Annotated[datetime | None, typer.Option(help="Depuis ce jour (UTC), AAAA-MM-JJ.")] = None,
    out: Annotated[Path | None, typer.Option(help="Le fichier à écrire ; la sortie du terminal par défaut.")] = None,
) -> None:
    """Writes the events, oldest first, one a line."""
    use(config)
    prepare()
    from retrouve.journeys.keep_trail import traces_since  # noqa: PLC0415  Django is ready from here on

    lines = (WRITERS[form](trace) + "\n" for trace in traces_since(since.replace(tzinfo=UTC) if since else None))
    if out is None:
        sys.stdout.writelines(lines)
        return
    with out.open("w", encoding="utf-8") as file:
        file.writelines(lines)
