"""The mails, one function each: what is said, in which order, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import Enum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext, override

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.durations import PARIS, duration_in_words, moment_in_words, until_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import (
    Envelope,
    Letter,
    NotAnAddressError,
    Part,
    mailbox,
    name_of_a_person,
    write,
)
from retrouve.messages.wording import phrase

_DIGITS_IN_A_GROUP = 3
_LETTERS_IN_A_GROUP = 4


class Guessed(Enum):
    """Whether somebody has been guessing the account's codes, so that a link stands in for them."""

    NO = 0
    TODAY = 1
    JUST_NOW = 2  # nobody asked for this mail: it warns


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes, and what it may say of the account it is about."""

    address: str
    first_name: str = ""
    last_name: str = ""
    identifier: str = ""
    email: str = ""


def recovery_mail(
    portal: Portal,
    *,
    to: Recipient,
    link: str | None,
    link_lasts: timedelta,
    code: Secret | None,
    code_lasts: timedelta,
    asked_at: datetime,
    language: str,
    now: datetime,
    guessed: Guessed = Guessed.NO,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """The proof: a link, a code or both, how long they last, and what to do if one did not ask."""
    lifetime = _Lifetime(now, zone, language)
    with override(language):
        parts = (
            _greeting(to),
            *_why(portal, guessed, language),
            *(_link_parts(portal, link, link_lasts, lifetime) if link else ()),
            *(_code_parts(portal, code, code_lasts, lifetime) if code else ()),
            *(() if guessed is Guessed.JUST_NOW else (_which_counts(asked_at, lifetime),)),
            Part(phrase(portal, Phrase.MAIL_IGNORE, language)),
            *_support(portal.support.address if portal.support else None),
            *_account(portal, to, language),
            _signature(portal, language),
        )
        letter = Letter(_subject(portal, guessed, language), parts)
    return write(portal, _envelope(to), letter, language=language, now=now.astimezone(zone))


def several_accounts_mail(
    portal: Portal,
    *,
    to_address: str,
    identifiers: Sequence[str],
    ask_url: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """Which identifiers go with an address: one, forgotten, or several among which to choose."""
    number = len(identifiers)
    with override(language):
        lead = ngettext(
            "L’identifiant du compte {portal} qui utilise cette adresse :",
            "Les identifiants des {number} comptes {portal} qui utilisent cette adresse :",
            number,
        )
        subject = ngettext("Votre identifiant – {portal}", "Vos identifiants – {portal}", number)
        values = {"portal": portal.name, "number": number}
        parts = (
            Part(gettext("Bonjour,")),
            Part(fill(lead, values), lines=tuple(identifiers)),
            Part(
                gettext("Pour choisir un nouveau mot de passe, donnez un identifiant sur cette page :"),
                link=ask_url,
                button=gettext("Choisir un nouveau mot de passe"),
            ),
            Part(phrase(portal, Phrase.MAIL_IGNORE, language)),
            *_support(portal.support.address if portal.support else None),
            _signature(portal, language),
        )
        letter = Letter(fill(subject, values), parts)
    return write(portal, Envelope(mailbox(to_address)), letter, language=language, now=now.astimezone(zone))


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
            _greeting(to),
            Part(fill(gettext("Le mot de passe de votre compte {portal} a été modifié {moment}."), values)),
            Part(gettext("Si c’est bien vous, il n’y a rien d’autre à faire.")),
            *_not_me(not_me_url),
            *_support(support_address),
            _signature(portal, language),
        )
        letter = Letter(fill(gettext("Votre mot de passe a été modifié – {portal}"), values), parts)
    return write(portal, _envelope(to), letter, language=language, now=now.astimezone(zone))


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
            _greeting(to),
            Part(
                fill(
                    gettext("Le mot de passe de votre compte {portal} n’a pas pu être modifié {moment}."),
                    values,
                )
            ),
            Part(why),
            Part(gettext("L’ancien mot de passe reste valable. Pour en choisir un autre, refaites la demande.")),
            *_support(support_address),
            _signature(portal, language),
        )
        letter = Letter(fill(gettext("Votre mot de passe n’a pas été modifié – {portal}"), values), parts)
    return write(portal, _envelope(to), letter, language=language, now=now.astimezone(zone))


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
            _greeting(to),
            Part(fill(gettext("Votre nouveau mot de passe {portal} fonctionne. Mais il n’a pas pu être écrit ici : "
                              "{where}."), values)),
            Part(why),
            Part(fill(gettext("Pour {where}, l’ancien mot de passe reste valable."), values)),
            *_support(support_address),
            _signature(portal, language),
        )  # fmt: skip
        letter = Letter(fill(gettext("Votre mot de passe n’est pas changé partout – {portal}"), values), parts)
    return write(portal, _envelope(to), letter, language=language, now=now.astimezone(zone))


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
            _greeting(to),
            Part(fill(gettext("Votre compte {portal} est bloqué, parce que quelqu’un a répondu « Ce n’est pas moi » "
                              "à un changement de mot de passe."), values)),
            Part(gettext("Personne ne peut s’y connecter, ni en changer le mot de passe. "
                         "L’assistance vous rendra l’accès.")),
            Part(fill(gettext("Référence à lui donner : {reference}"), values)),
            *_support(support_address),
            _signature(portal, language),
        )  # fmt: skip
        letter = Letter(fill(gettext("Votre compte est bloqué – {portal}"), values), parts)
    return write(portal, _envelope(to), letter, language=language, now=now.astimezone(zone))


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


def support_mail(
    portal: Portal,
    *,
    reference: str,
    name: str,
    reply_to: str,
    message: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """What a person wrote, to the portal's support. It is not marked automatic: help desks drop such mail."""
    if portal.support is None:
        raise NotAnAddressError("this portal has no support address")
    with override(language):
        values = {"portal": portal.name, "reference": reference, "name": name, "address": reply_to}
        parts = (
            Part(fill(gettext("{name} ({address}) demande de l’aide pour {portal}."), values)),
            Part(fill(gettext("Référence : {reference}"), values)),
            Part(gettext("Son message :"), lines=tuple(message.splitlines())),
        )
        letter = Letter(fill(gettext("Demande d’aide {reference} – {portal}"), values), parts)
    envelope = Envelope(mailbox(portal.support.address), mailbox(reply_to, name_of_a_person(name)), automatic=False)
    return write(portal, envelope, letter, language=language, now=now.astimezone(zone))


@dataclass(frozen=True)
class _Lifetime:
    """From when, where the clock hangs, and in which words a lifetime is said."""

    now: datetime
    zone: ZoneInfo
    language: str

    def say(self, sentence: str, lasts: timedelta) -> str:
        until = until_in_words(self.now + lasts, self.now, self.zone, self.language)
        return fill(sentence, {"duration": duration_in_words(lasts, self.language), "until": until})


def _subject(portal: Portal, guessed: Guessed, language: str) -> str:
    if guessed is not Guessed.JUST_NOW:
        return phrase(portal, Phrase.MAIL_SUBJECT, language)
    return fill(gettext("Quelqu’un essaie des codes sur votre compte – {portal}"), {"portal": portal.name})


def _why(portal: Portal, guessed: Guessed, language: str) -> tuple[Part, ...]:
    values = {"portal": portal.name}
    match guessed:
        case Guessed.NO:
            return (Part(phrase(portal, Phrase.MAIL_REASON, language)),)
        case Guessed.TODAY:
            instead = gettext(
                "Plusieurs codes faux ont été saisis pour ce compte aujourd’hui : un lien remplace le code."
            )
            return Part(phrase(portal, Phrase.MAIL_REASON, language)), Part(instead)
        case Guessed.JUST_NOW:
            warning = gettext(
                "Plusieurs codes faux ont été saisis pour votre compte {portal}. Personne n’y est entré, et rien n’a "
                "changé. Aucun code n’est plus accepté aujourd’hui."
            )
            return Part(fill(warning, values)), Part(gettext("Si c’était vous, ce lien remplace le code."))


def _envelope(to: Recipient) -> Envelope:
    full_name = f"{name_of_a_person(to.first_name)} {name_of_a_person(to.last_name)}"
    return Envelope(mailbox(to.address, full_name))


def _greeting(to: Recipient) -> Part:
    name = name_of_a_person(to.first_name)
    return Part(fill(gettext("Bonjour {name},"), {"name": name}) if name else gettext("Bonjour,"))


def _link_parts(portal: Portal, link: str, lasts: timedelta, lifetime: _Lifetime) -> tuple[Part, ...]:
    lead = phrase(portal, Phrase.MAIL_LINK_LEAD, lifetime.language)
    return (
        Part(lead, link=link, button=gettext("Choisir un nouveau mot de passe")),
        Part(lifetime.say(gettext("Ce lien est valable {duration}, {until}."), lasts)),
    )


def _code_parts(portal: Portal, code: Secret, lasts: timedelta, lifetime: _Lifetime) -> tuple[Part, ...]:
    lead = phrase(portal, Phrase.MAIL_CODE_LEAD, lifetime.language)
    return (
        Part(lead, code=code_in_groups(code)),
        Part(lifetime.say(gettext("Ce code est valable {duration}, {until}."), lasts)),
    )


def code_in_groups(code: Secret) -> str:
    """`123 456`, `BCDF GHJK`: with plain spaces, which are forgiven when typed back."""
    clear = code.reveal()
    size = _DIGITS_IN_A_GROUP if clear.isdigit() else _LETTERS_IN_A_GROUP
    return " ".join(clear[start : start + size] for start in range(0, len(clear), size))


def _which_counts(asked_at: datetime, lifetime: _Lifetime) -> Part:
    sentence = gettext(
        "La demande a été faite {moment}. S’il y en a eu plusieurs, seul le dernier courriel reçu compte."
    )
    return Part(fill(sentence, {"moment": moment_in_words(asked_at, lifetime.zone, lifetime.language)}))


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


def _support(address: str | None) -> tuple[Part, ...]:
    if not address:
        return ()
    return (Part(fill(gettext("Besoin d’aide ? Écrivez à {address}"), {"address": address})),)


def _account(portal: Portal, to: Recipient, language: str) -> tuple[Part, ...]:
    if not portal.recovery.mail_shows_account:
        return ()
    known = (
        (gettext("Votre identifiant : {value}"), to.identifier),
        (gettext("Votre adresse email : {value}"), to.email),
    )
    lines = tuple(fill(sentence, {"value": value}) for sentence, value in known if value)
    return (Part(phrase(portal, Phrase.MAIL_ACCOUNT_LEAD, language), lines=lines),) if lines else ()


def _signature(portal: Portal, language: str) -> Part:
    signature = phrase(portal, Phrase.MAIL_SIGNATURE, language)
    return Part(lines=tuple(signature.splitlines()))
