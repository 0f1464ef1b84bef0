"""The mails about sessions: somebody signed in somewhere new; a browser that stays signed in was copied."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override

from retrouve.domain.portal import Portal
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Letter, Part
from retrouve.messages.mail_parts import Recipient, sent_to, way_to_support


def new_device_mail(
    portal: Portal,
    *,
    to: Recipient,
    device: str,
    signed_in_at: datetime,
    ask_url: str,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """What the browser calls itself, and when: no place, which would be a guess."""
    with override(language):
        values = {
            "portal": portal.name,
            "device": device or gettext("un navigateur"),
            "moment": moment_in_words(signed_in_at, zone, language),
        }
        known = (gettext("Appareil : {device}"), gettext("Connexion : {moment}"))
        parts = (
            Part(
                fill(gettext("Une connexion à votre compte {portal} vient d’un appareil nouveau :"), values),
                lines=tuple(fill(sentence, values) for sentence in known),
            ),
            Part(gettext("Si c’était vous, il n’y a rien à faire.")),
            Part(
                gettext("Si ce n’était pas vous, choisissez un nouveau mot de passe : il ferme toutes les sessions."),
                link=ask_url,
                button=gettext("Choisir un nouveau mot de passe"),
            ),
            *way_to_support(support_address),
        )
        letter = Letter(fill(gettext("Connexion depuis un nouvel appareil – {portal}"), values), parts)
        return sent_to(to, portal, letter, language, now, zone)


def remembered_reused_mail(
    portal: Portal,
    *,
    to: Recipient,
    seen_at: datetime,
    ask_url: str,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(seen_at, zone, language)}
        twice = gettext(
            "Une connexion gardée (« Se souvenir de moi ») de votre compte {portal} a été utilisée deux fois, {moment}."
        )
        parts = (
            Part(fill(twice, values)),
            Part(
                gettext(
                    "Quelqu’un en a peut-être fait une copie. Par prudence, toutes vos sessions sont fermées : "
                    "reconnectez-vous avec votre mot de passe."
                )
            ),
            Part(
                gettext("Si vous avez un doute, choisissez un nouveau mot de passe :"),
                link=ask_url,
                button=gettext("Choisir un nouveau mot de passe"),
            ),
            *way_to_support(support_address),
        )
        letter = Letter(fill(gettext("Une connexion gardée a été utilisée deux fois – {portal}"), values), parts)
        return sent_to(to, portal, letter, language, now, zone)
