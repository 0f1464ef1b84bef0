"""The page where a new password is chosen: the facts asked again, the password, the same again."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from retrouve.domain.passwords.passwordrules import passwordrules
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.wording import phrase
from retrouve.web.forms.facts import EMPTY, PortalForm
from retrouve.web.page import reader_language

DIFFERENT = _("Les deux saisies ne sont pas identiques. Saisissez deux fois le même mot de passe.")
WRONG_FACT = _("Ce n’est pas ce que nous connaissons de ce compte. Vérifiez votre saisie.")


class NewPasswordForm(PortalForm):
    """Neither field is required by the form: an offered password may be picked instead of typing one."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        language = reader_language()
        self.add_facts(portal.recovery.ask_again)
        self.fields["new_password"] = password_field(portal, phrase(portal, Phrase.NEW_PASSWORD_LABEL, language))
        if portal.password_page.confirm:
            label = phrase(portal, Phrase.CONFIRM_LABEL, language)
            self.fields["confirmation"] = password_field(portal, label)
        if portal.password_page.offer_generated:
            self.fields["offered"] = forms.CharField(required=False, strip=False)

    def new_password(self) -> Secret:
        typed = self.cleaned_data.get("new_password", "")
        return Secret(typed or self.cleaned_data.get("offered", ""))

    def confirmation(self) -> Secret | None:
        """None where nothing is to be confirmed: no second field, or a password picked instead of typed."""
        if "confirmation" not in self.fields:
            return None
        picked = self.cleaned_data.get("offered") and not self.cleaned_data.get("new_password")
        return None if picked else Secret(self.cleaned_data.get("confirmation", ""))

    def refuse_fact(self, name: str) -> None:
        self.add_error(name, WRONG_FACT)

    def refuse_confirmation(self) -> None:
        empty = not self.cleaned_data.get("confirmation")
        self.add_error("confirmation", EMPTY if empty else DIFFERENT)


def password_field(portal: Portal, label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        required=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "passwordrules": passwordrules(portal.password)}
        ),
    )
