"""A mail being composed, and what most of them need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrouve.directories.port import Directory
from retrouve.domain.account import Account
from retrouve.domain.keyring import Keyring
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.mail_parts import Recipient
from retrouve.records.models import OutboxRow


@dataclass(frozen=True)
class Draft:
    """`portal` is the one of the row's audience; `account` is as its directory shows it now."""

    row: OutboxRow
    portal: Portal
    directory: Directory
    keys: Keyring
    base_url: str
    account: Account | None
    now: datetime

    def address_of(self, path: str, token: Secret | None = None) -> str:
        """One path, no query (design.md, "What is fixed"). Its base is configured, never taken from a request."""
        return f"{self.base_url.rstrip('/')}/{self.portal.slug}/{path}{token.reveal() if token else ''}"

    @property
    def support_address(self) -> str:
        return self.portal.support.address if self.portal.support else ""


def recipient(account: Account, address: str = "") -> Recipient:
    """`address` where the mail goes elsewhere than to the address on file."""
    return Recipient(
        address=address or account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        identifier=account.identifier,
        email=account.email,
    )
