"""An operator says which institutions there are, which authority each is under, and whom to ask there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.portal import Portal
from retrouve.records.audit import note
from retrouve.records.institutions import institutions_of, keep_institutions, lies_under
from retrouve.records.models import ADDRESS_LENGTH, CONTACT_LENGTH, INSTITUTION_CODE_LENGTH, InstitutionRow


@dataclass(frozen=True)
class Institution:
    """As it is told: what is None changes nothing, what is empty is taken away."""

    code: str
    name: str | None = None
    parent: str | None = None
    contact: str | None = None


class Wrong(StrEnum):
    NO_CODE = "no_code"
    CODE_TOO_LONG = "code_too_long"
    NAME_TOO_LONG = "name_too_long"
    CONTACT_TOO_LONG = "contact_too_long"
    TWICE = "twice"
    NO_NAME = "no_name"
    UNKNOWN = "unknown"  # and without a name to be known by
    UNKNOWN_PARENT = "unknown_parent"
    LOOP = "loop"


@dataclass(frozen=True)
class Refused:
    """`place` is that of the institution among those that were told."""

    place: int
    institution: Institution
    why: Wrong


def known_institutions(portal: Portal) -> list[Institution]:
    return [Institution(row.code, row.name, row.parent, row.contact) for row in institutions_of(portal.slug)]


def tell_institutions(portal: Portal, told: Sequence[Institution], now: datetime) -> Sequence[Refused]:
    """All of them, or none where one is refused: in any order, since they are judged together."""
    with transaction.atomic():
        known = {row.code: row for row in institutions_of(portal.slug)}
        refused = refusals(told, known)
        if refused:
            return refused
        changed = [row for row in (as_told(portal, one, known.get(one.code)) for one in told) if row]
        keep_institutions(changed)
        for row in changed:
            outcome = f"{row.code} under {row.parent}" if row.parent else row.code
            note(AuditEvent.INSTITUTION_KEPT, portal=portal.slug, outcome=outcome, now=now)
    return []


def refusals(told: Sequence[Institution], known: Mapping[str, InstitutionRow]) -> list[Refused]:
    times = Counter(one.code for one in told)
    parents = {code: row.parent for code, row in known.items()}
    parents |= {one.code: parents.get(one.code, "") if one.parent is None else one.parent for one in told}
    judged = (what_is_wrong(one, known, parents, times[one.code]) for one in told)
    return [Refused(place, told[place], why) for place, why in enumerate(judged) if why]


def what_is_wrong(
    one: Institution, known: Mapping[str, InstitutionRow], parents: Mapping[str, str], times: int
) -> Wrong | None:
    """`parents` are everybody's, once all is as told."""
    if badly_written := written_wrong(one):
        return badly_written
    if times > 1:
        return Wrong.TWICE
    if one.name is None and one.code not in known:
        return Wrong.UNKNOWN
    if one.parent and one.parent not in parents:
        return Wrong.UNKNOWN_PARENT
    if one.parent and lies_under(one.parent, frozenset({one.code}), parents):
        return Wrong.LOOP
    return None


def written_wrong(one: Institution) -> Wrong | None:
    if not one.code:
        return Wrong.NO_CODE
    if one.name == "":
        return Wrong.NO_NAME
    if len(one.code) > INSTITUTION_CODE_LENGTH:
        return Wrong.CODE_TOO_LONG
    if len(one.name or "") > ADDRESS_LENGTH:
        return Wrong.NAME_TOO_LONG
    if len(one.contact or "") > CONTACT_LENGTH:
        return Wrong.CONTACT_TOO_LONG
    return None


def as_told(portal: Portal, one: Institution, known: InstitutionRow | None) -> InstitutionRow | None:
    """None where it is so already."""
    row = InstitutionRow(
        portal=portal.slug,
        code=one.code,
        name=one.name or (known.name if known else ""),
        parent=told_or_kept(one.parent, known.parent if known else ""),
        contact=told_or_kept(one.contact, known.contact if known else ""),
    )
    same = known and (known.name, known.parent, known.contact) == (row.name, row.parent, row.contact)
    return None if same else row


def told_or_kept(told: str | None, kept: str) -> str:
    return kept if told is None else told
