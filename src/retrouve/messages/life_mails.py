"""The mails of an account's life: created, its identifier forgotten, its address changed, helped by somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Letter, Part, name_of_a_person
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

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What somebody who helps did, as the person reads it.
ACTS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "issue_code": _("a préparé un code qui permet de choisir un nouveau mot de passe"),
        "force_change": _("a demandé qu’un nouveau mot de passe soit choisi à la prochaine connexion"),
        "end_sessions": _("a fermé toutes les sessions de votre compte, sur tous les appareils"),
        "unlock": _("a débloqué votre compte"),
        "migrate": _("a migré votre compte : vous pouvez maintenant choisir un mot de passe"),
    }
)


def registration_mail(
    portal: Portal, *, to: Recipient, link: str, lasts: timedelta, language: str, now: datetime, zone: ZoneInfo = PARIS
) -> EmailMessage:
    """To an address that somebody typed: its owner confirms, or lets it be, and nothing is created."""
    with override(language):
        values = {"portal": portal.name, **lifetime(lasts, now, zone, language)}
        parts = (
            Part(fill(gettext("La création d’un compte {portal} a été demandée avec votre adresse."), values)),
            Part(
                gettext("Pour confirmer que cette adresse est la vôtre, suivez ce lien :"),
                link=link,
                button=gettext("Confirmer mon adresse"),
            ),
            Part(fill(gettext("Ce lien est valable {duration}, {until}."), values)),
            Part(gettext("Si vous n’avez rien demandé, ignorez ce message : aucun compte ne sera créé.")),
            *way_to_support(portal.support.address if portal.support else None),
        )
        return sent_to(
            to, portal, Letter(fill(gettext("Confirmez votre adresse – {portal}"), values), parts), language, now, zone
        )


def already_registered_mail(
    portal: Portal, *, to: Recipient, ask_url: str, language: str, now: datetime, zone: ZoneInfo = PARIS
) -> EmailMessage:
    """What the page does not say: this address has an account already."""
    with override(language):
        values = {"portal": portal.name}
        parts = (
            Part(fill(gettext("Quelqu’un a voulu créer un compte {portal} avec votre adresse."), values)),
            Part(
                gettext("Vous en avez déjà un. Si le mot de passe vous échappe, choisissez-en un autre ici :"),
                link=ask_url,
                button=gettext("Choisir un nouveau mot de passe"),
            ),
            Part(gettext("Si ce n’était pas vous, ignorez ce message : rien n’a changé.")),
            *way_to_support(portal.support.address if portal.support else None),
        )
        return sent_to(
            to, portal, Letter(fill(gettext("Vous avez déjà un compte – {portal}"), values), parts), language, now, zone
        )


def identifiers_mail(
    portal: Portal,
    *,
    to_address: str,
    accounts: Sequence[NamedAccount],
    ask_url: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """All the identifiers of an address, each with its institution. No secret: nothing expires."""
    number = len(accounts)
    to = Recipient(to_address)
    with override(language):
        lead = ngettext(
            "L’identifiant du compte {portal} qui utilise cette adresse :",
            "Les identifiants des {number} comptes {portal} qui utilisent cette adresse :",
            number,
        )
        subject = ngettext("Votre identifiant – {portal}", "Vos identifiants – {portal}", number)
        values = {"portal": portal.name, "number": number}
        parts = (
            Part(fill(lead, values), lines=lines_naming(accounts)),
            Part(
                gettext("Si le mot de passe vous échappe aussi, choisissez-en un autre sur cette page :"),
                link=ask_url,
                button=gettext("Choisir un nouveau mot de passe"),
            ),
            Part(phrase(portal, Phrase.MAIL_IGNORE, language)),
            *way_to_support(portal.support.address if portal.support else None),
        )
        return sent_to(to, portal, Letter(fill(subject, values), parts), language, now, zone)


def not_migrated_mail(
    portal: Portal,
    *,
    to: Recipient,
    institution: str,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """Why no link comes, and who can change that. They have been told already."""
    with override(language):
        values = {"portal": portal.name, "institution": institution}
        who = gettext("Votre institution voit votre demande et peut migrer votre compte.")
        named = gettext("{institution} voit votre demande et peut migrer votre compte.")
        parts = (
            Part(fill(gettext("Un nouveau mot de passe a été demandé pour votre compte {portal}."), values)),
            Part(gettext("Ce compte vient de l’ancien système, et n’est pas encore migré.")),
            Part(fill(named, values) if institution else who),
            Part(gettext("Un courriel vous dira quand ce sera fait : vous pourrez alors choisir un mot de passe.")),
            Part(phrase(portal, Phrase.MAIL_IGNORE, language)),
            *way_to_support(support_address),
        )
        return sent_to(
            to,
            portal,
            Letter(fill(gettext("Votre compte n’est pas encore migré – {portal}"), values), parts),
            language,
            now,
            zone,
        )


def address_to_confirm_mail(
    portal: Portal, *, to: Recipient, link: str, lasts: timedelta, language: str, now: datetime, zone: ZoneInfo = PARIS
) -> EmailMessage:
    """To the new address: it counts once its owner has answered."""
    with override(language):
        values = {"portal": portal.name, **lifetime(lasts, now, zone, language)}
        parts = (
            Part(fill(gettext("Cette adresse a été indiquée pour votre compte {portal}."), values)),
            Part(
                gettext("Pour confirmer qu’elle est la vôtre, suivez ce lien :"),
                link=link,
                button=gettext("Confirmer mon adresse"),
            ),
            Part(fill(gettext("Ce lien est valable {duration}, {until}."), values)),
            Part(gettext("Si vous n’avez rien demandé, ignorez ce message : votre adresse ne servira pas.")),
        )
        return sent_to(
            to, portal, Letter(fill(gettext("Confirmez votre adresse – {portal}"), values), parts), language, now, zone
        )


def address_changed_mail(
    portal: Portal,
    *,
    to: Recipient,
    undo_url: str,
    lasts: timedelta,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """To the address that was. Its owner may take the change back, and nobody else is asked."""
    with override(language):
        values = {"portal": portal.name, **lifetime(lasts, now, zone, language)}
        parts = (
            Part(fill(gettext("L’adresse de votre compte {portal} a été changée : ce n’est plus celle-ci."), values)),
            Part(gettext("Si c’est bien vous, il n’y a rien d’autre à faire.")),
            Part(
                gettext("Si ce n’est pas vous, remettez cette adresse par ce lien :"),
                link=undo_url,
                button=gettext("Remettre mon adresse"),
            ),
            Part(fill(gettext("Ce lien est valable {duration}, {until}."), values)),
            *way_to_support(support_address),
        )
        return sent_to(
            to,
            portal,
            Letter(fill(gettext("L’adresse de votre compte a changé – {portal}"), values), parts),
            language,
            now,
            zone,
        )


def guardian_mail(
    portal: Portal,
    *,
    to: Recipient,
    pupil: str,
    link: str,
    lasts: timedelta,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """To somebody who answers for a pupil without an address of their own."""
    with override(language):
        values = {
            "portal": portal.name,
            "pupil": name_of_a_person(pupil) or gettext("Un élève"),
            **lifetime(lasts, now, zone, language),
        }
        parts = (
            Part(fill(gettext("Un nouveau mot de passe {portal} a été demandé pour {pupil}."), values)),
            Part(
                gettext("Si vous êtes d’accord, ce lien vous donne un code à lui remettre :"),
                link=link,
                button=gettext("Donner mon accord"),
            ),
            Part(fill(gettext("Ce lien est valable {duration}, {until}."), values)),
            Part(gettext("Sinon, ignorez ce message : rien ne change.")),
            *way_to_support(support_address),
        )
        return sent_to(
            to,
            portal,
            Letter(fill(gettext("Votre accord pour {pupil} – {portal}"), values), parts),
            language,
            now,
            zone,
        )


def helped_mail(
    portal: Portal,
    *,
    to: Recipient,
    act: str,
    helper: str,
    done_at: datetime,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """`act` is one of `ACTS`. Whoever did it is named, so that nothing is done behind anybody's back."""
    with override(language):
        values = {
            "portal": portal.name,
            "moment": moment_in_words(done_at, zone, language),
            "helper": name_of_a_person(helper) or gettext("Une personne qui aide"),
            "act": str(ACTS[act]),
        }
        parts = (
            Part(fill(gettext("{helper} {act}, {moment}."), values)),
            Part(gettext("Si vous ne vous y attendiez pas, parlez-en à votre établissement ou à l’assistance.")),
            *way_to_support(support_address),
        )
        return sent_to(
            to,
            portal,
            Letter(fill(gettext("Quelqu’un s’est occupé de votre compte – {portal}"), values), parts),
            language,
            now,
            zone,
        )


def activation_mail(
    portal: Portal,
    *,
    to: Recipient,
    helper: str,
    first_time: bool,
    link: str,
    lasts: timedelta,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """A link that somebody who helps sends. None of the portal's sentences about what the person asked for: they did
    not ask.
    """
    with override(language):
        values = {
            "portal": portal.name,
            "helper": name_of_a_person(helper) or gettext("Une personne qui aide"),
            **lifetime(lasts, now, zone, language),
        }
        if first_time:
            subject = gettext("Activez votre compte – {portal}")
            sends = gettext("{helper} vous envoie de quoi activer votre compte {portal}.")
        else:
            subject = gettext("Choisissez un nouveau mot de passe – {portal}")
            sends = gettext("{helper} vous envoie de quoi choisir un nouveau mot de passe pour votre compte {portal}.")
        parts = (
            Part(fill(sends, values)),
            *((never_activated(portal),) if first_time else ()),
            Part(
                gettext("Pour choisir un mot de passe, suivez ce lien, ou recopiez-le dans votre navigateur :"),
                link=link,
                button=gettext("Choisir un mot de passe"),
            ),
            Part(fill(gettext("Ce lien est valable {duration}, {until}."), values)),
            Part(gettext("Si vous ne vous y attendiez pas, parlez-en à votre établissement ou à l’assistance.")),
            *way_to_support(support_address),
            *account_to_note(portal, to, language),
        )
        return sent_to(to, portal, Letter(fill(subject, values), parts), language, now, zone)


def support_received_mail(
    portal: Portal, *, address: str, reference: str, language: str, now: datetime, zone: ZoneInfo = PARIS
) -> EmailMessage:
    """The message has arrived. It is not quoted: this mail goes to whatever address was typed (ATT-44)."""
    to = Recipient(address)
    with override(language):
        values = {"portal": portal.name, "reference": reference}
        parts = (
            Part(fill(gettext("Votre message à l’assistance {portal} est bien arrivé."), values)),
            Part(fill(gettext("Sa référence : {reference}. Donnez-la si vous téléphonez ou écrivez encore."), values)),
            Part(gettext("Si vous n’avez rien écrit, ignorez ce message.")),
        )
        return sent_to(
            to, portal, Letter(fill(gettext("Votre message est arrivé – {portal}"), values), parts), language, now, zone
        )
