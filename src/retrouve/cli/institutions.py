"""`retrouve institutions set | list | import`: which there are, the authority above each, whom to ask there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from retrouve.cli.accounts import NOT_DONE, portal_in
from retrouve.cli.starting import Folder, operator_language, say
from retrouve.domain.portal import Portal
from retrouve.files.institutions import InstitutionCells, read_institutions
from retrouve.files.people import FileRefusal, LineRefusal, UnreadableFileError
from retrouve.wiring.server import prepare

if TYPE_CHECKING:  # it needs Django to be ready
    from retrouve.journeys.keep_institutions import Refused

institutions = typer.Typer(help="Les établissements, et l’autorité au-dessus de chacun.", no_args_is_help=True)

Slug = Annotated[str, typer.Option(help="Le nom court du portail.")]

REFUSALS: Mapping[str, str] = {
    "no_code": "Le code manque.",
    "code_too_long": "Le code {code} est trop long : 64 caractères au plus.",
    "name_too_long": "Le nom de {code} est trop long : 254 caractères au plus.",
    "contact_too_long": "Le contact de {code} est trop long : 500 caractères au plus.",
    "twice": "{code} est plusieurs fois dans la liste.",
    "no_name": "Le nom de {code} manque.",
    "unknown": "{portal} ne connaît pas encore {code} : donnez aussi son nom (--name, ou la colonne Nom).",
    "unknown_parent": "{portal} ne connaît pas {parent}, qui serait au-dessus de {code} : ajoutez-le d’abord.",
    "loop": "Mettre {code} sous {parent} ferait une boucle : chacun serait au-dessus de lui-même.",
}
NO_SUCH_COLUMN = "Aucune colonne ne s’appelle Code. Attendu : Code;Nom;Tutelle;Contact."


@institutions.command("set")
def set_command(
    code: Annotated[str, typer.Argument(help="Le code de l’établissement : UAI, FASE…")],
    config: Folder,
    portal: Slug,
    name: Annotated[str | None, typer.Option(help="Son nom ; nécessaire la première fois.")] = None,
    parent: Annotated[
        str | None, typer.Option(help="Le code de l’autorité au-dessus de lui ; vide, il n’y en a plus.")
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option(help="À qui s’adresser, lu par tous sur la page d’aide ; vide, il n’y en a plus."),
    ] = None,
) -> None:
    """Adds an institution, or changes what is told of it. What is not given stays as it was."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.keep_institutions import Institution, tell_institutions  # noqa: PLC0415  Django is ready

    told = Institution(in_one_line(code) or "", in_one_line(name), in_one_line(parent), in_one_line(contact))
    refused = tell_institutions(found, [told], datetime.now(UTC))
    if refused:
        raise stopped(sentence(one, found) for one in refused)
    say(f"{told.code} : c’est enregistré.")


def in_one_line(typed: str | None) -> str | None:
    return None if typed is None else " ".join(typed.split())


@institutions.command("list")
def list_command(config: Folder, portal: Slug) -> None:
    """Shows each institution: its code, its name, the authority above it, whom to ask there."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.keep_institutions import known_institutions  # noqa: PLC0415  Django is ready from here on

    for one in known_institutions(found):
        say(f"{one.code}\t{one.name}\t{one.parent}\t{one.contact}")


@institutions.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Un CSV : Code;Nom;Tutelle;Contact.")],
    config: Folder,
    portal: Slug,
) -> None:
    """Tells of many at once. An empty cell changes nothing; one line that is refused, and nothing is changed."""
    found = portal_in(config, portal)
    prepare()
    from retrouve.journeys.keep_institutions import Institution, tell_institutions  # noqa: PLC0415  Django is ready

    lines = lines_of(file)
    told = [Institution(**{"code": "", **line.told}) for line in lines]
    refused = tell_institutions(found, told, datetime.now(UTC))
    if refused:
        raise stopped(on_line(lines[one.place].line, sentence(one, found)) for one in refused)
    say(f"Établissements lus : {len(told)}. C’est enregistré.")


def lines_of(file: Path) -> Sequence[InstitutionCells]:
    from retrouve.messages.importing import file_sentence, line_sentence  # noqa: PLC0415  Django is ready from here on

    language = operator_language()
    if not file.is_file():
        raise stopped([f"« {file} » n’est pas un fichier."])
    try:
        with file.open("rb") as stream:
            read = list(read_institutions(stream))
    except UnreadableFileError as error:
        unknown = error.code is FileRefusal.UNKNOWN_HEADERS
        raise stopped([NO_SUCH_COLUMN if unknown else file_sentence(error.code, error.values, language)]) from None
    refused = [one for one in read if isinstance(one, LineRefusal)]
    if refused:
        raise stopped(
            on_line(one.line, line_sentence(one.code, language, column=one.column, shown=one.shown)) for one in refused
        )
    return [one for one in read if isinstance(one, InstitutionCells)]


def on_line(number: int, told: str) -> str:
    return f"Ligne {number} : {told}"


def sentence(refused: Refused, portal: Portal) -> str:
    one = refused.institution
    return REFUSALS[refused.why].format(code=one.code, parent=one.parent, portal=portal.name)


def stopped(sentences: Iterable[str]) -> typer.Exit:
    for told in sentences:
        say(told)
    say("Rien n’est changé.")
    return typer.Exit(NOT_DONE)
