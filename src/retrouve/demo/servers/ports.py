"""Ports that nobody uses."""

from __future__ import annotations

import socket
import time
from contextlib import closing

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float, address: str = LOOPBACK) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")
