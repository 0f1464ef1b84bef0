"""A TCP proxy that misbehaves as told: between Retrouve and a real server."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from enum import StrEnum

CHUNK = 65_536


class Mood(StrEnum):
    PASSES = "passes"
    SLOW = "slow"  # passes each answer on after `slowness` seconds
    SILENT = "silent"  # accepts, reads, and never says a word
    CUTS = "cuts"  # hangs up on the server's first answer
    LOSES_ANSWERS = "loses_answers"  # the server hears everything, and its answers to writes are lost


class Proxy:
    """On a free loopback port, before `port`."""

    def __init__(self, port: int, mood: Mood = Mood.PASSES) -> None:
        self.mood = mood
        self.slowness = 2.0
        self.heard = b""  # what clients sent: nothing readable may be in there
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def hang_up(self) -> None:
        """On everybody who is connected; newcomers are welcome."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, of_client: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if of_client:
                    self.heard += data
                if self.mood is Mood.SILENT:
                    continue
                if self.mood is Mood.CUTS and not of_client:
                    break
                if self.mood is Mood.LOSES_ANSWERS and not of_client:
                    continue
                if self.mood is Mood.SLOW and not of_client:
                    time.sleep(self.slowness)
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
