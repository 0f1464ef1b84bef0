"""What happened to an account, in the words of the person whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from retrouve.domain.audit_events import AuditEvent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SENTENCES: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        AuditEvent.SIGNED_IN: _("Connexion"),
        AuditEvent.SIGNED_OUT: _("Déconnexion"),
        AuditEvent.SIGN_IN_FAILED: _("Connexion refusée"),
        AuditEvent.RECOVERY_ASKED: _("Un nouveau mot de passe a été demandé"),
        AuditEvent.PASSWORD_CHANGED: _("Mot de passe modifié"),
        AuditEvent.PASSWORD_NOT_CHANGED: _("Mot de passe refusé par l’annuaire"),
        AuditEvent.CODE_BLOCKED: _("Plusieurs codes faux ont été saisis"),
        AuditEvent.CHANGE_REPUDIATED: _("Compte bloqué (« Ce n’est pas moi »)"),
        AuditEvent.ACCOUNT_UNFROZEN: _("Compte débloqué"),
        AuditEvent.ACCOUNT_CREATED: _("Compte créé"),
        AuditEvent.ACCOUNT_MIGRATED: _("Compte migré"),
        AuditEvent.ACTIVATION_SENT: _("Courriel envoyé pour choisir un mot de passe"),
        AuditEvent.CODE_ISSUED: _("Code remis pour choisir un mot de passe"),
        AuditEvent.HANDED_CODE_RIGHT: _("Un code remis a servi"),
        AuditEvent.HANDED_CODE_WRONG: _("Un code remis a été mal saisi"),
        AuditEvent.CHANGE_FORCED: _("Nouveau mot de passe exigé à la prochaine connexion"),
        AuditEvent.GUARDIAN_APPROVED: _("Accord d’un responsable pour un nouveau mot de passe"),
        AuditEvent.RIGHTS_GRANTED: _("Vous aidez d’autres personnes"),
        AuditEvent.RIGHTS_TAKEN: _("Vous n’aidez plus d’autres personnes"),
        AuditEvent.ADDRESS_CHANGE_ASKED: _("Une nouvelle adresse a été indiquée"),
        AuditEvent.ADDRESS_CHANGED: _("Adresse modifiée"),
        AuditEvent.ADDRESS_CHANGE_UNDONE: _("Ancienne adresse remise"),
        AuditEvent.APPLICATION_ENTERED: _("Passage vers une application"),
        AuditEvent.APPLICATION_AGREED: _("Accord donné à une application"),
        AuditEvent.SESSIONS_ENDED: _("Sessions déconnectées"),
        AuditEvent.SESSION_ENDED: _("Session déconnectée"),
        AuditEvent.SESSION_RESUMED: _("Connexion gardée, reprise"),
        AuditEvent.REMEMBERED_REUSED: _("Connexion gardée utilisée deux fois : tout est déconnecté"),
        AuditEvent.LANGUAGE_CHANGED: _("Langue changée"),
        AuditEvent.DATA_DOWNLOADED: _("Données téléchargées"),
        AuditEvent.SECOND_FACTOR_ADDED: _("Application de codes ajoutée"),
        AuditEvent.SECOND_FACTOR_REMOVED: _("Application de codes retirée"),
        AuditEvent.SECOND_FACTOR_RIGHT: _("Second moyen de preuve donné"),
        AuditEvent.SECOND_FACTOR_WRONG: _("Second moyen de preuve faux"),
        AuditEvent.SECOND_FACTOR_FORGOTTEN: _("Moyens de preuve retirés par un exploitant"),
        AuditEvent.PASSKEY_ADDED: _("Clé d’accès ajoutée"),
        AuditEvent.PASSKEY_REMOVED: _("Clé d’accès retirée"),
        AuditEvent.PASSKEY_COUNT_WENT_BACK: _("Clé d’accès refusée : elle a peut-être été copiée"),
        AuditEvent.RECOVERY_CODES_MADE: _("Nouveaux codes de secours"),
        AuditEvent.RECOVERY_CODE_USED: _("Un code de secours a servi"),
        AuditEvent.FACTORS_LOSS_ASKED: _("Perte des moyens de preuve signalée"),
        AuditEvent.FACTORS_LOSS_STOPPED: _("Perte des moyens de preuve annulée"),
        AuditEvent.FACTORS_LOST: _("Moyens de preuve retirés après le délai"),
    }
)


def event_sentence(event: str, language: str) -> str:
    with override(language):
        return str(SENTENCES[event])
