"""The sign-in form."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.web.forms.facts import EMPTY, PortalForm, identifier_field
from retrouve.web.page import reader_language


class SignInForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        language = reader_language()
        self.fields["username"] = identifier_field(portal)
        if portal.second_factor.passkeys:  # browsers offer the keys that they hold in this field's list
            attributes = self.fields["username"].widget.attrs
            attributes["autocomplete"] = f"{attributes['autocomplete']} webauthn"
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
