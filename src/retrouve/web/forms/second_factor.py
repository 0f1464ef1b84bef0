"""Forms of second proofs: a code of an application, of a paper, of a mail; a key's answer; the password again."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.web.forms.facts import EMPTY, TOO_LONG, PortalForm
from retrouve.web.forms.password import current_password_field

LONGEST_CODE = 40
LONGEST_NAME = 60


class SecondFactorForm(PortalForm):
    """A code of the application."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["code"] = digits_field(str(_("Code à six chiffres")), str(_("Il change toutes les 30 secondes.")))

    def typed(self) -> str:
        return str(self.cleaned_data["code"])


class MailedCodeForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["mailed"] = digits_field(
            str(_("Code reçu par courriel")), str(_("Six chiffres, avec ou sans espace."))
        )

    def typed(self) -> str:
        return str(self.cleaned_data["mailed"])


class RecoveryCodeForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["recovery"] = forms.CharField(
            label=_("Code de secours"),
            help_text=_("Un des codes de la feuille que vous avez gardée, avec ou sans espaces."),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(LONGEST_CODE, TOO_LONG)],
            widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        )

    def typed(self) -> str:
        return str(self.cleaned_data["recovery"])


class PasswordAgainForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["current"] = current_password_field()

    def current(self) -> Secret:
        return Secret(self.cleaned_data["current"])


class PasskeyNameForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None, *, device: str = "") -> None:
        super().__init__(portal, data, name=device)
        self.fields["name"] = forms.CharField(
            label=_("Nom de la clé"),
            help_text=_("Pour la reconnaître dans la liste : « Mon téléphone »."),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(LONGEST_NAME, _("C’est trop long : 60 caractères au plus."))],
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


def digits_field(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        error_messages={"required": EMPTY},
        validators=[MaxLengthValidator(LONGEST_CODE, TOO_LONG)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}),
    )
