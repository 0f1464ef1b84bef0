"""What an application is told about a person (OpenID Connect Core 1.0 §5)."""

from __future__ import annotations

from collections.abc import Iterable

from retrouve.domain.account import Account
from retrouve.domain.applications import Scope


def claims_of(account: Account, scopes: Iterable[Scope], *, email_is_verified: bool) -> dict[str, object]:
    """What `scopes` let an application know. What is empty is not told."""
    asked = set(scopes)
    told: dict[str, object] = {}
    if Scope.PROFILE in asked:
        told |= {
            "name": " ".join(filter(None, (account.first_name, account.last_name))),
            "given_name": account.first_name,
            "family_name": account.last_name,
            "preferred_username": account.identifier,
            "locale": account.language,
        }
    if Scope.EMAIL in asked and account.email:
        told |= {"email": account.email, "email_verified": email_is_verified}
    if Scope.INSTITUTION in asked:
        told |= {"institution": account.institution, "classes": list(account.classes), "kind": account.kind}
    return {name: value for name, value in told.items() if value not in ("", [])}
