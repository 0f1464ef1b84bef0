"""Passkeys (WebAuthn): a key that a telephone, a computer or a small object holds, and opens to its owner alone.

A challenge is signed once, by the browser it was given to, at the machine name it was made for. Options to sign in are
the same for everybody (ATT-05); they name no key.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from retrouve.domain.assurance import BY_PASSKEY, strengthened
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.limits import CHALLENGE_LASTS
from retrouve.domain.portal import Portal
from retrouve.domain.second_factor import FactorNews
from retrouve.journeys.lose_second_factor import stop_loss_by_proof
from retrouve.journeys.my_account import Person
from retrouve.journeys.second_means import end_other_sessions_at_the_first, tell_of_means
from retrouve.records.audit import note
from retrouve.records.models import ChallengeRow, PasskeyRow
from retrouve.records.passkeys import (
    count_use,
    keep_challenge,
    keep_passkey,
    passkey_of_credential,
    passkeys_of,
    take_challenge,
)
from retrouve.records.sessions import strengthen_session

CHALLENGE_BYTES = 32
HANDLE_BYTES = 32
MILLISECONDS = 1000
LONGEST_CREDENTIAL = 1023  # bytes (WebAuthn L3, §7.1)
LONGEST_NAME = 60
LONGEST_TRANSPORTS = 100
MOST_PASSKEYS = 20


class Purpose(StrEnum):
    """What a challenge is for: an answer to one is worth nothing for another."""

    CREATE = "create"
    SIGN_IN = "sign_in"
    SECOND_PROOF = "second_proof"
    AGAIN = "again"  # whoever is signed in shows once more who they are


@dataclass(frozen=True)
class Site:
    """Where the browser is: the name that keys are made for, and the origins that it may say."""

    rp_id: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """To whom a challenge is given: `owner` is the digest of what the browser holds."""

    purpose: Purpose
    owner: str


@dataclass(frozen=True)
class Taken:
    """A challenge of ours, which nobody else may answer any more."""

    row: ChallengeRow
    challenge: bytes


@dataclass(frozen=True)
class Added:
    name: str


@dataclass(frozen=True)
class NotAdded:
    """Too late, made elsewhere, without its owner's finger or code, or known already."""


def options_to_create(portal: Portal, site: Site, person: Person, now: datetime) -> str:
    """JSON for `navigator.credentials.create`."""
    own = passkeys_of(portal.slug, person.account.reference)
    handle = own[0].user_handle if own else bytes_to_base64url(secrets.token_bytes(HANDLE_BYTES))
    names = f"{person.account.first_name} {person.account.last_name}".strip()
    return options_to_json(
        generate_registration_options(
            rp_id=site.rp_id,
            rp_name=portal.name,
            user_id=base64url_to_bytes(handle),
            user_name=person.account.identifier,
            user_display_name=names or person.account.identifier,
            challenge=new_challenge(portal, Asked(Purpose.CREATE, person.session.digest), now, handle=handle),
            timeout=milliseconds(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=descriptors(own),
        )
    )


def options_to_prove(portal: Portal, site: Site, asked: Asked, now: datetime, *, account: str = "") -> str:
    """JSON for `navigator.credentials.get`. `account`: whose password was right; nobody's keys are named before."""
    own = [row for row in passkeys_of(portal.slug, account) if row.rp_id == site.rp_id] if account else []
    return options_to_json(
        generate_authentication_options(
            rp_id=site.rp_id,
            challenge=new_challenge(portal, asked, now),
            timeout=milliseconds(),
            allow_credentials=descriptors(own),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def new_challenge(portal: Portal, asked: Asked, now: datetime, *, handle: str = "") -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    keep_challenge(
        challenge_digest(challenge),
        portal=portal.slug,
        purpose=asked.purpose,
        owner=asked.owner,
        user_handle=handle,
        expires_at=now + CHALLENGE_LASTS,
    )
    return challenge


def challenge_digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def milliseconds() -> int:
    return int(CHALLENGE_LASTS.total_seconds()) * MILLISECONDS


def descriptors(rows: list[PasskeyRow]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(row.credential)) for row in rows]


def add_passkey(
    portal: Portal, site: Site, person: Person, *, answer: str, name: str, origin: str, now: datetime
) -> Added | NotAdded:
    """`answer` is what the browser made of `options_to_create`, in JSON."""
    credential = read_created(answer)
    if credential is None or len(passkeys_of(portal.slug, person.account.reference)) >= MOST_PASSKEYS:
        return NotAdded()
    asked = Asked(Purpose.CREATE, person.session.digest)
    taken = take(portal, asked, credential.response.client_data_json, now)
    made = verified_creation(site, credential, taken.challenge) if taken else None
    if taken is None or made is None or len(made.credential_id) > LONGEST_CREDENTIAL:
        return NotAdded()
    row = passkey_row(portal, site, person, made, credential, taken.row.user_handle, name, now)
    with transaction.atomic():
        if not keep_passkey(row):
            return NotAdded()
        stop_loss_by_proof(portal, person.account, origin=origin, now=now)
        means = strengthened(person.session.means, *BY_PASSKEY)  # it has just been shown
        if not strengthen_session(person.session, person.session.digest, means=means, now=now):
            transaction.set_rollback(True)  # the session was ended in between: it may be somebody else's key
            return NotAdded()
        end_other_sessions_at_the_first(portal, person.account.reference, but=person.session.digest, now=now)
        note(AuditEvent.PASSKEY_ADDED, portal=portal.slug, account=person.account.reference, origin=origin, now=now)
        tell_of_means(portal, person.account, FactorNews.PASSKEY_ADDED, now)
    return Added(row.name)


def passkey_row(
    portal: Portal,
    site: Site,
    person: Person,
    made: VerifiedRegistration,
    credential: RegistrationCredential,
    user_handle: str,
    name: str,
    now: datetime,
) -> PasskeyRow:
    transports = " ".join(one.value for one in credential.response.transports or [])
    return PasskeyRow(
        portal=portal.slug,
        account=person.account.reference,
        credential=bytes_to_base64url(made.credential_id),
        rp_id=site.rp_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        user_handle=user_handle,
        transports=transports[:LONGEST_TRANSPORTS],
        name=name.strip()[:LONGEST_NAME],
        backed_up=made.credential_backed_up,
        added_at=now,
    )


def key_that_answers(portal: Portal, site: Site, asked: Asked, answer: str, *, origin: str, now: datetime) -> (
    PasskeyRow | None
):  # fmt: skip
    """The passkey that signed the challenge, here, by its owner's finger or code; None for anything else."""
    credential = read_proof(answer)
    if credential is None:
        return None
    taken = take(portal, asked, credential.response.client_data_json, now)
    row = passkey_of_credential(portal.slug, bytes_to_base64url(credential.raw_id))
    if taken is None or row is None or not is_its_owner(row, credential, asked):
        return None
    shown = verified_proof(site, credential, taken.challenge, row)
    if shown is None:
        return None
    if not count_use(row, shown.new_sign_count, backed_up=shown.credential_backed_up, now=now):
        note(AuditEvent.PASSKEY_COUNT_WENT_BACK, portal=portal.slug, account=row.account, outcome=str(row.pk),
             origin=origin, now=now)  # fmt: skip
        return None
    return row


def is_its_owner(row: PasskeyRow, credential: AuthenticationCredential, asked: Asked) -> bool:
    """A key that was found without being named says whose it is; one that was named may leave it out."""
    handle = credential.response.user_handle
    if handle is None:
        return asked.purpose is not Purpose.SIGN_IN
    return secrets.compare_digest(bytes_to_base64url(handle), row.user_handle)


def take(portal: Portal, asked: Asked, client_data: bytes, now: datetime) -> Taken | None:
    """The challenge that was signed, if it is one of ours, given to this browser for this, and not used before."""
    try:
        challenge = parse_client_data_json(client_data).challenge
    except Exception:  # noqa: BLE001  the library's readers raise whatever hostile bytes make them meet
        return None
    digest = challenge_digest(challenge)
    row = take_challenge(digest, portal=portal.slug, purpose=asked.purpose, owner=asked.owner, now=now)
    return Taken(row, challenge) if row else None


def read_created(answer: str) -> RegistrationCredential | None:
    try:
        return parse_registration_credential_json(json.loads(answer))
    except Exception:  # noqa: BLE001  as above
        return None


def read_proof(answer: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(json.loads(answer))
    except Exception:  # noqa: BLE001  as above
        return None


def verified_creation(site: Site, credential: RegistrationCredential, challenge: bytes) -> VerifiedRegistration | None:
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  as above
        return None


def verified_proof(
    site: Site, credential: AuthenticationCredential, challenge: bytes, row: PasskeyRow
) -> VerifiedAuthentication | None:
    """Without the count, which `count_use` judges and keeps in one statement."""
    if row.rp_id != site.rp_id:
        return None
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  as above
        return None
