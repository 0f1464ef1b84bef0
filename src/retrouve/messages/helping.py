"""What those who help read: the state of an account, what became of a mail, what was just done."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from retrouve.domain.account import AccountState
from retrouve.messages.filling import fill

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STATES: Mapping[AccountState, StrOrPromise] = MappingProxyType(
    {
        AccountState.ACTIVE: _("Compte activé"),
        AccountState.NOT_ACTIVATED: _("Compte jamais activé"),
        AccountState.LEGACY: _("Ancien compte, pas encore migré"),
        AccountState.DISABLED: _("Compte fermé"),
    }
)

ACTS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "send_activation": _("Le courriel part."),
        "force_change": _("Un nouveau mot de passe sera demandé à la prochaine connexion."),
        "end_sessions": _("Toutes ses sessions sont fermées."),
        "unlock": _("Le compte est débloqué."),
        "migrate": _("Le compte est migré : la personne peut choisir un mot de passe."),
        "not_possible": _("Cela ne se peut pas dans l’état de ce compte. Rien n’a changé."),
    }
)

MAILS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "recovery": _("Nouveau mot de passe"),
        "activation": _("Activation du compte"),
        "codes_blocked": _("Codes faux signalés"),
        "password_changed": _("Mot de passe modifié"),
        "password_not_changed": _("Mot de passe refusé"),
        "password_partly_changed": _("Mot de passe modifié en partie"),
        "frozen": _("Compte bloqué"),
        "not_migrated": _("Compte pas encore migré"),
        "helped": _("Aide reçue"),
        "address_to_confirm": _("Adresse à confirmer"),
        "address_changed": _("Adresse modifiée"),
        "new_device": _("Connexion depuis un nouvel appareil"),
        "remembered_reused": _("Connexion gardée utilisée deux fois"),
    }
)
OTHER_MAIL = _("Autre courriel")

OUTCOMES: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "queued": _("{mail} : en route"),
        "sent": _("{mail} : remis au serveur de messagerie"),
        "refused": _("{mail} : refusé"),
        "dropped": _("{mail} : pas envoyé"),
    }
)


def state_sentence(state: AccountState, language: str) -> str:
    with override(language):
        return str(STATES[state])


def act_sentence(act: str, language: str) -> str:
    """Nothing for what is not an act."""
    with override(language):
        return str(ACTS.get(act, ""))


def mail_sentence(kind: str, state: str, language: str) -> str:
    with override(language):
        return fill(str(OUTCOMES[state]), {"mail": str(MAILS.get(kind, OTHER_MAIL))})
