"""Seals a password for the short time between the transaction that accepts it and the directory that takes it.

AES-256-GCM under a key that is not in the database; the row it belongs to is bound to it, so that a sealed
password moved to another row does not open.
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from retrouve.domain.keyring import Keyring
from retrouve.domain.secret import Secret

NONCE_BYTES = 12


def seal(keys: Keyring, new_password: Secret, owner: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(keys.key("seal")).encrypt(nonce, new_password.reveal().encode(), owner.encode())


def unseal(keys: Keyring, sealed: bytes, owner: str) -> Secret:
    """Raises `cryptography.exceptions.InvalidTag` when the key has changed or the row is not the owner's."""
    nonce, ciphertext = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    return Secret(AESGCM(keys.key("seal")).decrypt(nonce, ciphertext, owner.encode()).decode())
