"""The mails about second means: what changed, what waits, a code to type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from retrouve.domain.portal import Portal
from retrouve.domain.second_factor import FactorNews
from retrouve.domain.secret import Secret
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.filling import fill
from retrouve.messages.letters import Letter, Part
from retrouve.messages.mail_parts import Recipient, lifetime, sent_to, way_to_support
from retrouve.messages.mails import code_in_groups

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NEWS: Mapping[FactorNews, StrOrPromise] = MappingProxyType(
    {
        FactorNews.CODES_ADDED: _("Une application de codes a été ajoutée à votre compte {portal}, {moment}."),
        FactorNews.CODES_REMOVED: _("L’application de codes de votre compte {portal} a été retirée, {moment}."),
        FactorNews.PASSKEY_ADDED: _("Une clé d’accès a été ajoutée à votre compte {portal}, {moment}."),
        FactorNews.PASSKEY_REMOVED: _("Une clé d’accès de votre compte {portal} a été retirée, {moment}."),
        FactorNews.RECOVERY_CODES_MADE: _(
            "De nouveaux codes de secours ont été faits pour votre compte {portal}, {moment}. "
            "Les précédents ne valent plus rien."
        ),
        FactorNews.RECOVERY_CODE_USED: _("Un code de secours a servi à ouvrir votre compte {portal}, {moment}."),
        FactorNews.WRONG_PROOFS: _(
            "Quelqu’un a donné le bon mot de passe de votre compte {portal}, puis plusieurs preuves fausses, {moment}. "
            "Le compte ne s’est pas ouvert."
        ),
        FactorNews.LOSS_STOPPED: _(
            "Vous aviez signalé la perte de vos moyens de preuve du compte {portal}. L’un d’eux vient de servir, "
            "{moment} : cette demande est annulée, et vos moyens restent."
        ),
        FactorNews.ALL_LOST: _(
            "Le délai est passé : les moyens de preuve de votre compte {portal} ont été retirés, {moment}, et le "
            "compte s’est ouvert avec le mot de passe seul. Ajoutez un nouveau moyen dès maintenant."
        ),
        FactorNews.ALL_FORGOTTEN: _(
            "Un exploitant a retiré les moyens de preuve de votre compte {portal}, {moment}. "
            "Ajoutez-en un nouveau à votre prochaine connexion."
        ),
    }
)
REMOVALS = (FactorNews.CODES_REMOVED, FactorNews.PASSKEY_REMOVED)


def second_factor_news_mail(
    portal: Portal,
    *,
    to: Recipient,
    news: FactorNews,
    left: int,
    done_at: datetime,
    account_url: str,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """`left`: how many recovery codes, or how many means, are."""
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(done_at, zone, language), "number": left}
        parts = (
            Part(fill(str(NEWS[news]), values)),
            *(Part(fill(sentence, values)) for sentence in what_is_left(news, left)),
            Part(
                gettext("Si ce n’est pas vous, changez votre mot de passe et regardez vos moyens de preuve ici :"),
                link=account_url,
                button=gettext("Ouvrir mon compte"),
            ),
            *way_to_support(support_address),
        )
        subject = fill(gettext("Vos moyens de preuve – {portal}"), values)
        return sent_to(to, portal, Letter(subject, parts), language, now, zone)


def what_is_left(news: FactorNews, left: int) -> tuple[str, ...]:
    if news in REMOVALS and not left:
        return (gettext("C’était le dernier : votre compte n’est plus protégé que par son mot de passe."),)
    if news is FactorNews.RECOVERY_CODE_USED:
        left_and_more = gettext(
            "Nombre de codes de secours qui restent : {number}. Pour en faire de nouveaux : « Mon compte », "
            "« Second moyen de preuve »."
        )
        return (left_and_more,)
    return ()


def second_factor_lost_mail(
    portal: Portal,
    *,
    to: Recipient,
    stop_url: str,
    due_at: datetime,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    """At once, so that there is time to stop it."""
    with override(language):
        values = {"portal": portal.name, "moment": moment_in_words(due_at, zone, language)}
        parts = (
            Part(
                fill(
                    gettext(
                        "Quelqu’un qui connaît le mot de passe de votre compte {portal} a signalé la perte de tous vos "
                        "moyens de preuve (application de codes, clés d’accès, codes de secours)."
                    ),
                    values,
                )
            ),
            Part(
                fill(
                    gettext(
                        "Le délai sera passé {moment}. "
                        "Si c’est vous, connectez-vous alors avec votre mot de passe seul."
                    ),
                    values,
                )
            ),
            Part(
                gettext("Si ce n’est pas vous, arrêtez cette demande par ce lien, puis changez votre mot de passe :"),
                link=stop_url,
                button=gettext("Arrêter cette demande"),
            ),
            *way_to_support(support_address),
        )
        subject = fill(gettext("Perte de vos moyens de preuve – {portal}"), values)
        return sent_to(to, portal, Letter(subject, parts), language, now, zone)


def sign_in_code_mail(
    portal: Portal,
    *,
    to: Recipient,
    code: Secret,
    lasts: timedelta,
    support_address: str,
    language: str,
    now: datetime,
    zone: ZoneInfo = PARIS,
) -> EmailMessage:
    with override(language):
        values = {"portal": portal.name, **lifetime(lasts, now, zone, language)}
        parts = (
            Part(
                fill(gettext("Le code à saisir pour vous connecter à votre compte {portal} :"), values),
                code=code_in_groups(code),
            ),
            Part(fill(gettext("Ce code est valable {duration}, {until}."), values)),
            Part(
                gettext(
                    "Si vous n’êtes pas en train de vous connecter, quelqu’un connaît votre mot de passe : ne donnez "
                    "ce code à personne, et changez le mot de passe."
                )
            ),
            *way_to_support(support_address),
        )
        subject = fill(gettext("Votre code de connexion – {portal}"), values)
        return sent_to(to, portal, Letter(subject, parts), language, now, zone)
