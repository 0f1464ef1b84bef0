"""The applications of a portal: those of its file, and those registered by command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from retrouve.config.application_file import application_from
from retrouve.domain.applications import Application
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import same
from retrouve.domain.portal import Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.secret import Secret
from retrouve.records import applications as records
from retrouve.records.audit import note
from retrouve.records.grants import end_grants_of_application
from retrouve.records.models import ApplicationRow


@dataclass(frozen=True)
class Known:
    application: Application
    in_file: bool
    disabled_at: datetime | None


def application_named(portal: Portal, client_id: str) -> Application | None:
    """None for one that is unknown, or disabled."""
    known = known_application(portal, client_id)
    return known.application if known and known.disabled_at is None else None


def known_application(portal: Portal, client_id: str) -> Known | None:
    """Several times a page: its row alone is read, and the others' definitions are left as they are."""
    filed = next((one for one in portal.applications if one.client_id == client_id), None)
    row = records.application_row(portal.slug, client_id)
    return of_file(filed, row) if filed else of_command(portal, row)


def known_applications(portal: Portal) -> list[Known]:
    """Those of the file first; one registered under the same name does not replace it."""
    rows = {row.client_id: row for row in records.application_rows(portal.slug)}
    filed = [of_file(one, rows.pop(one.client_id, None)) for one in portal.applications]
    registered = [of_command(portal, row) for row in rows.values()]
    return filed + [one for one in registered if one]


def of_file(application: Application, row: ApplicationRow | None) -> Known:
    return Known(application, in_file=True, disabled_at=row.disabled_at if row else None)


def of_command(portal: Portal, row: ApplicationRow | None) -> Known | None:
    """A row without a definition is that of an application which the portal's file no longer has."""
    if row is None or not row.definition:
        return None
    return Known(application_from(row.definition, portal.languages), in_file=False, disabled_at=row.disabled_at)


def open_applications(portal: Portal) -> list[Application]:
    return [one.application for one in known_applications(portal) if one.disabled_at is None]


def has_secret(application: Application, given: Secret) -> bool:
    return bool(application.secret_digest) and same(application.secret_digest, token_digest(given))


def register_application(portal: Portal, definition: Mapping[str, Any], now: datetime) -> Application:
    application = application_from(definition, portal.languages)
    with transaction.atomic():
        records.register_application(portal.slug, application.client_id, dict(definition), now)
        note(AuditEvent.APPLICATION_REGISTERED, portal=portal.slug, outcome=application.client_id, now=now)
    return application


def disable_application(portal: Portal, client_id: str, now: datetime) -> bool:
    """At once: nobody goes there any more, and what it holds is worth nothing. False when there is none."""
    if known_application(portal, client_id) is None:
        return False
    with transaction.atomic():
        records.disable_application(portal.slug, client_id, now, now)
        end_grants_of_application(portal.slug, client_id, now)
        note(AuditEvent.APPLICATION_DISABLED, portal=portal.slug, outcome=client_id, now=now)
    return True


def enable_application(portal: Portal, client_id: str, now: datetime) -> bool:
    if known_application(portal, client_id) is None:
        return False
    with transaction.atomic():
        records.disable_application(portal.slug, client_id, None, now)
        note(AuditEvent.APPLICATION_ENABLED, portal=portal.slug, outcome=client_id, now=now)
    return True


def forget_application(portal: Portal, client_id: str, now: datetime) -> bool:
    """One that was registered by command; False when there is none."""
    with transaction.atomic():
        forgotten = records.forget_application(portal.slug, client_id)
        if forgotten:
            end_grants_of_application(portal.slug, client_id, now)
            note(AuditEvent.APPLICATION_FORGOTTEN, portal=portal.slug, outcome=client_id, now=now)
    return forgotten
