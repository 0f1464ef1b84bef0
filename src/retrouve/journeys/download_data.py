"""A person downloads what is kept about them (GDPR, articles 15 and 20)."""

from __future__ import annotations

from datetime import datetime

from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.journeys.my_account import Person, address_that_waits, all_events, open_sessions
from retrouve.journeys.second_means import second_means_of
from retrouve.records.accounts import account_row
from retrouve.records.audit import note
from retrouve.records.kept import kept_about, own_columns


def data_of(portal: Portal, person: Person, *, origin: str, now: datetime) -> dict[str, object]:
    """Everything but secrets and their digests, in a form that programs read; moments are `datetime`s."""
    account, means = person.account, second_means_of(portal, person.account.reference)
    note(AuditEvent.DATA_DOWNLOADED, portal=portal.slug, account=account.reference, origin=origin, now=now)
    return {
        "portal": portal.slug,
        "downloaded_at": now,
        "account": facts_of(account),
        "address_to_confirm": address_that_waits(portal, person, now),
        "sessions": [
            {"opened_at": one.opened_at, "seen_at": one.seen_at, "device": one.device}
            for one in open_sessions(portal, person, now)
        ],
        "second_means": {
            "codes_since": means.codes_since,
            "passkeys": [
                {"name": one.name, "added_at": one.added_at, "used_at": one.used_at} for one in means.passkeys
            ],
            "recovery_codes_left": means.recovery_codes,
        },
        "events": [
            {"at": one.at, "event": one.event, "outcome": one.outcome, "from": one.origin, "by": one.by}
            for one in all_events(portal, person)
        ],
        **kept_about(portal.slug, account.reference),
    }


def facts_of(account: Account) -> dict[str, object]:
    """As its directory knows it; ours keeps more than the others tell."""
    is_ours = account_row(account.reference) is not None
    return {
        "reference": account.reference,
        "audience": account.audience,
        "identifier": account.identifier,
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "country": account.country,
        "kind": account.kind,
        "language": account.language,
        "institution": account.institution,
        "classes": account.classes,
        "groups": account.groups,
        "guardians": account.guardians,
        "state": account.state.value,
        **(own_columns(account.reference) if is_ours else {}),
    }
