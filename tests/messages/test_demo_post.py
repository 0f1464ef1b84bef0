from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from retrouve.demo.mailbox import forget_mails, mail_named, mails
from retrouve.demo.smtp import DemoPostOffice
from retrouve.domain.secret import Secret
from retrouve.messages.relay import Delivered, Relay


def a_mail(subject: str, to: str = "camille@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Lumière <noreply@lumiere.example>"
    message["To"] = f"Camille <{to}>"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 18:14:00 +0100"
    message.set_content("Bonjour, voici l’été\n")
    message.add_alternative("<p>Bonjour, voici l’été</p>\n", subtype="html")
    return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mails"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    office = DemoPostOffice(folder)
    yield office.start()
    office.stop()


def test_every_mail_is_kept_and_read_newest_first(folder: Path, port: int) -> None:
    relay = Relay(Secret(f"smtp://127.0.0.1:{port}"), timeout=60)
    for number in range(12):
        assert relay.send(a_mail(f"Numéro {number}"), "camille@example.org") == Delivered()
    relay.close()
    assert [mail.subject for mail in mails(folder)] == [f"Numéro {number}" for number in reversed(range(12))]


def test_a_mail_is_read_as_its_six_facts(folder: Path, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(a_mail("Été"))
    assert mails(folder)[0].as_json() == {
        "to": "camille@example.org",
        "from": "noreply@lumiere.example",
        "subject": "Été",
        "text": "Bonjour, voici l’été\n",
        "html": "<p>Bonjour, voici l’été</p>\n",
        "date": "2026-11-20T18:14:00+01:00",
    }


def test_an_address_with_accents_is_taken(folder: Path, port: int) -> None:
    relay = Relay(Secret(f"smtp://127.0.0.1:{port}"), timeout=60)
    assert relay.send(a_mail("Été", "josé@example.org"), "josé@example.org") == Delivered()
    relay.close()
    assert (mails(folder)[0].to, mails(folder)[0].subject) == ("josé@example.org", "Été")


def test_mails_survive_a_restart_in_order(folder: Path) -> None:
    for subject in ("avant", "après"):
        office = DemoPostOffice(folder)
        with smtplib.SMTP("127.0.0.1", office.start()) as client:
            client.send_message(a_mail(subject))
        office.stop()
    assert [mail.subject for mail in mails(folder)] == ["après", "avant"]


def test_it_stops_while_somebody_is_connected(folder: Path) -> None:
    office = DemoPostOffice(folder)
    client = smtplib.SMTP("127.0.0.1", office.start())
    office.stop()
    client.close()


def test_one_mail_is_found_by_its_name_and_no_other_file_is(folder: Path, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(a_mail("Été"))
    (folder.parent / "secret.eml").write_bytes(b"Subject: secret\r\n\r\n")
    name = mails(folder)[0].name
    found = mail_named(folder, name)
    assert found
    assert found.subject == "Été"
    assert mail_named(folder, "../secret") is None


def test_mails_can_be_forgotten(folder: Path, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(a_mail("Été"))
    forget_mails(folder)
    assert mails(folder) == []


def test_no_folder_is_an_empty_mailbox(folder: Path) -> None:
    assert mails(folder) == []


def test_a_mail_without_anything_is_read_too(folder: Path) -> None:
    folder.mkdir()
    (folder / "1.eml").write_bytes(b"\r\n")
    assert mails(folder)[0].as_json() == dict.fromkeys(("to", "from", "subject", "html", "date"), "") | {"text": ""}
