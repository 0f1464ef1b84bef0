"""The mails that follow a change of password, or "ce n’est pas moi": to the person, to those who help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override

from retrouve.domain.portal import Portal
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Envelope, Letter, NotAnAddressError, Part, mailbox, write
from retrouve.messages.mail_parts import Recipient, sent_to, way_to_support


def password_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    changed_at: datetime,
    support_address: str | None,
    language: str,
    now: datetime,
    not_me_url: str | None = None,
    not_seen: str = "",
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """Tells every verified address of the account, so that a theft does not pass unseen. `not_seen` is what to do where
    the password is written, and does not work everywhere yet.
    """
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(changed_at, zone, language)}
        parts = (
            Part(fill(gettext("Le mot de passe de votre compte {portal} a été modifié {moment}."), values)),
            *_not_seen(not_seen),
            Part(gettext("Si c’est bien vous, il n’y a rien d’autre à faire.")),
            *_not_me(not_me_url),
            *way_to_support(support_address),
        )
        letter = Letter(fill(gettext("Votre mot de passe a été modifié – {portal}"), values), parts)
        return sent_to(to, portal, letter, language, now, zone)


def password_not_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    changed_at: datetime,
    why: str,
    support_address: str | None,
    language: str,
    now: datetime,
    is_known: bool = True,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """For the person who closed the wait page: the directory refused in the end, `changed_at` that moment; or it was
    lost in the middle of a writing, and nobody knows whether it has the new password.
    """
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(changed_at, zone, language)}
        if is_known:
            subject = gettext("Votre mot de passe n’a pas été modifié – {portal}")
            happened = gettext("Le mot de passe de votre compte {portal} n’a pas pu être modifié {moment}.")
            then = gettext("L’ancien mot de passe reste valable. Pour en choisir un autre, refaites la demande.")
        else:
            subject = gettext("Votre mot de passe est peut-être modifié – {portal}")
            happened = gettext("Le mot de passe de votre compte {portal} a peut-être été modifié {moment}.")
            then = gettext("Si aucun des deux n’est accepté, faites une nouvelle demande.")
        parts = (Part(fill(happened, values)), Part(why), Part(then), *way_to_support(support_address))
        return sent_to(to, portal, Letter(fill(subject, values), parts), language, now, zone)


def password_partly_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    where: str,
    why: str,
    support_address: str | None,
    language: str,
    now: datetime,
    is_known: bool = True,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """The account has its new password, and another service, `where`, has not; or nobody knows whether it has."""
    with override(language):
        values = {"portal": portal.name, "where": where}
        said = _not_written(values, why) if is_known else _perhaps_written(values, why)
        parts = (*said, *way_to_support(support_address))
        letter = Letter(fill(gettext("Votre mot de passe n’est pas changé partout – {portal}"), values), parts)
        return sent_to(to, portal, letter, language, now, zone)


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
            Part(fill(gettext("Votre compte {portal} est bloqué, parce que quelqu’un a répondu « Ce n’est pas moi » "
                              "à un changement de mot de passe."), values)),
            Part(gettext("Personne ne peut s’y connecter, ni en changer le mot de passe. "
                         "L’assistance vous rendra l’accès.")),
            Part(fill(gettext("Référence à lui donner : {reference}"), values)),
            *way_to_support(support_address),
        )  # fmt: skip
        letter = Letter(fill(gettext("Votre compte est bloqué – {portal}"), values), parts)
        return sent_to(to, portal, letter, language, now, zone)


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
    return _to_support(portal, letter, language, now.astimezone(zone))


def not_locked_to_support_mail(
    portal: Portal,
    *,
    reference: str,
    where: Sequence[str],
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """To those who help: which directories did not take the password that nobody knows, after "ce n’est pas moi"."""
    with override(language):
        values = {"portal": portal.name, "reference": reference}
        parts = (
            Part(fill(gettext("Un compte {portal} est bloqué. Référence : {reference}"), values)),
            Part(gettext("Son mot de passe devait être remplacé par un autre, que personne ne connaît. Cela n’a pas pu "
                         "être fait, ou vérifié, ici :"), lines=tuple(where)),
            Part(gettext("Le dernier mot de passe choisi y ouvre peut-être encore le compte. Changez-le dans cet "
                         "annuaire, ou fermez-y le compte.")),
        )  # fmt: skip
        letter = Letter(fill(gettext("Compte bloqué {reference}, mot de passe à vérifier – {portal}"), values), parts)
    return _to_support(portal, letter, language, now.astimezone(zone))


def _to_support(portal: Portal, letter: Letter, language: str, now: datetime) -> EmailMessage:
    if portal.support is None:
        raise NotAnAddressError("this portal has no support address")
    return write(portal, Envelope(mailbox(portal.support.address)), letter, language=language, now=now)


def _not_seen(what_to_do: str) -> tuple[Part, ...]:
    if not what_to_do:
        return ()
    return (Part(gettext("Nous n’avons pas encore pu vérifier qu’il fonctionne partout.")), Part(what_to_do))


def _not_written(values: Mapping[str, str], why: str) -> tuple[Part, ...]:
    return (
        Part(fill(gettext("Votre nouveau mot de passe {portal} fonctionne. Mais il n’a pas pu être écrit ici : "
                          "{where}."), values)),
        Part(why),
        Part(fill(gettext("Pour {where}, l’ancien mot de passe reste valable."), values)),
    )  # fmt: skip


def _perhaps_written(values: Mapping[str, str], why: str) -> tuple[Part, ...]:
    return (
        Part(fill(gettext("Votre nouveau mot de passe {portal} est enregistré. Mais nous ne savons pas s’il l’est "
                          "aussi ici : {where}."), values)),
        Part(why),
    )  # fmt: skip


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
