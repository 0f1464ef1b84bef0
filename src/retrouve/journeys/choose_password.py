"""The person, having proved who they are, chooses a new password. The proof is spent by one of them only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, mismatches
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring, same
from retrouve.domain.passwords.context import PasswordContext
from retrouve.domain.passwords.normalise import normalise
from retrouve.domain.passwords.policy import CommonPasswords, Complaint, complaints
from retrouve.domain.portal import FactName, Portal
from retrouve.domain.proofs import token_digest
from retrouve.domain.recovery import CAN_RECOVER, RequestState, Standing, Way, proof_standing
from retrouve.domain.secret import Secret
from retrouve.journeys.change_address import wish_for_address
from retrouve.records.address_changes import drop_wishes
from retrouve.records.audit import note
from retrouve.records.epochs import hold_account
from retrouve.records.handed_codes import forget_code
from retrouve.records.models import RequestRow
from retrouve.records.objections import is_frozen
from retrouve.records.propagations import open_propagations
from retrouve.records.requests import end_other_requests, hold_open_requests, request_of_proof, reserve_try, use_request
from retrouve.records.sealing import seal

# Where the portal shows the wait page, the work begins once that page can be seen, so that it tells the truth.
HEAD_START = timedelta(seconds=1)


@dataclass(frozen=True)
class Accepted:
    """The password is on its way to the directory, in this propagation."""

    propagation: int
    at_once: bool


@dataclass(frozen=True)
class Refused:
    """What is wrong, all at once: the password, its confirmation, the facts asked again."""

    complaints: tuple[Complaint, ...] = ()
    confirmation_differs: bool = False
    wrong_facts: tuple[FactName, ...] = ()


@dataclass(frozen=True)
class ProofGone:
    standing: Standing


@dataclass(frozen=True)
class ProvenAccount:
    """Who holds a proof that is still good: for the page where the password is chosen."""

    account: Account
    request: RequestRow


@dataclass(frozen=True)
class ChoiceOpen:
    """The proof is good for several accounts: the person says which one first (`choose_account`)."""

    request: RequestRow


def proven_account(
    portal: Portal, directory: Directory, keys: Keyring, *, proof: Secret, now: datetime
) -> ProvenAccount | ChoiceOpen | ProofGone:
    """Reads, and consumes nothing: mail scanners open links too (ATT-10)."""
    digest = token_digest(proof)
    request = request_of_proof(portal.slug, digest)
    if request is None or not (request.account or request.candidates):
        return ProofGone(Standing.UNKNOWN)
    standing = standing_of(request, digest, now)
    if standing is not Standing.HOLDS:
        return ProofGone(standing)
    if request.account is None:
        return ChoiceOpen(request)
    account = directory.get(request.account)
    if account is None or not is_good_for(request, account, keys):
        return ProofGone(Standing.UNKNOWN)  # closed or moved since: the generic answer (ATT-73)
    return ProvenAccount(account, request)


def is_good_for(request: RequestRow, account: Account, keys: Keyring) -> bool:
    """Not for an account that was closed or frozen meanwhile, nor for one whose address is no longer the one that was
    written to (ATT-74).
    """
    if account.state not in CAN_RECOVER or is_frozen(account.reference):
        return False
    return request.way != Way.MAILED or same(request.sent_to, keys.address_digest(account.email))


def choose_password(
    portal: Portal,
    directory: Directory,
    keys: Keyring,
    common: CommonPasswords,
    *,
    proof: Secret,
    facts: Mapping[FactName, str],
    new_password: Secret,
    confirmation: Secret | None,
    origin: str,
    now: datetime,
) -> Accepted | Refused | ChoiceOpen | ProofGone:
    """`facts` are those that the portal asks again; `confirmation` is None where it asks for none."""
    proven = proven_account(portal, directory, keys, proof=proof, now=now)
    if isinstance(proven, ProofGone):
        note(AuditEvent.PROOF_REFUSED, portal=portal.slug, audience=portal.audience, outcome=proven.standing,
             origin=origin, now=now)  # fmt: skip
        return proven
    if isinstance(proven, ChoiceOpen):
        return proven
    refused = judge(portal, common, proven.account, facts, new_password, confirmation)
    if refused != Refused():
        return refuse(portal, proven.request, refused, origin, now)
    return accept(portal, keys, proven.request, proof, new_password, origin, now)


def refuse(portal: Portal, request: RequestRow, refused: Refused, origin: str, now: datetime) -> Refused | ProofGone:
    """Wrong facts count as tries. The trail says which rules were broken, never by what."""
    event = AuditEvent.FACTS_WRONG if refused.wrong_facts else AuditEvent.PASSWORD_REFUSED
    broken = [*refused.wrong_facts, *(complaint.code for complaint in refused.complaints)]
    note(event, portal=portal.slug, audience=portal.audience, account=request.account, request=request,
         outcome=" ".join(broken), origin=origin, now=now)  # fmt: skip
    if refused.wrong_facts and not reserve_try(request):
        return ProofGone(Standing.TOO_MANY_TRIES)
    return refused


def judge(
    portal: Portal,
    common: CommonPasswords,
    account: Account,
    facts: Mapping[FactName, str],
    new_password: Secret,
    confirmation: Secret | None,
) -> Refused:
    return Refused(
        complaints=complaints(new_password, portal.password, context_of(portal, account), common),
        confirmation_differs=confirmation is not None and not same_password(new_password, confirmation),
        wrong_facts=mismatches(account, {name: facts.get(name, "") for name in portal.recovery.ask_again}),
    )


def same_password(new_password: Secret, confirmation: Secret) -> bool:
    return normalise(new_password.reveal()) == normalise(confirmation.reveal())


def context_of(portal: Portal, account: Account) -> PasswordContext:
    return PasswordContext(
        portal_name=portal.name,
        portal_slug=portal.slug,
        identifier=account.identifier,
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
    )


def accept(
    portal: Portal,
    keys: Keyring,
    request: RequestRow,
    proof: Secret,
    new_password: Secret,
    origin: str,
    now: datetime,
) -> Accepted | ProofGone:
    digest = token_digest(proof)
    with transaction.atomic():
        hold_account(request.account or "")
        hold_open_requests(request)
        if not use_request(request, digest, now):
            return ProofGone(Standing.USED)
        end_other_requests(request)
        forget_code(request.account or "")
        drop_wishes(request.account or "")
        if request.wished_email:
            wish_for_address(portal, request.account or "", request.wished_email, language=request.language,
                             origin=origin, now=now)  # fmt: skip
        propagation = open_propagations(
            request,
            directories=(portal.directory, *portal.also_write_to),
            account=request.account or "",
            sealed=seal(keys, new_password, str(request.pk)),
            now=now,
            due_at=now + HEAD_START,
        )
        note(AuditEvent.PASSWORD_CHOSEN, portal=portal.slug, audience=portal.audience, account=request.account,
             request=request, origin=origin, now=now)  # fmt: skip
    return Accepted(propagation.pk, at_once=not portal.completion.wait_page)


def standing_of(request: RequestRow, digest: str, now: datetime) -> Standing:
    by_ticket = digest == request.ticket_digest
    return proof_standing(
        RequestState(request.state),
        expires_at=request.ticket_expires_at if by_ticket else request.link_expires_at,
        failures=request.failures,
        now=now,
    )
