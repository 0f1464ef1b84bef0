"""Applications are told that a session is over, so that nobody stays signed in there by mistake."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from joserfc import jwt

from retrouve.domain.applications import Application
from retrouve.domain.audit_events import AuditEvent
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.journeys.applications import application_named
from retrouve.journeys.backing_off import spread
from retrouve.journeys.enter_application import subject_of
from retrouve.journeys.signing_keys import ALGORITHM, key_that_signs
from retrouve.messages.back_channel import NotHeardError, say
from retrouve.records.audit import note
from retrouve.records.grants import GIVEN_UP_AFTER
from retrouve.records.leases import doubling, finish, postpone
from retrouve.records.models import SignOutNoticeRow

SAML = "urn:oasis:names:tc:SAML:2.0"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LASTS = timedelta(minutes=2)
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=2), timedelta(minutes=15)


def tell_sign_out(row: SignOutNoticeRow, portal: Portal, keys: Keyring, issuer: str, now: datetime) -> None:
    """Tried again for a day; an application that wants to know nothing is told nothing."""
    application = application_named(portal, row.application)
    if application is None or not (row.grant.used_ticket or application.told_of_sign_out_at):
        finish(row, "dropped", "", now)
        return
    try:
        if row.grant.used_ticket:
            say(row.grant.redirect_address, "logoutRequest", cas_logout_request(row, now))
        else:
            token = logout_token(portal, keys, application, row, issuer, now)
            say(application.told_of_sign_out_at, "logout_token", token)
    except NotHeardError as error:
        put_off(row, str(error), now)
        return
    finish(row, "told", "", now)
    note(AuditEvent.APPLICATION_TOLD, portal=portal.slug, account=row.account, outcome=row.application, now=now)


def put_off(row: SignOutNoticeRow, reason: str, now: datetime) -> None:
    if now >= row.opened_at + GIVEN_UP_AFTER:
        finish(row, "given_up", reason, now)
        note(AuditEvent.APPLICATION_NOT_TOLD, portal=row.portal, account=row.account, outcome=row.application, now=now)
        return
    postpone(row, reason, now + spread(doubling(FIRST_DELAY, LONGEST_DELAY, row.tries)))


def logout_token(
    portal: Portal, keys: Keyring, application: Application, row: SignOutNoticeRow, issuer: str, now: datetime
) -> str:
    """OpenID Connect Back-Channel Logout 1.0 §2.4: no nonce, so that it is never taken for an id token."""
    key = key_that_signs(portal, keys, now)
    claims = {
        "iss": issuer,
        "sub": subject_of(portal, application, row.account),
        "aud": application.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LASTS).timestamp()),
        "jti": uuid.uuid4().hex,
        "sid": str(row.session),
        "events": {EVENT: {}},
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "logout+jwt", "kid": key.kid}, claims, key)


def cas_logout_request(row: SignOutNoticeRow, now: datetime) -> str:
    """CAS Protocol 3.0, appendix C: the session is named by the ticket that opened it."""
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{SAML}:protocol" ID="{uuid.uuid4()}" Version="2.0"'
        f' IssueInstant="{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"><saml:NameID xmlns:saml="{SAML}:assertion">'
        f"@NOT_USED@</saml:NameID><samlp:SessionIndex>{escape(row.grant.used_ticket)}</samlp:SessionIndex>"
        "</samlp:LogoutRequest>"
    )
