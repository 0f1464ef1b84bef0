"""Makes Django ready in this process, and serves."""

from __future__ import annotations

import gc
import os
import socket

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection, connections
from django.utils.module_loading import import_string
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from retrouve.wiring.configuration import configuration
from retrouve.wiring.logs import start_logging

SETTINGS_VARIABLE = "DJANGO_SETTINGS_MODULE"
SETTINGS = "retrouve.wiring.settings"
FRONT = "retrouve.web.front.Front"
SECONDS_TO_STOP = 8  # then it is killed, which loses nothing: granian misses a signal now and then. Docker waits ten
MIGRATION_LOCK = 7_243_911  # any number, as long as it is always the same


class CannotStartError(Exception):
    """Something that the server needs is not there. The message is a sentence for the operator."""


def prepare() -> None:
    """Reads the settings, and brings the database to the shape that this version needs."""
    django.setup()
    start_logging(settings.LOGGING["level"])
    try:
        wait_for_others()
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        reason = str(error).partition("\n")[0]  # names the place, never the password
        raise CannotStartError(f"La base de données ne répond pas : {reason}") from None
    connections.close_all()  # the pages are served by another process


def wait_for_others() -> None:
    """Servers and workers that start at once on one PostgreSQL migrate it one after the other; the lock ends with the
    connection. SQLite needs none: its migrations already wait for one another.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])


def require_free_port(host: str, port: int) -> None:
    """The server shares its port with any other that does so: two of them would take turns, and nobody would know."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or "refusé"
            raise CannotStartError(
                f"Impossible d’écouter sur {host}, port {port} : {reason}. Changez de port."
            ) from None


def serve(host: str, port: int) -> None:
    """One process, some threads: Argon2 and the database release the interpreter's lock while they work. A request
    takes one once it is there as a whole (`front`).
    """
    require_free_port(host, port)
    Server(
        "retrouve.wiring.server:application",
        factory=True,
        interface=Interfaces.RSGI,
        address=host,
        port=port,
        workers=1,
        workers_kill_timeout=SECONDS_TO_STOP,
        log_level=LogLevels.error,
        log_access=False,  # an access log would hold recovery links (ATT-18)
        websockets=False,
    ).serve()


def application() -> object:
    """What granian's own process calls; mail and passwords are seen to there, beside the pages."""
    os.environ.setdefault(SETTINGS_VARIABLE, SETTINGS)
    answer = get_wsgi_application()
    start_logging(settings.LOGGING["level"])
    from retrouve.wiring.engine import start_working  # noqa: PLC0415  needs Django to be ready

    start_working()
    gc.freeze()  # what was loaded stays: no use looking through it again and again (docs/bench.md)
    return import_string(FRONT)(answer, configuration().server.threads)
