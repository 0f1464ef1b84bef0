"""The mails that follow a change of password, or "ce n’est pas moi": to the person, to those who help."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override

from retrouve.domain.portal import Portal
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Envelope, Letter, NotAnAddressError, Part, mailbox, write
from retrouve.messages.mail_parts import Recipient, envelope_to, greeting, signature, way_to_support


def password_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    changed_at: datetime,
    support_address: str | None,
    language: str,
    now: datetime,
    not_me_url: str | None = None,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """Tells every verified address of the account, so that a theft does not pass unseen."""
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(changed_at, zone, language)}
        parts = (
            greeting(to),
            Part(fill(gettext("Le mot de passe de votre compte {portal} a été modifié {moment}."), values)),
            Part(gettext("Si c’est bien vous, il n’y a rien d’autre à faire.")),
            *_not_me(not_me_url),
            *way_to_support(support_address),
            signature(portal, language),
        )
        letter = Letter(fill(gettext("Votre mot de passe a été modifié – {portal}"), values), parts)
    return write(portal, envelope_to(to), letter, language=language, now=now.astimezone(zone))


def password_not_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    changed_at: datetime,
    why: str,
    support_address: str | None,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """For the person who closed the wait page: the directory refused in the end, `changed_at` that moment."""
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(changed_at, zone, language)}
        parts = (
            greeting(to),
            Part(
                fill(
                    gettext("Le mot de passe de votre compte {portal} n’a pas pu être modifié {moment}."),
                    values,
                )
            ),
            Part(why),
            Part(gettext("L’ancien mot de passe reste valable. Pour en choisir un autre, refaites la demande.")),
            *way_to_support(support_address),
            signature(portal, language),
        )
        letter = Letter(fill(gettext("Votre mot de passe n’a pas été modifié – {portal}"), values), parts)
    return write(portal, envelope_to(to), letter, language=language, now=now.astimezone(zone))


def password_partly_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    where: str,
    why: str,
    support_address: str | None,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """The account has its new password, and another service, `where`, has not."""
    with override(language):
        values = {"portal": portal.name, "where": where}
        parts = (
            greeting(to),
            Part(fill(gettext("Votre nouveau mot de passe {portal} fonctionne. Mais il n’a pas pu être écrit ici : "
                              "{where}."), values)),
            Part(why),
            Part(fill(gettext("Pour {where}, l’ancien mot de passe reste valable."), values)),
            *way_to_support(support_address),
            signature(portal, language),
        )  # fmt: skip
        letter = Letter(fill(gettext("Votre mot de passe n’est pas changé partout – {portal}"), values), parts)
    return write(portal, envelope_to(to), letter, language=language, now=now.astimezone(zone))


def frozen_mail(
    portal: Portal,
    *,
    to: Recipient,
    reference: str,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """After "ce n’est pas moi", and whenever somebody asks for the account until it is unfrozen."""
    with override(language):
        values = {"portal": portal.name, "reference": reference}
        parts = (
            greeting(to),
            Part(fill(gettext("Votre compte {portal} est bloqué, parce que quelqu’un a répondu « Ce n’est pas moi » "
                              "à un changement de mot de passe."), values)),
            Part(gettext("Personne ne peut s’y connecter, ni en changer le mot de passe. "
                         "L’assistance vous rendra l’accès.")),
            Part(fill(gettext("Référence à lui donner : {reference}"), values)),
            *way_to_support(support_address),
            signature(portal, language),
        )  # fmt: skip
        letter = Letter(fill(gettext("Votre compte est bloqué – {portal}"), values), parts)
    return write(portal, envelope_to(to), letter, language=language, now=now.astimezone(zone))


def frozen_to_support_mail(
    portal: Portal,
    *,
    reference: str,
    identifier: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """To those who help: which account was frozen, and what is expected of them."""
    if portal.support is None:
        raise NotAnAddressError("this portal has no support address")
    with override(language):
        values = {"portal": portal.name, "reference": reference, "identifier": identifier}
        parts = (
            Part(fill(gettext("Une personne signale qu’elle n’a pas changé le mot de passe de ce compte {portal} :"),
                      values), lines=(identifier,)),
            Part(fill(gettext("Le compte est bloqué. Référence : {reference}"), values)),
            Part(gettext("Vérifiez qui vous parle, puis faites débloquer le compte : la personne choisira alors un "
                         "nouveau mot de passe. Vérifiez aussi que son adresse électronique est bien la sienne.")),
        )  # fmt: skip
        letter = Letter(fill(gettext("Compte bloqué {reference} – {portal}"), values), parts)
    return write(portal, Envelope(mailbox(portal.support.address)), letter, language=language, now=now.astimezone(zone))


def _not_me(url: str | None) -> tuple[Part, ...]:
    if not url:
        return (Part(gettext("Si ce n’est pas vous, prévenez l’assistance sans attendre.")),)
    return (
        Part(
            gettext("Si ce n’est pas vous, dites-le sans attendre sur cette page :"),
            link=url,
            button=gettext("Ce n’est pas moi"),
        ),
    )
