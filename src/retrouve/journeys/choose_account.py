"""Several accounts share one address: whoever has proved that it is theirs says which one they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.choose_password import ChoiceOpen, ProofGone, ProvenAccount, is_good_for, proven_account
from retrouve.records.audit import note
from retrouve.records.institutions import name_of_institution
from retrouve.records.objections import is_frozen
from retrouve.records.requests import choose_account as record_choice


@dataclass(frozen=True)
class Choosable:
    account: Account
    institution: str


@dataclass(frozen=True)
class Choices:
    among: tuple[Choosable, ...]


@dataclass(frozen=True)
class Chosen:
    """Nothing is left to choose."""


def accounts_to_choose(
    portal: Portal, directory: Directory, keys: Keyring, *, proof: Secret, now: datetime
) -> Choices | Chosen | ProofGone:
    """Shown to holders of the proof only (ATT-08)."""
    proven = proven_account(portal, directory, keys, proof=proof, now=now)
    match proven:
        case ProofGone():
            return proven
        case ProvenAccount():
            return Chosen()
        case ChoiceOpen(request):
            found = [directory.get(reference) for reference in request.candidates]
            good = [one for one in found if one is not None and is_good_for(request, one, keys)]
            return Choices(
                tuple(
                    Choosable(one, name_of_institution(portal.slug, one.institution))
                    for one in good
                    if not is_frozen(one.reference)
                )
            )


def choose_account(
    portal: Portal, directory: Directory, keys: Keyring, *, proof: Secret, identifier: str, origin: str, now: datetime
) -> Chosen | Choices | ProofGone:
    """`Choices` again where `identifier` is none of them."""
    open_choices = accounts_to_choose(portal, directory, keys, proof=proof, now=now)
    proven = proven_account(portal, directory, keys, proof=proof, now=now)
    if not (isinstance(open_choices, Choices) and isinstance(proven, ChoiceOpen)):
        return open_choices
    chosen = next((one.account for one in open_choices.among if one.account.identifier == identifier), None)
    if chosen is None:
        return open_choices
    with transaction.atomic():
        if record_choice(proven.request, chosen.reference):
            note(AuditEvent.ACCOUNT_CHOSEN, portal=portal.slug, audience=portal.audience, account=chosen.reference,
                 request=proven.request, origin=origin, now=now)  # fmt: skip
    return Chosen()
