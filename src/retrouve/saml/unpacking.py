"""How a request travels (SAML 2.0 Bindings §3.4, §3.5), unpacked within bounds: nobody has said who they are, a few
bytes inflate to as many as one likes, and pysaml2 makes an object of every element (ATT-55).
"""

from __future__ import annotations

import base64
import binascii
import zlib

LARGEST_REQUEST = 64 * 1024  # one that is signed, with its certificate, has five thousand bytes
MOST_MARKS = 1_000  # each element begins with one, and most end with another
WITHOUT_HEADER = -zlib.MAX_WBITS


class NotUnderstoodError(Exception):
    """A request that is malformed, of an unknown application, or for an address that is not in its metadata."""


def unpacked(method: str, sent: str) -> bytes:
    """The XML. Raises `NotUnderstoodError`."""
    try:
        packed = base64.b64decode(sent)
        xml = packed if method == "POST" else inflated(packed)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise NotUnderstoodError(type(error).__name__) from None
    if len(xml) > LARGEST_REQUEST or xml.count(b"<") > MOST_MARKS:
        raise NotUnderstoodError("TooLarge")
    return xml


def inflated(packed: bytes) -> bytes:
    inflating = zlib.decompressobj(WITHOUT_HEADER)
    xml = inflating.decompress(packed, LARGEST_REQUEST)
    if not inflating.eof:  # cut short, or more than that
        raise NotUnderstoodError("TooLarge")
    return xml


def packed_again(xml: bytes) -> str:
    """As pysaml2 reads it, whatever it came by: what was judged, and nothing else."""
    deflating = zlib.compressobj(wbits=WITHOUT_HEADER)
    return base64.b64encode(deflating.compress(xml) + deflating.flush()).decode()
