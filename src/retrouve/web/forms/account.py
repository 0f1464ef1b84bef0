"""Forms of an account's life: it is created, activated, its identifier asked for, its address changed."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from retrouve.domain.identifiers import MAX_FACT_LENGTH, tidy
from retrouve.domain.portal import FactName, Portal, Registration
from retrouve.domain.secret import Secret
from retrouve.web.forms.facts import ATTRIBUTES, EMPTY, MESSAGES, TOO_LONG, PortalForm, identifier_field
from retrouve.web.forms.password import ChoosingForm, current_password_field
from retrouve.web.forms.support import one_address
from retrouve.web.page import reader_language

LONGEST_TYPED_CODE = 64
MUST_AGREE = _("Cochez cette case pour continuer.")


class RegisterForm(ChoosingForm):
    def __init__(self, portal: Portal, asked: Registration, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.add_facts(asked.fields)
        self.fields[FactName.EMAIL].validators.append(one_address)
        self.add_new_password(str(_("Mot de passe")))
        self.agreed_terms = asked.terms  # once the form is valid
        if asked.terms:
            self.fields["terms"] = terms_field(asked.terms)


def terms_field(address: str) -> forms.BooleanField:
    link = format_html('<a href="{}" rel="noopener">{}</a>', address, _("les conditions d’utilisation"))
    return forms.BooleanField(
        label=format_html("{} {}", _("J’ai lu et j’accepte"), link), error_messages={"required": MUST_AGREE}
    )


class ConfirmForm(ChoosingForm):
    """In another browser than the one where the password was typed, it is chosen again."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.add_new_password(str(_("Mot de passe")))


class ActivateForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["username"] = identifier_field(portal)
        self.fields["code"] = forms.CharField(
            label=_("Code d’activation"),
            help_text=_("Huit lettres et chiffres, avec ou sans espaces. Majuscules et minuscules se valent."),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(LONGEST_TYPED_CODE, _("C’est trop long pour être un code."))],
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        if portal.activation and portal.activation.ask_email:
            self.fields["email"] = address_field(
                str(_("Votre adresse personnelle (facultatif)")),
                str(_("Pour recevoir un lien si vous oubliez votre mot de passe. Elle est à confirmer par courriel.")),
                required=False,
            )


class IdentifierForm(PortalForm):
    """Which address goes with the identifier that was forgotten."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["email"] = address_field(
            str(_("Votre adresse électronique")), str(_("Celle qui est enregistrée dans votre compte."))
        )

    def email(self) -> str:
        return tidy(self.cleaned_data["email"])


class InstitutionForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["institution"] = forms.CharField(
            label=_("Le nom de votre établissement"),
            required=False,
            validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
            widget=forms.TextInput(attrs={"autocomplete": "organization", "spellcheck": "false"}),
        )


class AddressForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["email"] = address_field(
            str(_("Nouvelle adresse personnelle")), str(_("Format attendu : nom@domaine.fr"))
        )
        self.fields["current"] = current_password_field()

    def email(self) -> str:
        return tidy(self.cleaned_data["email"])

    def current(self) -> Secret:
        return Secret(self.cleaned_data["current"])


def address_field(label: str, hint: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        error_messages=MESSAGES,
        validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG), one_address],
        widget=forms.TextInput(attrs=dict(ATTRIBUTES[FactName.EMAIL])),
    )


class LanguageForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data, language=reader_language())
        names = dict(settings.LANGUAGES)
        self.fields["language"] = forms.ChoiceField(
            label=_("Langue des pages et des courriels"),
            choices=[(code, names[code]) for code in portal.languages],
            error_messages=MESSAGES,
            widget=forms.Select(attrs={"autocomplete": "language"}),
        )
