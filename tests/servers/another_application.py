"""Any other application that signs people in at an LDAP directory: it sends the bytes of their password as they are,
without the library that is tried here.
"""

from __future__ import annotations

import socket
import ssl

SEQUENCE, INTEGER, TEXT, SIMPLE, BIND, ENUMERATED = 0x30, 0x02, 0x04, 0x80, 0x60, 0x0A  # RFC 4511, 4.2
LONGEST = 65_536


def lets_in(address: tuple[str, int], dn: str, password: bytes) -> bool:
    """A simple bind, written by hand."""
    bind = element(BIND, element(INTEGER, b"\x03") + element(TEXT, dn.encode()) + element(SIMPLE, password))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # this machine's own server
    with (
        socket.create_connection(address, timeout=60) as line,
        context.wrap_socket(line) as encrypted,
    ):
        encrypted.sendall(element(SEQUENCE, element(INTEGER, b"\x01") + bind))
        return element(ENUMERATED, b"\x00") in encrypted.recv(LONGEST)


def element(tag: int, value: bytes) -> bytes:
    """BER, with a length of two bytes (X.690, 8.1.3.5) wherever one is not enough."""
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x82, *len(value).to_bytes(2)])
    return bytes([tag]) + length + value
