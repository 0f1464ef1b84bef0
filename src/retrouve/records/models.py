"""The rows. Each has fields and constraints, and no behaviour: the functions beside it read and write them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

DIGEST_LENGTH = 64  # a SHA-256 in hexadecimal
ADDRESS_LENGTH = 254
INSTITUTION_CODE_LENGTH = 64
CONTACT_LENGTH = 500


class AccountRow(models.Model):
    """An account of the embedded directory."""

    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    identifier = models.CharField(max_length=ADDRESS_LENGTH)
    identifier_key = models.CharField(max_length=ADDRESS_LENGTH)
    email = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    email_key = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    first_name = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    last_name = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    kind = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=16, default="active")
    password = models.CharField(max_length=512, blank=True, default="")
    password_changed_at = models.DateTimeField(null=True)
    old_work = models.CharField(max_length=40, blank=True, default="")  # what verifying an imported hash costs
    must_change = models.BooleanField(default=False)
    external_id = models.CharField(max_length=100, blank=True, default="")  # what the file that it came from calls it
    institution = models.CharField(max_length=64, blank=True, default="")
    classes = models.CharField(max_length=500, blank=True, default="")  # `|3A|LATIN|`
    profile = models.CharField(max_length=16, blank=True, default="")
    guardians = models.CharField(max_length=500, blank=True, default="")  # `|P1|P2|`, external ids
    birth_date = models.DateField(null=True)
    departed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "identifier_key"], name="one_identifier_per_portal"),
            # Importing the same file twice changes nothing.
            models.UniqueConstraint(
                fields=["portal", "external_id"], condition=~models.Q(external_id=""), name="one_external_id_per_portal"
            ),
        ]
        indexes: ClassVar = [
            # Recovery by address looks accounts up by it.
            models.Index(fields=["portal", "email_key"], name="account_by_address"),
            # Those who help look among their own institution's.
            models.Index(fields=["portal", "institution", "last_name"], name="account_by_institution"),
            # Which imported hashes are still about, so that sign-in costs the same for everybody.
            models.Index(fields=["portal", "old_work"], condition=~models.Q(old_work=""), name="account_by_old_work"),
        ]


class RequestRow(models.Model):
    """A recovery request, opened for unknown identifiers as well (it can then never succeed)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH, null=True)  # the directory's reference
    candidates = models.JSONField(default=list)  # references among which the person chooses, once proven
    way = models.CharField(max_length=16, default="mailed")  # how its proof reaches the person
    asked_for = models.CharField(max_length=DIGEST_LENGTH)  # keyed digest of what was typed
    known_browser = models.BooleanField(default=False)  # its owner has signed in there before
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="opened")
    opened_at = models.DateTimeField()
    flow_digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    sent_to = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # keyed digest of the address
    link_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    link_expires_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=DIGEST_LENGTH, null=True)
    code_expires_at = models.DateTimeField(null=True)
    ticket_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    ticket_expires_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    kept_session = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # outlives this change
    wished_email = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")  # typed with a code in hand
    application = models.CharField(max_length=100, blank=True, default="")  # where the person was going

    class Meta:
        indexes: ClassVar = [
            # A password change, a newer mail: both end the account's other requests.
            models.Index(fields=["account", "portal"], name="request_by_account"),
            # Requests for one of several accounts are known by the address that they were mailed to.
            models.Index(fields=["portal", "sent_to"], condition=~models.Q(sent_to=""), name="request_by_address"),
        ]


class LeasedRow(models.Model):
    """Work that one process at a time does (`leases`): when, how often it was tried, and how it ended."""

    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=16, default="queued")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class OutboxRow(LeasedRow):
    """A mail to be sent. It names what to say, never a secret: that is minted when the mail leaves."""

    kind = models.CharField(max_length=32)
    language = models.CharField(max_length=16)
    request = models.ForeignKey(RequestRow, null=True, on_delete=models.SET_NULL)
    account = models.CharField(max_length=ADDRESS_LENGTH, null=True)
    content = models.JSONField(default=dict)
    queued_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # The worker asks several times a second for what is due.
            models.Index(fields=["due_at"], name="mail_due", condition=models.Q(state="queued")),
            # Those who help look why somebody's mail did not arrive.
            models.Index(fields=["portal", "account"], name="mail_by_account"),
        ]


class PropagationRow(LeasedRow):
    """The writing of one new password to one directory. `sealed` is emptied as soon as it is over."""

    request = models.ForeignKey(RequestRow, on_delete=models.CASCADE)
    directory = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    purpose = models.CharField(max_length=16, default="chosen")
    sealed = models.BinaryField(null=True)
    place = models.PositiveSmallIntegerField(default=0)  # 0 is where the account lives; the others follow it
    stage = models.CharField(max_length=16, blank=True, default="")  # how far one writing has come, over its tries
    state = models.CharField(max_length=16, default="pending")
    opened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="propagation_due", condition=models.Q(state="pending")),
        ]


class SessionRow(models.Model):
    """Somebody signed in, in one browser."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # what its owner ends it by
    sid = models.UUIDField(default=uuid.uuid4)  # what applications know it by: the same while the same person goes on
    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    opened_at = models.DateTimeField()
    signed_in_at = models.DateTimeField()  # when its owner last showed who they are
    means = models.CharField(max_length=40, default="pwd")  # `domain/assurance.py`
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    series = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # the remembered browser it is in
    device = models.CharField(max_length=80, blank=True, default="")  # "Firefox, Windows": never the whole header
    proven_twice_at = models.DateTimeField(null=True)  # a second factor was shown in it

    class Meta:
        indexes: ClassVar = [
            # A reset ends all the sessions of an account.
            models.Index(fields=["account", "portal"], name="session_by_account"),
        ]


class RememberedRow(models.Model):
    """A browser that stays signed in. Its series lasts; its token is another after each use, so that a copy shows."""

    series = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # what its owner ends it by
    sid = models.UUIDField(default=uuid.uuid4)  # what applications know its sessions by
    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    token = models.CharField(max_length=DIGEST_LENGTH)
    previous = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")
    rotated_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    opened_at = models.DateTimeField()  # when its owner signed in
    expires_at = models.DateTimeField()
    means = models.CharField(max_length=40)  # `domain/assurance.py`
    device = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            # A reset ends all the remembered browsers of an account.
            models.Index(fields=["account", "portal"], name="remembered_by_account"),
        ]


class EpochRow(models.Model):
    """When everything open of an account last ended (`epochs`). Outlives the account: numbers only grow."""

    account = models.CharField(max_length=ADDRESS_LENGTH, unique=True)
    ended = models.BigIntegerField(default=0)
    browsers = models.PositiveIntegerField(default=0)  # another number: its owner's browsers are met anew

    class Meta:
        indexes: ClassVar = [
            # Every sign-in asks for the latest.
            models.Index(fields=["ended"], name="epoch_by_end"),
        ]


class CounterRow(models.Model):
    """What has been spent of one limit under one key."""

    limit = models.CharField(max_length=40)
    key = models.CharField(max_length=DIGEST_LENGTH)
    spent = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["limit", "key"], name="one_counter_per_key"),
        ]


class SignInTroubleRow(models.Model):
    """Failed sign-ins under one identifier, existing or not."""

    key = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    day_started_at = models.DateTimeField()
    day_failures = models.PositiveIntegerField(default=0)


class AuditRow(models.Model):
    """What happened, for those who answer for security. Holds no secret, and no address in clear.

    Triggers (`append_only`) refuse every change of it, but two: `origin` and its salt may be emptied, and a row may go
    once `RetentionRow` says that its time is over.
    """

    at = models.DateTimeField()
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    event = models.CharField(max_length=40)
    outcome = models.CharField(max_length=200, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH, null=True)
    request = models.CharField(max_length=36, blank=True, default="")
    origin = models.CharField(max_length=64, blank=True, default="")
    origin_salt = models.CharField(max_length=32, blank=True, default="")
    origin_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            # Retention takes a portal's oldest first.
            models.Index(fields=["portal", "at"], name="audit_by_age"),
            # People see what happened to their account.
            models.Index(fields=["portal", "account", "at"], name="audit_by_account"),
        ]


class AuditSealRow(models.Model):
    """One link of the chain over the audit trail (`audit_chain`). Outlives the event it seals."""

    position = models.BigIntegerField(primary_key=True)
    event = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    portal = models.CharField(max_length=64)
    event_digest = models.CharField(max_length=DIGEST_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)


class RetentionRow(models.Model):
    """Up to when a portal's events may be forgotten; the trigger that guards them reads it."""

    portal = models.CharField(max_length=64, primary_key=True)
    before = models.DateTimeField()


class VerifiedAddressRow(models.Model):
    """An address whose owner answered a mail of ours: its keyed digest, for the directory holds the address itself."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    address_digest = models.CharField(max_length=DIGEST_LENGTH)
    verified_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account", "address_digest"], name="one_mark_per_address"),
        ]


class ObjectionRow(models.Model):
    """The right, mailed with the news of a change, to say "ce n’est pas moi"."""

    mail = models.BigIntegerField(null=True)  # the one that holds it: to another address another goes
    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH)
    language = models.CharField(max_length=16)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=16, blank=True, default="")


class FrozenRow(models.Model):
    """An account that nobody signs in to or recovers until somebody who helps has unfrozen it."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    frozen_at = models.DateTimeField()
    reference = models.CharField(max_length=16)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "portal"], name="frozen_once"),
        ]


class RegistrationRow(models.Model):
    """An account that somebody asks to create: it exists once the owner of the address has confirmed it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    facts = models.JSONField(default=dict)
    password = models.CharField(max_length=512)  # its hash
    language = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    flow_digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)  # the browser where the password was typed
    link_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    link_expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    application = models.CharField(max_length=100, blank=True, default="")  # where the person was going


class HandedCodeRow(models.Model):
    """A code handed over on paper or read aloud, which opens one account once. A new one replaces it."""

    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH)
    code_digest = models.CharField(max_length=DIGEST_LENGTH)
    issued_by = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")  # empty: an import
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "portal"], name="one_code_in_hand"),
        ]


class AddressChangeRow(models.Model):
    """A new address that waits for its owner's answer; then the right of the old one's owner to undo it."""

    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH)
    old_email = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    new_email = models.CharField(max_length=ADDRESS_LENGTH)
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="asked")  # asked, confirmed, undone
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    link_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    link_expires_at = models.DateTimeField(null=True)
    undo_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    undo_expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # A person's newest wish replaces the earlier ones.
            models.Index(fields=["account", "portal"], name="address_change_by_account"),
        ]


class ConsentRow(models.Model):
    """The right, mailed to somebody who answers for a pupil, to let them choose a new password."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH)
    guardian = models.CharField(max_length=ADDRESS_LENGTH)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class InstitutionRow(models.Model):
    """A school, a service: what helpers are in charge of. `parent` is the authority above it, if there is one."""

    portal = models.CharField(max_length=64)
    code = models.CharField(max_length=INSTITUTION_CODE_LENGTH)
    name = models.CharField(max_length=ADDRESS_LENGTH)
    parent = models.CharField(max_length=INSTITUTION_CODE_LENGTH, blank=True, default="")
    contact = models.CharField(max_length=CONTACT_LENGTH, blank=True, default="")  # read by anybody who is lost
    external_id = models.CharField(max_length=100, blank=True, default="")  # AAF's key: deltas give no other

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "code"], name="one_institution_per_code"),
        ]


class DelegationRow(models.Model):
    """What somebody who helps is in charge of."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    role = models.CharField(max_length=16)
    institution = models.CharField(max_length=64, blank=True, default="")
    group = models.CharField(max_length=100, blank=True, default="")
    granted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "account", "role", "institution", "group"], name="delegated_once"
            ),
        ]


class SecondFactorRow(models.Model):
    """A one-time-code generator (TOTP) of an account. Its secret is sealed with a key outside the database."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    sealed = models.BinaryField()
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    shown_to = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # the session that may add it
    last_step = models.BigIntegerField(default=0)  # of the code that was used last: none works twice
    failures = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account"], name="one_generator_per_account"),
        ]


class PasskeyRow(models.Model):
    """A passkey of an account: the public half only, which opens nothing by itself."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    credential = models.CharField(max_length=1400)  # its id, in base64url: 1,023 bytes at most (WebAuthn L3, §4)
    rp_id = models.CharField(max_length=255)  # the machine name that it was made for, and works at
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    user_handle = models.CharField(max_length=64)  # random, the same for all those of the account: it names nobody
    transports = models.CharField(max_length=100, blank=True, default="")
    name = models.CharField(max_length=60)
    backed_up = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "credential"], name="one_passkey_per_credential"),
        ]
        indexes: ClassVar = [
            # Each sign-in asks whether the account has any.
            models.Index(fields=["portal", "account"], name="passkey_by_account"),
        ]


class RecoveryCodeRow(models.Model):
    """One of the codes that a person keeps on paper for the day when nothing else is at hand."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)  # keyed, and bound to the account
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account", "digest"], name="one_row_per_recovery_code"),
        ]


class ChallengeRow(models.Model):
    """What a passkey is asked to sign. It goes with its first use."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    portal = models.CharField(max_length=64)
    purpose = models.CharField(max_length=16)
    owner = models.CharField(max_length=DIGEST_LENGTH)  # the session, the half sign-in or the browser that asked
    user_handle = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField()


class HalfSignInRow(models.Model):
    """Identifier and password were right; a second proof is awaited. It opens nothing by itself."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    remember = models.BooleanField(default=False)
    device = models.CharField(max_length=80, blank=True, default="")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    mail_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # of the code sent by mail

    class Meta:
        indexes: ClassVar = [
            # A new password ends those that the old one opened.
            models.Index(fields=["account", "portal"], name="half_sign_in_by_account"),
        ]


class FactorLossRow(models.Model):
    """Somebody who knows the password says that they have lost every second means: it is believed after a while, unless
    the owner of the address, or a second proof, stops it.
    """

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    state = models.CharField(max_length=16, default="waiting")  # waiting, stopped, done
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stop_digest = models.CharField(max_length=DIGEST_LENGTH, null=True, unique=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "account"], condition=models.Q(state="waiting"), name="one_loss_waits_per_account"
            ),
        ]


class ImportRow(models.Model):
    """A list that somebody who helps has sent, between the look at what it would do and the import itself."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)  # who sent it, and alone may go on with it
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    report = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account"], name="one_list_at_a_time"),
        ]


class MigrationWishRow(models.Model):
    """The owner of a legacy account has asked for it: the helpers of its institution see who waits."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    asked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account"], name="one_wish_per_account"),
        ]


class ApplicationRow(models.Model):
    """An application registered by command, beside those of the portal's file."""

    portal = models.CharField(max_length=64)
    client_id = models.CharField(max_length=100)
    definition = models.JSONField()
    registered_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)  # those of the file too: a row without a definition

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "client_id"], name="one_application_per_name"),
        ]


class VisitRow(models.Model):
    """Somebody whom an application has sent here, in one browser, and who has not gone back yet."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    portal = models.CharField(max_length=64)
    application = models.CharField(max_length=100)
    door = models.CharField(max_length=16)  # the protocol that it came by
    asked = models.JSONField(default=dict)  # its words; empty when the person came from another device
    signed_in = models.CharField(max_length=DIGEST_LENGTH, blank=True, default="")  # the session opened on the way
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class GrantRow(models.Model):
    """What one application got for one sign-in: a code, then tokens, until it ends. Of CAS: a ticket, once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    door = models.CharField(max_length=16)  # the protocol
    portal = models.CharField(max_length=64)
    application = models.CharField(max_length=100)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    session = models.UUIDField()  # the `sid` of the session
    scopes = models.CharField(max_length=200)
    offline = models.BooleanField(default=False)  # outlives the session, until the account's sessions all end
    redirect_address = models.CharField(max_length=2000)
    nonce = models.CharField(max_length=500, blank=True, default="")
    code_digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    code_challenge = models.CharField(max_length=128, blank=True, default="")
    code_expires_at = models.DateTimeField()
    code_used_at = models.DateTimeField(null=True)
    used_ticket = models.CharField(max_length=100, blank=True, default="")  # CAS: what names the session at its end
    signed_in_at = models.DateTimeField()
    means = models.CharField(max_length=40)
    proven_twice = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # A session that ends ends its grants; a reset, all of an account.
            models.Index(fields=["session"], name="grant_by_session"),
            models.Index(fields=["account", "portal"], name="grant_by_account"),
        ]


class TokenRow(models.Model):
    """An access token, or one that renews it (`kind`). Only its digest is kept."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    grant = models.ForeignKey(GrantRow, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    scopes = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # of one that renews: it works once


class SubjectRow(models.Model):
    """The name by which applications of one sector know an account; the empty sector is everybody's."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    sector = models.CharField(max_length=ADDRESS_LENGTH, blank=True, default="")
    name = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account", "sector"], name="one_name_per_sector"),
        ]


class AgreementRow(models.Model):
    """What somebody has agreed to let an application know."""

    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    application = models.CharField(max_length=100)
    scopes = models.CharField(max_length=200)
    agreed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "account", "application"], name="one_agreement_per_application"),
        ]


class SigningKeyRow(models.Model):
    """A pair of keys that signs what applications are told; the private one is sealed."""

    kid = models.CharField(max_length=64, primary_key=True)
    portal = models.CharField(max_length=64)
    place = models.CharField(max_length=16)  # next, current, past
    sealed = models.BinaryField()
    public = models.JSONField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portal", "place"], condition=~models.Q(place="past"), name="one_signing_key_per_place"
            ),
        ]


class SignOutNoticeRow(LeasedRow):
    """An application that is to be told that a session is over."""

    application = models.CharField(max_length=100)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    grant = models.ForeignKey(GrantRow, on_delete=models.CASCADE)
    session = models.UUIDField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["grant"], name="told_once_of_each_grant"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="notice_due", condition=models.Q(state="queued")),
        ]
