"""A real SMTP server with moods: what it answers depends on whom a mail is for."""

# ruff: noqa: ARG002, N802  aiosmtpd decides how its handlers are called, and with what

from __future__ import annotations

import asyncio
from collections import Counter
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class MoodyPostOffice:
    """`slow@` waits until it is let go; `nobody@` is refused for good; `grey@` is put off once; `dies@` is accepted,
    once, without the relay living to say so."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.let_go = Event()
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> int:
        self._thread.start()
        self._ready.wait()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        self.let_go.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(self._loop.create_server(self._speak, "127.0.0.1", 0))
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        self._loop.close()

    def _speak(self) -> SMTP:
        return SMTP(self, hostname="moody", enable_SMTPUTF8=True, loop=self._loop)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        who = address.partition("@")[0]
        self.tried[who] += 1
        if who == "nobody":
            return "550 5.1.1 no such person here"
        if who == "grey" and self.tried[who] == 1:
            return "451 4.7.1 come back later"
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        who = str(envelope.rcpt_tos[0]).partition("@")[0]
        if who == "slow":
            await asyncio.to_thread(self.let_go.wait)
        self.accepted[who] += 1
        if who == "dies" and self.accepted[who] == 1:
            server.transport.abort()
        return "250 OK"
