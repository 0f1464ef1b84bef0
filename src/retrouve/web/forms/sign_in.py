"""The sign-in form."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from retrouve.domain.identifiers import MAX_FACT_LENGTH
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.wording import phrase
from retrouve.web.forms.facts import EMPTY, TOO_LONG, PortalForm, identifier_attributes
from retrouve.web.page import reader_language


class SignInForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        language = reader_language()
        self.fields["username"] = forms.CharField(
            label=phrase(portal, Phrase.IDENTIFIER_LABEL, language),
            help_text=phrase(portal, Phrase.IDENTIFIER_HINT, language),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
            widget=forms.TextInput(attrs=identifier_attributes(portal.sign_in.identifier)),
        )
        self.fields["password"] = forms.CharField(
            label=_("Mot de passe"),
            strip=False,
            error_messages={"required": EMPTY},
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "enterkeyhint": "go"}),
        )
        if portal.sign_in.remember_me:
            self.fields["remember_me"] = forms.BooleanField(
                label=_("Se souvenir de moi"),
                required=False,
                help_text=_("Sur un ordinateur partagé, ne cochez pas cette case."),
            )
        if portal.sign_in.choose_language:
            self.fields["language"] = language_field(portal, language)

    def password(self) -> Secret:
        return Secret(self.cleaned_data["password"])


def language_field(portal: Portal, language: str) -> forms.ChoiceField:
    names = dict(settings.LANGUAGES)
    return forms.ChoiceField(
        label=_("Langue de l’interface"),
        choices=[(code, names[code]) for code in portal.languages],
        initial=language,
        widget=forms.Select(attrs={"autocomplete": "language"}),
    )
