"""The page where a new password is chosen: the facts asked again, the password, the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from retrouve.domain.passwords.passwordrules import passwordrules
from retrouve.domain.passwords.policy import Complaint
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.secret import Secret
from retrouve.messages.sentences import complaint_sentence
from retrouve.messages.wording import phrase
from retrouve.web.forms.facts import EMPTY, PortalForm
from retrouve.web.page import reader_language

DIFFERENT = _("Les deux saisies ne sont pas identiques. Saisissez deux fois le même mot de passe.")
WRONG_FACT = _("Ce n’est pas ce que nous connaissons de ce compte. Vérifiez votre saisie.")


class ChoosingForm(PortalForm):
    """Holds a new password, once or twice. Neither field is required by the form: an offered password may be picked
    instead of typing one.
    """

    def add_new_password(self, label: str) -> None:
        self.fields["new_password"] = password_field(self.portal, label)
        if self.portal.password_page.confirm:
            again = phrase(self.portal, Phrase.CONFIRM_LABEL, reader_language())
            self.fields["confirmation"] = password_field(self.portal, again)

    def new_password(self) -> Secret:
        typed = self.cleaned_data.get("new_password", "")
        return Secret(typed or self.cleaned_data.get("offered", ""))

    def confirmation(self) -> Secret | None:
        """None where nothing is to be confirmed: no second field, or a password picked instead of typed."""
        if "confirmation" not in self.fields:
            return None
        picked = self.cleaned_data.get("offered") and not self.cleaned_data.get("new_password")
        return None if picked else Secret(self.cleaned_data.get("confirmation", ""))

    def explain(self, complaints: Sequence[Complaint], *, confirmation_differs: bool) -> None:
        for complaint in complaints:
            self.add_error("new_password", complaint_sentence(complaint, reader_language()))
        if confirmation_differs:
            empty = not self.cleaned_data.get("confirmation")
            self.add_error("confirmation", EMPTY if empty else DIFFERENT)


class NewPasswordForm(ChoosingForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.add_facts(portal.recovery.ask_again)
        self.add_new_password(phrase(portal, Phrase.NEW_PASSWORD_LABEL, reader_language()))
        if portal.password_page.offer_generated:
            self.fields["offered"] = forms.CharField(required=False, strip=False)

    def refuse_fact(self, name: str) -> None:
        self.add_error(name, WRONG_FACT)


class OwnPasswordForm(ChoosingForm):
    """Somebody who is signed in chooses another; the current one is asked."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["current"] = current_password_field()
        self.add_new_password(phrase(portal, Phrase.NEW_PASSWORD_LABEL, reader_language()))

    def current(self) -> Secret:
        return Secret(self.cleaned_data.get("current", ""))


def current_password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Mot de passe actuel"),
        strip=False,
        error_messages={"required": EMPTY},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def password_field(portal: Portal, label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        required=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "passwordrules": passwordrules(portal.password)}
        ),
    )
