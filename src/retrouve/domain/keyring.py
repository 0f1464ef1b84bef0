"""Keys derived from the server's secret key, one per purpose. None of them is ever in the database."""

from __future__ import annotations

import hmac

from retrouve.domain.identifiers import identifier_key
from retrouve.domain.secret import Secret


class Keyring:
    def __init__(self, secret_key: Secret) -> None:
        self._root = secret_key.reveal().encode()

    def key(self, purpose: str) -> bytes:
        return hmac.digest(self._root, f"retrouve:{purpose}".encode(), "sha256")

    def digest(self, purpose: str, *parts: str) -> str:
        """A keyed digest of `parts`; the separator cannot be typed, so parts never run into one another."""
        message = "\x00".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self.key(purpose), message, "sha256").hexdigest()

    def code_digest(self, request_id: str, code: Secret) -> str:
        """A short code is guessable from a plain digest: hence the key, and the request it belongs to."""
        return self.digest("code", request_id, code.reveal())

    def address_digest(self, address: str) -> str:
        return self.digest("address", identifier_key(address))


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
