"""`retrouve serve | worker | check | mail | demo`, and the groups of commands: accounts, helpers, institutions…"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from retrouve.cli.accounts import accounts
from retrouve.cli.applications import applications
from retrouve.cli.audit import audit
from retrouve.cli.directory import directory
from retrouve.cli.helpers import helpers
from retrouve.cli.importing import import_command
from retrouve.cli.institutions import institutions
from retrouve.cli.mail import mail_command
from retrouve.cli.starting import Folder, operator_language, say, use
from retrouve.config.problems import ConfigurationProblems
from retrouve.demo.start import run_demo, run_demo_with_directories
from retrouve.wiring.configuration import FOLDER_VARIABLE, configuration
from retrouve.wiring.server import CannotStartError, prepare, require_free_port, serve

CANNOT_START = 1
DOUBTFUL = 1
WRONG_CONFIGURATION = 2

app = typer.Typer(
    help="Retrouve : rendre à chacun l’usage de son compte.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(applications, name="applications")
app.add_typer(audit, name="audit")
app.add_typer(accounts, name="accounts")
app.add_typer(directory, name="directory")
app.add_typer(helpers, name="helpers")
app.add_typer(institutions, name="institutions")
accounts.command("import")(import_command)
app.command("mail")(mail_command)


@app.command("serve")
def serve_command(config: Folder) -> None:
    """Serves the portals, delivers mail, writes passwords."""
    use(config)
    server = configuration().server
    require_free_port(server.host, server.port)
    prepare()
    say(f"Retrouve : {server.base_url}/ (http://{server.host}:{server.port}/)")
    serve(server.host, server.port)


@app.command("worker")
def worker_command(config: Folder) -> None:
    """Delivers mail and writes passwords, on this machine or another. Stops with Ctrl-C; loses nothing."""
    use(config)
    prepare()
    say("Retrouve : courriels et mots de passe (Ctrl-C pour arrêter)")
    from retrouve.wiring.engine import engine, work_until_stopped  # noqa: PLC0415  needs Django to be ready

    for asked_to_stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_stop, lambda *_: engine().stop())
    work_until_stopped()


@app.command("check")
def check_command(
    config: Folder, *, as_json: Annotated[bool, typer.Option("--json", help="Pour un programme.")] = False
) -> None:
    """Judges the configuration: 0 when it is good, 1 when something works badly, 2 when the server would not start."""
    os.environ[FOLDER_VARIABLE] = str(config)
    found = problems()
    ended = WRONG_CONFIGURATION if found else 0
    if not found:
        found = ConfigurationProblems(configuration().server.doubts).as_json(operator_language())
        ended = DOUBTFUL if found else 0
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{problem['sentence']}\n" for problem in found)
        sys.stdout.write("" if found else "Configuration : tout va bien.\n")
    raise typer.Exit(ended)


def problems() -> list[dict[str, object]]:
    try:
        configuration()
    except ConfigurationProblems as wrong:
        return wrong.as_json(operator_language())
    return []


@app.command("demo")
def demo_command(
    port: Annotated[int, typer.Option(help="Le port de http://127.0.0.1.")] = 8000,
    folder: Annotated[Path | None, typer.Option(help="Où garder la base et les courriels.")] = None,
    *,
    directories: Annotated[
        bool, typer.Option("--directories", help="Avec un OpenLDAP et un Active Directory (Samba), à démarrer en root.")
    ] = False,
) -> None:
    """Serves the four example portals with their mailbox."""
    require_free_port("127.0.0.1", port)
    if directories:
        demo_with_directories(folder or Path(".demo-directories"), port)
        return
    say(f"Retrouve : http://127.0.0.1:{port}/ (Ctrl-C pour arrêter)")
    run_demo(folder or Path(".demo"), port)


def demo_with_directories(folder: Path, port: int) -> None:
    from retrouve.demo.directories import missing_programs  # noqa: PLC0415  `demo` alone needs none of this

    lacking = missing_programs()
    if lacking:
        raise CannotStartError(lacking)
    say("Retrouve démarre OpenLDAP et Active Directory (une dizaine de secondes)…")
    say(f"Retrouve : http://127.0.0.1:{port}/ (Ctrl-C pour arrêter)")
    run_demo_with_directories(folder, port)


def run() -> None:
    try:
        app()
    except ConfigurationProblems as wrong:
        sys.stderr.write(wrong.in_words(operator_language()) + "\n")
        sys.exit(WRONG_CONFIGURATION)
    except CannotStartError as missing:
        sys.stderr.write(f"{missing}\n")
        sys.exit(CANNOT_START)
