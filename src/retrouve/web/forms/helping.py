"""Forms of those who help."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from retrouve.domain.identifiers import MAX_FACT_LENGTH, tidy
from retrouve.domain.portal import Portal
from retrouve.web.forms.facts import TOO_LONG, PortalForm


class SearchForm(PortalForm):
    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        self.fields["typed"] = forms.CharField(
            label=_("Chercher une personne"),
            help_text=_("Le début de son nom, de son prénom, de son identifiant ou de son adresse."),
            required=False,
            validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "enterkeyhint": "search"}),
        )

    def typed(self) -> str:
        return tidy(self.cleaned_data.get("typed", "")) if self.is_valid() else ""
