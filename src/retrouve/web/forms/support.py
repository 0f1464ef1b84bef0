"""A message to the support."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from retrouve.domain.identifiers import MAX_FACT_LENGTH
from retrouve.domain.portal import Portal
from retrouve.messages.letters import NotAnAddressError, mailbox
from retrouve.web.forms.facts import EMPTY, TOO_LONG, PortalForm

LONGEST_MESSAGE = 4000
NOT_AN_ADDRESS = _("Cette adresse n’est pas complète. Exemple : nom@domaine.fr")
MESSAGE_TOO_LONG = _("Ce message est trop long : 4 000 caractères au plus.")


def one_address(typed: str) -> None:
    """What the mail could not be answered at is told here, and not found out when it leaves."""
    EmailValidator(NOT_AN_ADDRESS)(typed)
    try:
        mailbox(typed)
    except NotAnAddressError:
        raise ValidationError(NOT_AN_ADDRESS) from None


class SupportForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["name"] = forms.CharField(
            label=_("Votre nom"),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
        self.fields["reply_to"] = forms.CharField(
            label=_("Une adresse électronique où vous répondre"),
            help_text=_("Format attendu : nom@domaine.fr"),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG), one_address],
            widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        )
        self.fields["message"] = forms.CharField(
            label=_("Votre message"),
            help_text=_("Dites ce que vous avez essayé. N’écrivez jamais un mot de passe."),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(LONGEST_MESSAGE, MESSAGE_TOO_LONG)],
            widget=forms.Textarea(attrs={"rows": "6"}),
        )
        self.fields["context"] = forms.BooleanField(
            label=_("Joindre le nom de mon navigateur, ma langue et la page d’où je viens"), required=False
        )
