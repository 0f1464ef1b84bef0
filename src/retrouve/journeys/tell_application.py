"""What an application that holds a token is told about its person, as their directory has it now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from retrouve.directories.port import Directory
from retrouve.domain.account import Account, AccountState
from retrouve.domain.applications import Application, Scope
from retrouve.domain.claims import claims_of
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.journeys.applications import application_named
from retrouve.journeys.enter_application import scopes_of, subject_of
from retrouve.journeys.exchange import live_access
from retrouve.records.addresses import is_verified


def person_of_token(
    portal: Portal, keys: Keyring, holder_of: Callable[[str], Directory], *, access: Secret, now: datetime
) -> dict[str, object] | None:
    """The claims; None for a token that is worth nothing, or an account that has been closed since. Raises
    `DirectoryUnavailableError`.
    """
    row = live_access(portal, access, now)
    application = application_named(portal, row.grant.application) if row else None
    account = holder_of(row.grant.account).get(row.grant.account) if row and application else None
    if row is None or application is None or account is None or account.state is not AccountState.ACTIVE:
        return None
    return claims_for(portal, keys, application, account, scopes_of(row.scopes))


def claims_for(
    portal: Portal, keys: Keyring, application: Application, account: Account, scopes: frozenset[Scope]
) -> dict[str, object]:
    verified = is_verified(portal.slug, account.reference, keys.address_digest(account.email))
    told = claims_of(account, scopes, email_is_verified=verified)
    return {"sub": subject_of(portal, application, account.reference), **told}
