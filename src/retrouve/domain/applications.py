"""Applications that people reach by signing in here, as the portal’s file or a command describes them.

How long what they get lasts: OAuth 2.0 Security Best Current Practice (RFC 9700).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from retrouve.domain.texts import Text

CLOCKS_DIFFER = timedelta(minutes=1)  # those of the servers that share one database
CODE_LASTS = timedelta(minutes=1) + CLOCKS_DIFFER
ACCESS_LASTS = timedelta(minutes=10)
ID_TOKEN_LASTS = timedelta(minutes=10)
RENEWAL_LASTS = timedelta(days=30)  # since its last use
VISIT_LASTS = timedelta(hours=24)  # as long as the longest link that one may have to wait for


class Scope(StrEnum):
    """What an application may ask to be told, or to be allowed."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    INSTITUTION = "institution"  # ours: where the person learns or works
    OFFLINE = "offline_access"


class Subject(StrEnum):
    """`pairwise`: two applications cannot tell that it is the same person (OpenID Core §8)."""

    PUBLIC = "public"
    PAIRWISE = "pairwise"


@dataclass(frozen=True)
class Application:
    """`home` is where a person begins who comes without anything; `start` where the application begins a sign-in when
    it is told to (`initiate_login_uri`). Without a digest of a secret it is a public client.
    """

    client_id: str
    name: Text
    home: str
    redirect_addresses: tuple[str, ...] = ()
    after_sign_out: tuple[str, ...] = ()
    told_of_sign_out_at: str = ""  # back-channel logout
    start: str = ""
    secret_digest: str = ""
    scopes: tuple[Scope, ...] = (Scope.OPENID, Scope.PROFILE, Scope.EMAIL)
    subject: Subject = Subject.PUBLIC
    asks_consent: bool = False
    comes_back_within: timedelta = timedelta(minutes=5)  # for how long it remembers that it sent somebody here
    services: tuple[str, ...] = ()  # CAS: the addresses below which it is
    saml_metadata: Path | None = None

    @property
    def is_public(self) -> bool:
        return not self.secret_digest

    @property
    def sector(self) -> str:
        """Whoever shares it knows a person by the same name: the host of the addresses (OpenID Core §8.1)."""
        return (urlsplit(self.redirect_addresses[0]).hostname or "") if self.subject is Subject.PAIRWISE else ""


def is_below(service: str, prefix: str) -> bool:
    """Whether a CAS service's address is at, or below, a registered one: same scheme, host and port, and a path that
    begins with the registered path at the limit of a segment.
    """
    try:
        asked, allowed = urlsplit(service), urlsplit(prefix)
    except ValueError:
        return False
    same_place = (asked.scheme, asked.netloc) == (allowed.scheme, allowed.netloc)
    folder = allowed.path.rstrip("/") + "/"
    below = asked.path == allowed.path or asked.path.startswith(folder)
    return same_place and below and is_plain(service) and is_plain(unquote(asked.path)) and stays(unquote(asked.path))


def is_plain(text: str) -> bool:
    """Without what browsers and servers drop, or read as something else."""
    return text.isprintable() and not any(mark in text for mark in ("\\", " "))


def stays(path: str) -> bool:
    """No segment leads upwards, whatever parameters (`;`) it carries, nor once more decoded."""
    segments = unquote(path).split("/")
    return not any(segment.partition(";")[0] in ("..", ".") for segment in segments)
