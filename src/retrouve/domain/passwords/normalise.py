"""One spelling for one password: what is counted, looked up and hashed (RFC 8265 §4.2, OpaqueString)."""

from __future__ import annotations

import unicodedata


def normalise(password: str) -> str:
    """Other spaces become U+0020, then NFC. No case, width or compatibility mapping: `ﬁ` is not `fi`.

    NFC alone leaves U+00A0, which Option+Space types on a French Mac: hence the first step. It never raises.
    """
    if password.isascii():
        return password
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    return unicodedata.normalize("NFC", spaced)


def has_controls(password: str) -> bool:
    """Controls (NUL too) and lone surrogates: no keyboard types them, and some directories cut at them."""
    return any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in password)
