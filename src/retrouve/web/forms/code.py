"""The code that was mailed: one field, which forgives spaces and hyphens."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from retrouve.domain.portal import CodeShape, Portal
from retrouve.web.forms.facts import EMPTY, PortalForm

LONGEST_TYPED = 64
DIGITS = {"inputmode": "numeric", "pattern": "[0-9 ]*"}
LETTERS = {"inputmode": "text", "autocapitalize": "characters"}


class CodeForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        shape = DIGITS if portal.recovery.code_shape is CodeShape.DIGITS else LETTERS
        self.fields["code"] = forms.CharField(
            label=_("Code de sécurité"),
            help_text=_("Vous pouvez coller le code, avec ou sans espaces."),
            error_messages={"required": EMPTY},
            validators=[MaxLengthValidator(LONGEST_TYPED, _("C’est trop long pour être un code."))],
            widget=forms.TextInput(
                attrs={
                    **shape,
                    "autocomplete": "one-time-code",
                    "enterkeyhint": "done",
                    "spellcheck": "false",
                }
            ),
        )
