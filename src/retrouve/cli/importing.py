"""`retrouve accounts import`: a list of people becomes accounts."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from shutil import copymode
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from retrouve.cli.accounts import NOT_DONE, portal_in
from retrouve.cli.starting import Folder, operator_language, say
from retrouve.config.directory_tables import OWN
from retrouve.wiring.server import prepare

if TYPE_CHECKING:
    from retrouve.journeys.import_people import Outcome

REFUSED = ".refus.csv"
FAR_AS_THAT = "L’import s’est arrêté là. Ceci est fait :"
AGAIN = (
    "Une fois le fichier corrigé, importez-le à nouveau en entier : les comptes qui sont déjà comme il le dit "
    "ne changent pas."
)


def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FICHIER…", help="Un CSV, ou des fichiers AAF (.xml).")],
    config: Folder,
    portal: Annotated[str, typer.Option(help="Le nom court du portail.")],
    audience: Annotated[str, typer.Option(help="La population, où il y en a plusieurs.")] = "",
    salt: Annotated[str, typer.Option(help="Où va le sel des mots de passe hachés : before ou after.")] = "none",
    *,
    legacy: Annotated[bool, typer.Option(help="D’anciens comptes, à migrer ensuite.")] = False,
    complete: Annotated[
        bool, typer.Option(help="Qui n’est pas dans la liste est parti : noté, jamais supprimé.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Dit ce que ferait la liste, et ne change rien.")] = False,
) -> None:
    """Adds the people who are new, brings the others up to date. Ends with 1 when lines were refused: they are in
    FICHIER.refus.csv, each with its reason, beside those of which there is something to know. Interrupted, or broken
    off by a damaged file, it is simply begun again.
    """
    found = portal_in(config, portal)
    named = found.audience_named(audience) if audience else None
    met = found.for_audience(named) if named else found
    if not audience and found.audiences:
        say(f"Dites de quelle population : --audience {' | '.join(one.slug for one in found.audiences)}.")
        raise typer.Exit(NOT_DONE)
    if (audience and named is None) or met.directory != OWN:
        say(f"Les comptes de cette population de {found.name} ne sont pas chez Retrouve.")
        raise typer.Exit(NOT_DONE)
    prepare()
    from retrouve.journeys.import_list import Unreadable  # noqa: PLC0415  Django is ready from here on
    from retrouve.journeys.import_people import Wishes  # noqa: PLC0415
    from retrouve.journeys.read_people import SALTS, Imported, import_files  # noqa: PLC0415
    from retrouve.messages.importing import file_sentence  # noqa: PLC0415
    from retrouve.wiring.parts import hashing  # noqa: PLC0415

    if salt not in SALTS:
        say(f"--salt est {', '.join(SALTS)}.")
        raise typer.Exit(NOT_DONE)
    wishes = Wishes(
        legacy=legacy, complete=complete, salt=SALTS[salt], touch_helpers=True, takes_passwords=True, dry_run=dry_run
    )
    gc.disable()  # people come by the million and form no cycles: looking for some took a fifth of the time
    report = files[0].with_name(files[0].name + REFUSED)
    with ExitStack() as opened:
        streams = [(file.name, opened.enter_context(file.open("rb"))) for file in existing(files)]
        written = opened.enter_context(report.open("w", encoding="utf-8-sig", newline=""))
        copymode(files[0], report)  # it holds lines of that file: whoever may not read one may not read the other
        bar = opened.enter_context(progress_bar())
        task = bar.add_task("Lecture", total=sum(file.stat().st_size for file in files))

        def show(outcome: Outcome) -> None:
            read = sum(stream.tell() for _, stream in streams if not stream.closed)
            bar.update(task, completed=read, lines=f"{outcome.read:,}".replace(",", "\u202f"))

        outcome = import_files(
            met,
            hashing(),
            streams,
            wishes,
            report=written,
            language=operator_language(),
            progress=show,
            now=datetime.now(UTC),
        )
    match outcome:
        case Unreadable(reason, values):
            report.unlink(missing_ok=True)
            say(file_sentence(reason, values, operator_language()))
            raise typer.Exit(NOT_DONE)
        case Imported(counts, not_kept, None):
            say("Rien n’est changé (--dry-run). La liste ferait ceci :" if dry_run else "C’est fait.")
            tell(counts, not_kept, report)
            raise typer.Exit(NOT_DONE if counts.refused else 0)
        case Imported(counts, not_kept, Unreadable(reason, values)):
            say(file_sentence(reason, values, operator_language()))
            say("Rien n’est changé (--dry-run). Jusque-là, la liste ferait ceci :" if dry_run else FAR_AS_THAT)
            tell(counts, not_kept, report)
            say(AGAIN)
            raise typer.Exit(NOT_DONE)


def existing(files: list[Path]) -> Iterator[Path]:
    for file in files:
        if not file.is_file():
            say(f"« {file} » n’est pas un fichier.")
            raise typer.Exit(NOT_DONE)
        yield file


def progress_bar() -> Progress:
    """On the error output, and only where somebody looks."""
    console = Console(file=sys.stderr)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[lines]} lignes"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def tell(outcome: Outcome, not_kept: tuple[str, ...], report: Path) -> None:
    say(
        f"Lignes lues : {outcome.read}. Comptes créés : {outcome.created}, mis à jour : {outcome.changed}, "
        f"déjà à jour : {outcome.unchanged}."
    )
    say(f"Départs notés : {outcome.departed}. Lignes refusées : {outcome.refused}. À savoir : {outcome.remarks}.")
    if not_kept:
        say(f"Colonnes non reprises : {', '.join(not_kept)}.")
    if outcome.refused or outcome.remarks:
        say(f"Ligne par ligne, ce qu’il y a à dire : {report}")
    else:
        report.unlink()
