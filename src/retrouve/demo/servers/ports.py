"""Ports that nobody uses."""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import closing

LOOPBACK = "127.0.0.1"
# Below those that systems give to whoever calls: a server that stops for a moment finds its own again.
FIRST, NUMBER = 12_000, 20_000

_given: set[int] = set()  # none twice: a server binds its own a while after it was told


def free_port() -> int:
    while True:
        port = FIRST + secrets.randbelow(NUMBER)
        if port not in _given and may_bind(port):
            _given.add(port)
            return port


def may_bind(port: int) -> bool:
    with closing(socket.socket()) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def wait_for_port(port: int, seconds: float, address: str = LOOPBACK) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")
