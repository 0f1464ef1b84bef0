"""The demo's post office: an SMTP server on the loopback that keeps each mail as a file, sends none on."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from pathlib import Path
from threading import Thread
from time import time_ns

from aiosmtpd.smtp import SMTP, Envelope, Session

_LOOPBACK = "127.0.0.1"


class KeepsEveryMail:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.original_content or b""
        name = f"{time_ns():020}-{next(self._numbers):06}"  # in the order of arrival, after a restart too
        await asyncio.to_thread(_write_whole, self._folder / f"{name}.eml", content)
        return "250 2.0.0 kept"


def _write_whole(path: Path, content: bytes) -> None:
    """Readers see a whole mail or none."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)  # noqa: PTH105 - atomic on every platform


class DemoPostOffice:
    """Runs in a thread of the demo's process, on a port that the system chooses."""

    def __init__(self, folder: Path) -> None:
        self._handler = KeepsEveryMail(folder)
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="demo-post-office", daemon=True)
        self._server: asyncio.Server | None = None

    def start(self) -> int:
        """Begins to answer, and says on which port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._serve_one, host=_LOOPBACK, port=0)

    def _serve_one(self) -> SMTP:
        return SMTP(self._handler, hostname="localhost", enable_SMTPUTF8=True, loop=self._loop)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
