"""Applications registered by command, who is visiting which, by what names they know people, what people agreed to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from retrouve.records.models import AgreementRow, ApplicationRow, SubjectRow, VisitRow


def application_row(portal: str, client_id: str) -> ApplicationRow | None:
    return ApplicationRow.objects.filter(portal=portal, client_id=client_id).first()


def application_rows(portal: str) -> list[ApplicationRow]:
    return list(ApplicationRow.objects.filter(portal=portal).order_by("client_id"))


def register_application(portal: str, client_id: str, definition: dict[str, Any], now: datetime) -> None:
    """Takes the place of what was registered under that name."""
    ApplicationRow.objects.update_or_create(
        portal=portal, client_id=client_id, defaults={"definition": definition, "registered_at": now}
    )


def disable_application(portal: str, client_id: str, disabled_at: datetime | None, now: datetime) -> None:
    """None lets it in again. One of the portal's file gets a row for it."""
    ApplicationRow.objects.update_or_create(
        portal=portal,
        client_id=client_id,
        defaults={"disabled_at": disabled_at},
        create_defaults={"definition": {}, "registered_at": now, "disabled_at": disabled_at},
    )


def forget_application(portal: str, client_id: str) -> bool:
    return bool(ApplicationRow.objects.filter(portal=portal, client_id=client_id).delete()[0])


def open_visit(
    digest: str, *, portal: str, application: str, door: str, asked: dict[str, str], lasts: timedelta, now: datetime
) -> VisitRow:
    return VisitRow.objects.create(
        digest=digest,
        portal=portal,
        application=application,
        door=door,
        asked=asked,
        opened_at=now,
        expires_at=now + lasts,
    )


def visit_with(portal: str, digest: str, now: datetime) -> VisitRow | None:
    return VisitRow.objects.filter(portal=portal, digest=digest, expires_at__gt=now).first()


def sign_in_on_the_way(row: VisitRow, session_digest: str) -> None:
    VisitRow.objects.filter(pk=row.pk).update(signed_in=session_digest)


def end_visit(row: VisitRow) -> None:
    VisitRow.objects.filter(pk=row.pk).delete()


def subject_name(portal: str, account: str, sector: str) -> str:
    """The same for ever, whatever becomes of keys and identifiers; drawn at random when first asked for."""
    named = SubjectRow.objects.filter(portal=portal, account=account, sector=sector)
    if not named.exists():  # several may be asking at once
        SubjectRow.objects.bulk_create(
            [SubjectRow(portal=portal, account=account, sector=sector)], ignore_conflicts=True
        )
    return str(named.get().name)


def agreement(portal: str, account: str, application: str) -> AgreementRow | None:
    return AgreementRow.objects.filter(portal=portal, account=account, application=application).first()


def keep_agreement(portal: str, account: str, application: str, scopes: str, now: datetime) -> None:
    AgreementRow.objects.update_or_create(
        portal=portal, account=account, application=application, defaults={"scopes": scopes, "agreed_at": now}
    )
