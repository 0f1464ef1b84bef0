"""The mailbox of everybody who recovers an account here."""

from __future__ import annotations

import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from bench.browser import WentWrongError
from retrouve.demo.smtp import DemoPostOffice

SECONDS_FOR_A_MAIL = 30


class Post:
    """Counted with the client: what the server spends on handing a mail over is the server's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._office = DemoPostOffice(folder)
        self.port = self._office.start()

    def wait_for(self, address: str) -> str:
        """The text of the one mail to `address`, which is then thrown away."""
        end = time.monotonic() + SECONDS_FOR_A_MAIL
        while time.monotonic() < end:
            for path in self._folder.glob("*.eml"):
                message = message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
                path.unlink()
                if address in str(message["To"]):
                    return text_of(message)
            time.sleep(0.005)
        raise WentWrongError(f"no mail for {address} in {SECONDS_FOR_A_MAIL} s")

    def stop(self) -> None:
        self._office.stop()


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content().replace("\r\n", "\n") if body else ""
