"""The rows. Each has fields and constraints, and no behaviour: the functions beside it read and write them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

DIGEST_LENGTH = 64  # a SHA-256 in hexadecimal
ADDRESS_LENGTH = 254


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

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portal", "identifier_key"], name="one_identifier_per_portal"),
        ]
        indexes: ClassVar = [
            # Recovery by address looks accounts up by it.
            models.Index(fields=["portal", "email_key"], name="account_by_address"),
        ]


class RequestRow(models.Model):
    """A recovery request, opened for unknown identifiers as well (it can then never succeed)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
    account = models.CharField(max_length=ADDRESS_LENGTH, null=True)  # the directory's reference
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

    class Meta:
        indexes: ClassVar = [
            # A password change, a newer mail: both end the account's other requests.
            models.Index(fields=["portal", "account"], name="request_by_account"),
        ]


class LeasedRow(models.Model):
    """Work that one process at a time does (`leases`): when, how often it was tried, and how it ended."""

    portal = models.CharField(max_length=64)
    audience = models.CharField(max_length=64, blank=True, default="")
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
    request = models.ForeignKey(RequestRow, null=True, on_delete=models.CASCADE)
    account = models.CharField(max_length=ADDRESS_LENGTH, null=True)
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="queued")
    queued_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # The worker asks several times a second for what is due.
            models.Index(fields=["due_at"], name="mail_due", condition=models.Q(state="queued")),
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
    portal = models.CharField(max_length=64)
    account = models.CharField(max_length=ADDRESS_LENGTH)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    remembered = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            # A reset ends all the sessions of an account.
            models.Index(fields=["portal", "account"], name="session_by_account"),
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
            models.UniqueConstraint(fields=["portal", "account"], name="frozen_once"),
        ]
