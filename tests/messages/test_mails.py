from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.domain.texts import Text
from retrouve.messages import life_mails, second_factor_mails, session_mails
from retrouve.messages.change_mails import (
    not_locked_to_support_mail,
    password_changed_mail,
    password_not_changed_mail,
    password_partly_changed_mail,
)
from retrouve.messages.letters import NotAnAddressError, mailbox
from retrouve.messages.mail_parts import NamedAccount, Recipient
from retrouve.messages.mails import code_in_groups, recovery_mail, support_mail

LINK = "https://compte.lumiere.example/lumiere/r/kq0Zt3m9XwA7c2bV5nR8eQ"
ASK_URL = "https://compte.lumiere.example/lumiere/oubli/"
HOSTILE = [
    "Eve\r\nBcc: victims@example.org",
    "Eve\nX: y",
    "Eve\u2028Bcc: x",
    "<script>alert(1)</script>",
    '<img src="https://evil.example/x">',
    "{{ portal.mail }}",
    "{% include 'secrets' %}",
    "{0.__class__}",
    "{portal}",
    "www.evil.example",
    "https://evil.example/",
    "\u202eemalliC",
    "a" * 5000,
    "\x00",
    "\ud800",
]


def ascii_start(name: str) -> str:
    return ascii(name[:20])


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def words_of(html: str) -> list[str]:
    """What a person reads: neither the head nor the button, which repeats the link in words."""
    body = re.sub(r"<head>.*</head>|<h1.*?</h1>|<a [^>]*display: inline-block.*?</a>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body)).split()


def as_received(message: EmailMessage) -> EmailMessage:
    return message_from_bytes(message.as_bytes(), EmailMessage, policy=SMTPUTF8)


@pytest.fixture
def recovery(portal: Portal, camille: Recipient, now: datetime) -> Callable[..., EmailMessage]:
    def write(**changes: object) -> EmailMessage:
        arguments: dict[str, Any] = {
            "portal": portal,
            "to": camille,
            "link": LINK,
            "link_lasts": timedelta(hours=1),
            "code": Secret("123456"),
            "code_lasts": timedelta(minutes=15),
            "asked_at": now,
            "language": "fr",
            "now": now,
        } | changes
        given = arguments.pop("portal")
        return recovery_mail(given, **arguments)

    return write


@pytest.fixture
def every_mail(
    recovery: Callable[..., EmailMessage], portal: Portal, camille: Recipient, now: datetime
) -> list[EmailMessage]:
    said: dict[str, Any] = {"language": "fr", "now": now}
    told: dict[str, Any] = {
        "to": camille,
        "changed_at": now,
        "support_address": "aide@lumiere.example",
        **said,
    }
    partly = {name: value for name, value in told.items() if name != "changed_at"}
    return [
        recovery(),
        recovery(among=[NamedAccount("a", "Lycée"), NamedAccount("b")]),
        recovery(first_time=True),
        *life_mails_of(portal, camille, said),
        password_changed_mail(portal, not_me_url=LINK, **told),
        password_not_changed_mail(portal, why="Il a déjà servi.", **told),
        password_changed_mail(portal, not_seen="Attendez un peu.", **told),
        password_not_changed_mail(portal, why="Essayez le nouveau.", is_known=False, **told),
        password_partly_changed_mail(portal, where="Messagerie", why="Il a déjà servi.", **partly),
        password_partly_changed_mail(portal, where="Messagerie", why="Essayez.", is_known=False, **partly),
        not_locked_to_support_mail(portal, reference="R1", where=["Messagerie"], **said),
        support_mail(
            portal,
            reference="R1",
            name="Camille",
            reply_to="camille@example.org",
            message="Aidez-moi",
            **said,
        ),
    ]


def test_the_recovery_mail_says_everything_in_order(recovery: Callable[..., EmailMessage]) -> None:
    assert spaced(text_of(recovery())) == (
        "Bonjour Camille,\n\n"
        "Une demande de nouveau mot de passe nous est parvenue pour votre compte Lumière.\n\n"
        "Pour choisir un nouveau mot de passe, suivez ce lien, ou recopiez-le dans votre navigateur :\n"
        f"{LINK}\n\n"
        "Ce lien est valable 1 heure, jusqu’à 19 h 14 (heure de Paris).\n\n"
        "Le code à saisir sur la page où la demande a été faite :\n"
        "123 456\n\n"
        "Ce code est valable 15 minutes, jusqu’à 18 h 29 (heure de Paris).\n\n"
        "La demande a été faite le 20 novembre 2026 à 18 h 14 (heure de Paris). "
        "S’il y en a eu plusieurs, seul le dernier courriel reçu compte.\n\n"
        "Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet email.\n\n"
        "Besoin d’aide ? Écrivez à aide@lumiere.example\n\n"
        "Lumière\n"
    )


def test_it_is_said_in_the_readers_language(recovery: Callable[..., EmailMessage]) -> None:
    message = recovery(language="en")
    text = spaced(text_of(message))
    assert text.startswith("Hello Camille,\n")
    assert "This link works for 1 hour, until 7:14 PM (Paris time)." in text
    assert "If you did not make this request, you can ignore this email." in text
    assert message["Content-Language"] == "en"
    assert message["Subject"] == "Reset your password – Lumière"
    assert message["From"].addresses[0].display_name == "The Lumière team"
    assert '<html lang="en"' in html_of(message)


def test_both_parts_of_every_mail_say_the_same(every_mail: list[EmailMessage]) -> None:
    for message in every_mail:
        assert words_of(html_of(message)) == text_of(message).split()


def test_text_comes_first_then_html(every_mail: list[EmailMessage]) -> None:
    for message in every_mail:
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_headers_are_those_of_an_automatic_mail(recovery: Callable[..., EmailMessage], now: datetime) -> None:
    message = recovery()
    for header in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Language"):
        assert len(message.get_all(header, [])) == 1, header
    assert str(message["From"]) == "Équipe Lumière <noreply@lumiere.example>"
    assert str(message["To"]) == "Camille Martin <camille@example.org>"
    assert message["Date"].datetime == now
    assert re.fullmatch(r"<[0-9a-f]{32}@lumiere\.example>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "fr"
    assert "List-Unsubscribe" not in message


def test_no_two_mails_share_a_message_id(recovery: Callable[..., EmailMessage]) -> None:
    assert recovery()["Message-ID"] != recovery()["Message-ID"]


def test_att_19_the_link_stands_alone_on_its_line_once_received(
    recovery: Callable[..., EmailMessage],
) -> None:
    long_link = f"https://compte.a-rather-long-name-of-a-region.example/nouvelle-aquitaine/r/{'k' * 22}"
    for link in (LINK, long_link):
        received = as_received(recovery(link=link))
        assert link in text_of(received).splitlines()
        assert f'href="{link}"' in html_of(received)


def test_no_line_on_the_way_is_longer_than_smtp_allows(every_mail: list[EmailMessage]) -> None:
    for message in every_mail:
        assert max(len(line) for line in message.as_bytes().splitlines()) <= 78


@pytest.mark.parametrize(("code", "shown"), [("012345", "012 345"), ("BCDFGHJK", "BCDF GHJK")])
def test_a_code_is_shown_in_groups_with_plain_spaces(
    recovery: Callable[..., EmailMessage], code: str, shown: str
) -> None:
    assert code_in_groups(Secret(code)) == shown
    message = recovery(code=Secret(code))
    assert shown in text_of(message).splitlines()
    assert f">{shown}</p>" in html_of(message)


def test_att_26_the_code_is_not_in_the_subject(recovery: Callable[..., EmailMessage]) -> None:
    assert not re.search(r"\d{3}", str(recovery()["Subject"]))


def test_a_link_alone_speaks_of_no_code_and_a_code_alone_of_no_link(
    recovery: Callable[..., EmailMessage],
) -> None:
    assert "code" not in text_of(recovery(code=None))
    only_code = recovery(link=None)
    assert "lien" not in text_of(only_code)
    assert "http" not in text_of(only_code)


def test_att_26_nothing_remote_is_loaded_and_one_host_is_linked(every_mail: list[EmailMessage]) -> None:
    for message in every_mail:
        html = html_of(message)
        assert not re.search(r"<img|<link|<script|<iframe|src=|url\(|@import", html)
        assert set(re.findall(r'href="https?://([^/"]+)', html)) <= {"compte.lumiere.example"}


def test_the_page_of_the_mail_is_titled_and_follows_the_readers_light(
    recovery: Callable[..., EmailMessage],
) -> None:
    html = html_of(recovery())
    assert '<html lang="fr" dir="ltr">' in html
    assert "<title>Réinitialisation de votre mot de passe – Lumière</title>" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "background: #0b5cad; color: #ffffff" in " ".join(html.split())


def test_a_light_accent_gets_dark_ink(recovery: Callable[..., EmailMessage], portal: Portal) -> None:
    yellow = replace(portal, look=replace(portal.look, accent="#f5c800"))
    assert "background: #f5c800; color: #000000" in " ".join(html_of(recovery(portal=yellow)).split())


def test_the_account_is_shown_at_the_bottom_where_the_portal_says_so(
    recovery: Callable[..., EmailMessage], portal: Portal
) -> None:
    shown = replace(portal, recovery=replace(portal.recovery, mail_shows_account=True))
    lines = spaced(text_of(recovery(portal=shown))).splitlines()
    assert lines[-4:-2] == ["Votre identifiant : camille.martin", "Votre adresse email : camille@example.org"]
    assert "camille.martin" not in text_of(recovery())


def test_a_signature_may_hold_several_lines(recovery: Callable[..., EmailMessage], portal: Portal) -> None:
    signature = "LEO, l’ENT des lycées de Picardie\nhttp://leo.picardie.fr"
    own = replace(
        portal,
        wording={
            Phrase.MAIL_SIGNATURE: Text((("fr", signature),)),
            Phrase.MAIL_SUBJECT: Text((("fr", "Réinitialisation mot de passe - ENT LEO"),)),
        },
    )
    message = recovery(portal=own)
    assert text_of(message).endswith(signature + "\n")
    assert message["Subject"] == "Réinitialisation mot de passe - ENT LEO"


@pytest.mark.parametrize(("name", "lasts"), [(Phrase.MAIL_LINK_LEAD, "1 heure"), (Phrase.MAIL_CODE_LEAD, "15 minutes")])
def test_a_lead_of_the_portal_s_own_says_how_long_it_lasts(
    recovery: Callable[..., EmailMessage], portal: Portal, name: Phrase, lasts: str
) -> None:
    own = replace(portal, wording={name: Text((("fr", "À faire dans les {duration} :"),))})
    assert f"À faire dans les {lasts} :" in spaced(text_of(recovery(portal=own)))


def test_the_clock_hangs_where_the_portal_is(recovery: Callable[..., EmailMessage]) -> None:
    text = spaced(text_of(recovery(zone=ZoneInfo("Indian/Reunion"))))
    assert "jusqu’à 22 h 14 (heure de La Réunion)" in text


@pytest.mark.parametrize("name", HOSTILE, ids=ascii_start)
def test_att_24_att_25_a_hostile_name_changes_nothing(recovery: Callable[..., EmailMessage], name: str) -> None:
    to = Recipient("camille@example.org", name, name, name, name)
    message = recovery(to=to)
    received = as_received(message)
    assert received.keys() == recovery().keys()
    assert "Bcc" not in received
    assert [address.addr_spec for address in received["To"].addresses] == ["camille@example.org"]
    assert "evil" not in message.as_string()
    assert "<script" not in html_of(message)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii_start)
def test_att_24_att_25_a_hostile_identifier_or_message_is_only_text(portal: Portal, now: datetime, name: str) -> None:
    message = support_mail(
        portal,
        reference=name,
        name=name,
        reply_to="camille@example.org",
        message=name,
        language="fr",
        now=now,
    )
    received = as_received(message)
    assert [address.addr_spec for address in received["Reply-To"].addresses] == ["camille@example.org"]
    assert [address.addr_spec for address in received["To"].addresses] == ["aide@lumiere.example"]
    assert "Bcc" not in received
    assert "href" not in html_of(received)
    assert not re.search(r"<script|<img", html_of(received))
    assert words_of(html_of(received)) == text_of(received).split()


@pytest.mark.parametrize("name", HOSTILE[:9], ids=ascii_start)
def test_att_24_a_hostile_portal_name_is_only_text(
    recovery: Callable[..., EmailMessage], portal: Portal, name: str
) -> None:
    own = replace(portal, name=name, mail=replace(portal.mail, sender_name=None))
    received = as_received(recovery(portal=own))
    assert received.keys() == recovery().keys()
    assert [address.addr_spec for address in received["From"].addresses] == ["noreply@lumiere.example"]
    assert "<script" not in html_of(received)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "camille",
        "a@b,c@d",
        "a@b\r\nBcc: x@y",
        "a@b\n",
        "a b@c",
        "<a@b>",
        "a@b@c",
        "a@b;c@d",
        '"a b"@c',
        "a@",
        "@b",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.org",
        "a@b..c",
        "a(comment)@b",
        "a@[127.0.0.1]",
    ],
)
def test_att_22_only_one_plain_address_is_written_to(address: str) -> None:
    with pytest.raises(NotAnAddressError) as refusal:
        mailbox(address)
    assert not address or address not in str(refusal.value)


def test_an_address_with_accents_is_kept_and_its_domain_made_ascii(
    recovery: Callable[..., EmailMessage],
) -> None:
    message = recovery(to=Recipient("josé@exémple.org"))
    assert message["To"].addresses[0].addr_spec == "josé@xn--exmple-cva.org"
    assert "josé@xn--exmple-cva.org".encode() in message.as_bytes()


def test_a_missing_first_name_leaves_a_plain_greeting(recovery: Callable[..., EmailMessage]) -> None:
    assert text_of(recovery(to=Recipient("camille@example.org"))).startswith("Bonjour,\n")


def life_mails_of(portal: Portal, camille: Recipient, said: dict[str, Any]) -> list[EmailMessage]:
    day = timedelta(days=1)
    desk = {"support_address": "aide@lumiere.example"}
    return [
        life_mails.registration_mail(portal, to=camille, link=LINK, lasts=day, **said),
        life_mails.already_registered_mail(portal, to=camille, ask_url=LINK, **said),
        life_mails.identifiers_mail(
            portal, to_address=camille.address, accounts=[NamedAccount("a", "Lycée")], ask_url=LINK, **said
        ),
        life_mails.not_migrated_mail(portal, to=camille, institution="École", **desk, **said),
        life_mails.guardian_mail(portal, to=camille, pupil="Tom Petit", link=LINK, lasts=day, **desk, **said),
        life_mails.address_to_confirm_mail(portal, to=camille, link=LINK, lasts=day, **said),
        life_mails.address_changed_mail(portal, to=camille, undo_url=LINK, lasts=day, **desk, **said),
        *(
            life_mails.helped_mail(portal, to=camille, act=act, helper="Anne Aide", done_at=said["now"], **desk, **said)
            for act in life_mails.ACTS
        ),
        *(
            life_mails.activation_mail(
                portal, to=camille, helper="Anne Aide", first_time=first_time, link=LINK, lasts=day, **desk, **said
            )
            for first_time in (True, False)
        ),
        life_mails.support_received_mail(portal, address=camille.address, reference="BCDF GHJK", **said),
        *session_mails_of(portal, camille, {**desk, **said}),
        *second_factor_mails_of(portal, camille, said),
    ]


def second_factor_mails_of(portal: Portal, camille: Recipient, said: dict[str, Any]) -> list[EmailMessage]:
    to: dict[str, Any] = {"to": camille, "support_address": "aide@lumiere.example", **said}
    return [
        *(
            second_factor_mails.second_factor_news_mail(
                portal, news=news, left=left, done_at=said["now"], account_url=LINK, **to
            )
            for news in FactorNews
            for left in (0, 3)
        ),
        second_factor_mails.second_factor_lost_mail(portal, stop_url=LINK, due_at=said["now"], **to),
        second_factor_mails.sign_in_code_mail(portal, code=Secret("123456"), lasts=timedelta(minutes=10), **to),
    ]


def session_mails_of(portal: Portal, camille: Recipient, said: dict[str, Any]) -> list[EmailMessage]:
    new = {"to": camille, "signed_in_at": said["now"], "ask_url": ASK_URL, **said}
    return [
        session_mails.new_device_mail(portal, device="Firefox, Windows", **new),
        session_mails.new_device_mail(portal, device="", **new),
        session_mails.remembered_reused_mail(portal, to=camille, seen_at=said["now"], ask_url=ASK_URL, **said),
    ]


def test_a_sign_in_somewhere_new_is_told_with_the_device_the_hour_and_what_to_do(
    portal: Portal, camille: Recipient, now: datetime
) -> None:
    said = {"support_address": "aide@lumiere.example", "language": "fr", "now": now}
    message, unnamed, _ = session_mails_of(portal, camille, said)
    assert message["Subject"] == "Connexion depuis un nouvel appareil – Lumière"
    assert spaced(text_of(message)) == (
        "Bonjour Camille,\n\n"
        "Une connexion à votre compte Lumière vient d’un appareil nouveau :\n"
        "Appareil : Firefox, Windows\n"
        "Connexion : le 20 novembre 2026 à 18 h 14 (heure de Paris)\n\n"
        "Si c’était vous, il n’y a rien à faire.\n\n"
        "Si ce n’était pas vous, choisissez un nouveau mot de passe : il ferme toutes les sessions.\n"
        f"{ASK_URL}\n\n"
        "Besoin d’aide ? Écrivez à aide@lumiere.example\n\n"
        "Lumière\n"
    )
    assert "Appareil : un navigateur" in spaced(text_of(unnamed))


def test_a_remembered_browser_that_was_copied_is_told_in_the_readers_language(
    portal: Portal, camille: Recipient, now: datetime
) -> None:
    said = {"support_address": "aide@lumiere.example", "language": "en", "now": now}
    message = session_mails_of(portal, camille, said)[-1]
    text = spaced(text_of(message))
    assert message["Subject"] == "A remembered browser was used twice – Lumière"
    assert "of your Lumière account was used twice, " in text
    assert "all your sessions are closed: sign in again with your password." in text
    assert ASK_URL in text.splitlines()


@pytest.mark.parametrize(("number", "lead"), [(1, "L’identifiant du compte"), (2, "Les identifiants des 2 comptes")])
def test_forgotten_identifiers_are_listed_one_by_line(portal: Portal, now: datetime, number: int, lead: str) -> None:
    identifiers = [f"camille.martin{rank}" for rank in range(number)]
    message = life_mails.identifiers_mail(
        portal,
        to_address="camille@example.org",
        accounts=[NamedAccount(identifier) for identifier in identifiers],
        ask_url=LINK,
        language="fr",
        now=now,
    )
    text = text_of(message)
    assert lead in text
    assert set(identifiers) <= set(text.splitlines())
    assert LINK in text.splitlines()


def test_a_change_is_told_with_a_way_to_say_that_it_was_not_me(
    portal: Portal, camille: Recipient, now: datetime
) -> None:
    message = password_changed_mail(
        portal,
        to=camille,
        changed_at=now,
        not_me_url=LINK,
        support_address="aide@lumiere.example",
        language="fr",
        now=now,
    )
    text = spaced(text_of(message))
    assert "a été modifié le 20 novembre 2026 à 18 h 14 (heure de Paris)." in text
    assert LINK in text.splitlines()
    assert "aide@lumiere.example" in text


def test_a_message_to_the_support_is_a_persons_and_can_be_answered(portal: Portal, now: datetime) -> None:
    message = support_mail(
        portal,
        reference="BCDFGHJK",
        name="Camille Martin",
        reply_to="camille@example.org",
        message="Bonjour\n\nJe suis bloquée.",
        language="fr",
        now=now,
    )
    assert str(message["To"]) == "aide@lumiere.example"
    assert str(message["Reply-To"]) == "Camille Martin <camille@example.org>"
    assert message["Subject"] == "Demande d’aide BCDFGHJK – Lumière"
    assert message["Auto-Submitted"] == "no"
    assert "X-Auto-Response-Suppress" not in message
    assert text_of(message).endswith("Bonjour\n\nJe suis bloquée.\n")


def test_every_mail_parses_without_defect(every_mail: list[EmailMessage]) -> None:
    for message in every_mail:
        received = message_from_bytes(message.as_bytes(), EmailMessage, policy=SMTP)
        assert not received.defects
        for header in ("From", "To", "Subject", "Date", "Message-ID"):
            assert not received[header].defects, header
