"""The sentences that a portal file may word its own way, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import IdentifierKind, Portal
from retrouve.messages.filling import fill

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# An empty sentence: a portal usually says nothing there. `{portal}` is always known; `{duration}` is given
# by the pages and mails that say how long something lasts (`sentences.duration_in_words`).
USUAL: Mapping[Phrase, StrOrPromise] = MappingProxyType(
    {
        Phrase.SIGN_IN_TITLE: _("Se connecter"),
        Phrase.SIGN_IN_INTRO: "",
        Phrase.SIGN_IN_BUTTON: _("Se connecter"),
        Phrase.IDENTIFIER_LABEL: _("Identifiant"),
        Phrase.IDENTIFIER_HINT: "",
        Phrase.FORGOT_LEAD: "",
        Phrase.FORGOT_LINK: _("Mot de passe oublié"),
        Phrase.HELP_LINK: _("Besoin d’aide ?"),
        Phrase.REGISTER_LEAD: _("Vous n’avez pas encore de compte ?"),
        Phrase.REGISTER_LINK: _("Créer un compte"),
        Phrase.REGISTER_TITLE: _("Créer un compte"),
        Phrase.REGISTER_INTRO: _("Un courriel vous demandera de confirmer votre adresse."),
        Phrase.REGISTER_BUTTON: _("Créer mon compte"),
        Phrase.REGISTERED_TITLE: _("Votre compte est créé"),
        Phrase.REGISTERED_TEXT: _("Vous pouvez maintenant vous connecter."),
        Phrase.ACTIVATE_LEAD: _("Vous avez reçu un code sur papier ?"),
        Phrase.ACTIVATE_LINK: _("Activer mon compte"),
        Phrase.ACTIVATE_TITLE: _("Activer votre compte"),
        Phrase.ACTIVATE_INTRO: _("Saisissez l’identifiant et le code que votre établissement vous a remis."),
        Phrase.ACTIVATE_BUTTON: _("Continuer"),
        Phrase.AUDIENCE_TITLE: _("Je suis…"),
        Phrase.AUDIENCE_INTRO: _("Choisissez la situation qui est la vôtre : elle mène au bon service."),
        Phrase.ASK_TITLE: _("Mot de passe oublié"),
        Phrase.ASK_INTRO: _("Indiquez votre compte : un courriel vous permettra de choisir un nouveau mot de passe."),
        Phrase.ASK_LEGEND: _("Récupération par :"),
        Phrase.ASK_BUTTON: _("Recevoir un courriel"),
        Phrase.SENT_TITLE: _("Consultez votre messagerie"),
        Phrase.SENT_TEXT: _(
            "Si un compte correspond à ce que vous avez saisi, un courriel vient de lui être envoyé. "
            "Le lien qu’il contient reste valable {duration}."
        ),
        Phrase.CODE_TITLE: _("Code de sécurité"),
        Phrase.CODE_INTRO: _(
            "Si un compte correspond à ce que vous avez saisi, un code de sécurité vient d’être envoyé "
            "à son adresse électronique. Il reste valable {duration}."
        ),
        Phrase.NEW_PASSWORD_TITLE: _("Choisir un nouveau mot de passe"),
        Phrase.NEW_PASSWORD_INTRO: "",
        Phrase.NEW_PASSWORD_RULES: _("Votre mot de passe doit comporter :"),
        Phrase.NEW_PASSWORD_LABEL: _("Nouveau mot de passe"),
        Phrase.CONFIRM_LABEL: _("Confirmer le mot de passe"),
        Phrase.NEW_PASSWORD_BUTTON: _("Modifier le mot de passe"),
        Phrase.WAIT_TITLE: _("Mise à jour en cours"),
        Phrase.WAIT_TEXT: _("Votre mot de passe est en cours de mise à jour. Cela peut prendre plusieurs minutes."),
        Phrase.RESULT_TITLE: _("Mot de passe modifié"),
        Phrase.RESULT_TEXT: _("Votre mot de passe a été modifié. Vous pouvez vous connecter."),
        Phrase.RESULT_BUTTON: _("Se connecter"),
        Phrase.REDIRECT_TEXT: _("Redirection automatique vers {portal} dans {duration}."),
        Phrase.HELP_TITLE: _("Besoin d’aide ?"),
        Phrase.HELP_INTRO: _("Choisissez la situation qui est la vôtre."),
        Phrase.HELP_BACK: _("Retour à la page de connexion"),
        Phrase.SUPPORT_TITLE: _("Contacter l’assistance"),
        Phrase.SUPPORT_INTRO: _(
            "Décrivez ce qui vous arrête : la réponse viendra par courriel. N’écrivez jamais votre mot de passe."
        ),
        Phrase.REQUIRED_NOTE: _("Les champs avec * sont obligatoires."),
        Phrase.MAIL_SUBJECT: _("Réinitialisation de votre mot de passe – {portal}"),
        Phrase.MAIL_REASON: _("Une demande de nouveau mot de passe nous est parvenue pour votre compte {portal}."),
        Phrase.MAIL_LINK_LEAD: _(
            "Pour choisir un nouveau mot de passe, suivez ce lien, ou recopiez-le dans votre navigateur :"
        ),
        Phrase.MAIL_CODE_LEAD: _("Le code à saisir sur la page où la demande a été faite :"),
        Phrase.MAIL_IGNORE: _("Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet email."),
        Phrase.MAIL_ACCOUNT_LEAD: _("Les informations de votre compte, à noter :"),
        Phrase.MAIL_SIGNATURE: "{portal}",
    }
)

# What one signs in with is the portal's choice: the label that says nothing else follows it.
_IDENTIFIER_LABELS: Mapping[IdentifierKind, StrOrPromise] = MappingProxyType(
    {
        IdentifierKind.USERNAME: USUAL[Phrase.IDENTIFIER_LABEL],
        IdentifierKind.EMAIL: _("Adresse électronique"),
        IdentifierKind.EITHER: _("Identifiant ou adresse électronique"),
    }
)


def phrase(portal: Portal, name: Phrase, language: str, **values: object) -> str:
    """The portal's own sentence, else the usual one, in the reader's language and with its holes filled."""
    own = portal.wording.get(name)
    sentence = own.in_language(language) if own else _usual(portal, name, language)
    return fill(sentence, {"portal": portal.name, **values})


def _usual(portal: Portal, name: Phrase, language: str) -> str:
    sentence = _IDENTIFIER_LABELS[portal.sign_in.identifier] if name is Phrase.IDENTIFIER_LABEL else USUAL[name]
    with override(language):
        return str(sentence)
