"""The mails that people ask for, one function each: what is said, in which order, in the reader's language."""

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
from retrouve.domain.proofs import in_groups
from retrouve.domain.secret import Secret
from retrouve.messages.durations import PARIS, duration_in_words, moment_in_words
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
from retrouve.messages.mail_parts import (
    NamedAccount,
    Recipient,
    account_to_note,
    lifetime,
    lines_naming,
    never_activated,
    sent_to,
    way_to_support,
)
from retrouve.messages.wording import phrase

_DIGITS_IN_A_GROUP = 3
_LETTERS_IN_A_GROUP = 4


class Guessed(Enum):
    """Whether somebody has been guessing the account's codes, so that a link stands in for them."""

    NO = 0
    TODAY = 1
    JUST_NOW = 2  # nobody asked for this mail: it warns


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
    first_time: bool = False,
    among: Sequence[NamedAccount] = (),
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """The proof: a link, a code or both, how long they last, and what to do if one did not ask. `first_time`: the
    account was never activated. `among`: the accounts of this address, one of which is chosen after the proof.
    """
    said = _Lifetime(now, zone, language)
    with override(language):
        parts = (
            *_why(portal, guessed, language),
            *((never_activated(portal),) if first_time else ()),
            *_among(portal, among),
            *(_link_parts(portal, link, link_lasts, said) if link else ()),
            *(_code_parts(portal, code, code_lasts, said) if code else ()),
            *(() if guessed is Guessed.JUST_NOW else (_which_counts(asked_at, said),)),
            Part(phrase(portal, Phrase.MAIL_IGNORE, language)),
            *way_to_support(portal.support.address if portal.support else None),
            *(() if among else account_to_note(portal, to, language)),
        )
        letter = Letter(_subject(portal, guessed, language), parts)
        return sent_to(to, portal, letter, language, now, zone)


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
        return fill(sentence, lifetime(lasts, self.now, self.zone, self.language))


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


def _among(portal: Portal, among: Sequence[NamedAccount]) -> tuple[Part, ...]:
    if not among:
        return ()
    lead = ngettext(
        "Le compte {portal} qui utilise cette adresse :",
        "{number} comptes {portal} utilisent cette adresse. Vous choisirez lequel sur la page suivante :",
        len(among),
    )
    return (Part(fill(lead, {"portal": portal.name, "number": len(among)}), lines=lines_naming(among)),)


def _link_parts(portal: Portal, link: str, lasts: timedelta, said: _Lifetime) -> tuple[Part, ...]:
    lead = phrase(portal, Phrase.MAIL_LINK_LEAD, said.language, duration=duration_in_words(lasts, said.language))
    return (
        Part(lead, link=link, button=gettext("Choisir un nouveau mot de passe")),
        Part(said.say(gettext("Ce lien est valable {duration}, {until}."), lasts)),
    )


def _code_parts(portal: Portal, code: Secret, lasts: timedelta, said: _Lifetime) -> tuple[Part, ...]:
    lead = phrase(portal, Phrase.MAIL_CODE_LEAD, said.language, duration=duration_in_words(lasts, said.language))
    return (
        Part(lead, code=code_in_groups(code)),
        Part(said.say(gettext("Ce code est valable {duration}, {until}."), lasts)),
    )


def code_in_groups(code: Secret) -> str:
    """`123 456`, `BCDF GHJK`."""
    return in_groups(code, _DIGITS_IN_A_GROUP if code.reveal().isdigit() else _LETTERS_IN_A_GROUP)


def _which_counts(asked_at: datetime, said: _Lifetime) -> Part:
    sentence = gettext(
        "La demande a été faite {moment}. S’il y en a eu plusieurs, seul le dernier courriel reçu compte."
    )
    return Part(fill(sentence, {"moment": moment_in_words(asked_at, said.zone, said.language)}))
