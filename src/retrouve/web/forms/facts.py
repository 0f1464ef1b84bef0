"""Fields for the facts that a portal asks: to find an account, or again beside the new password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from retrouve.domain.identifiers import MAX_FACT_LENGTH, tidy
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import FactName, IdentifierKind, IdentifyBy, Portal
from retrouve.messages.sentences import countries, fact_label
from retrouve.messages.wording import phrase
from retrouve.web.page import reader_language

EMPTY = _("Ce champ est vide : remplissez-le pour continuer.")
TOO_LONG = _("C’est trop long : 254 caractères au plus.")
ACCOUNT = _("Compte à récupérer")
ACCOUNT_HINT = _("Saisissez ce que vous avez choisi ci-dessus.")
UNKNOWN_CHOICE = _("Choisissez une ligne de la liste.")

MESSAGES = {"required": EMPTY, "max_length": TOO_LONG, "invalid_choice": UNKNOWN_CHOICE}

# What browsers and password managers fill in by themselves (standards.md H.1; WCAG 1.3.5).
ATTRIBUTES: Mapping[FactName, Mapping[str, str]] = {
    FactName.USERNAME: {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    FactName.EMAIL: {
        "autocomplete": "email",
        "inputmode": "email",
        "autocapitalize": "none",
        "spellcheck": "false",
    },
    FactName.FIRST_NAME: {"autocomplete": "given-name"},
    FactName.LAST_NAME: {"autocomplete": "family-name"},
    FactName.COUNTRY: {"autocomplete": "country"},
    FactName.KIND: {},
}


class PortalForm(forms.Form):
    """A form in the words of one portal. Required fields are checked by us: a browser's own bubble says less."""

    use_required_attribute = False

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None, **initial: object) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.portal = portal
        self.names_of_facts: tuple[FactName, ...] = ()

    def __getitem__(self, name: str) -> BoundField:
        """Screen readers are told what is required (RGAA 11.10); browsers are not: their own bubble says less."""
        bound = super().__getitem__(name)
        if bound.field.required and not isinstance(bound.field.widget, forms.RadioSelect):
            bound.field.widget.attrs["aria-required"] = "true"
        return bound

    def add_facts(self, names: tuple[FactName, ...]) -> None:
        self.names_of_facts = names
        for name in names:
            self.fields[name.value] = fact_field(self.portal, name)

    @property
    def fact_fields(self) -> Iterator[BoundField]:
        return (self[name.value] for name in self.names_of_facts)

    def facts(self) -> dict[FactName, str]:
        return {name: tidy(self.cleaned_data[name.value]) for name in self.names_of_facts}


def fact_field(portal: Portal, name: FactName) -> forms.Field:
    language = reader_language()
    fact = portal.fact(name)
    label = fact_label(portal, name, language)
    hint = fact.hint.in_language(language) if fact.hint else ""
    choices = choices_of(portal, name, language)
    if choices:
        return forms.ChoiceField(
            label=label,
            help_text=hint,
            choices=choices,
            initial=fact.default or choices[0][0],
            error_messages=MESSAGES,
            widget=forms.Select(attrs=dict(ATTRIBUTES[name])),
        )
    return free_text(label, hint, ATTRIBUTES[name])


def free_text(label: str, hint: str, attributes: Mapping[str, str]) -> forms.CharField:
    # No `maxlength` on the field: it would cut what is pasted without a word.
    return forms.CharField(
        label=label,
        help_text=hint,
        error_messages=MESSAGES,
        validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
        widget=forms.TextInput(attrs=dict(attributes)),
    )


def choices_of(portal: Portal, name: FactName, language: str) -> list[tuple[str, str]]:
    fact = portal.fact(name)
    if name is FactName.COUNTRY:
        return countries(language, fact.default or "FR")
    return [(choice.value, choice.label.in_language(language)) for choice in fact.choices]


class AskForm(PortalForm):
    """Which account is it? All the portal's facts, or one of several, as the person chooses."""

    def __init__(self, portal: Portal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(portal, data)
        asked = portal.recovery.fields
        self.chooses = portal.recovery.identify_by is IdentifyBy.ONE_OF and len(asked) > 1
        if self.chooses:
            self.fields["by"] = choice_of_fact(portal)
            self.fields["value"] = free_text(str(ACCOUNT), str(ACCOUNT_HINT), ATTRIBUTES[FactName.USERNAME])
        else:
            self.add_facts(asked)

    def facts(self) -> dict[FactName, str]:
        if not self.chooses:
            return super().facts()
        return {FactName(self.cleaned_data["by"]): tidy(self.cleaned_data["value"])}


def choice_of_fact(portal: Portal) -> forms.ChoiceField:
    language = reader_language()
    return forms.ChoiceField(
        label=phrase(portal, Phrase.ASK_LEGEND, language),
        choices=[(name.value, short_label(portal, name, language)) for name in portal.recovery.fields],
        initial=portal.recovery.fields[0].value,
        error_messages=MESSAGES,
        widget=forms.RadioSelect,
    )


def short_label(portal: Portal, name: FactName, language: str) -> str:
    short = portal.fact(name).short_label
    return short.in_language(language) if short else fact_label(portal, name, language)


def identifier_field(portal: Portal) -> forms.CharField:
    """What one signs in with, in the portal's words."""
    language = reader_language()
    return forms.CharField(
        label=phrase(portal, Phrase.IDENTIFIER_LABEL, language),
        help_text=phrase(portal, Phrase.IDENTIFIER_HINT, language),
        error_messages={"required": EMPTY},
        validators=[MaxLengthValidator(MAX_FACT_LENGTH, TOO_LONG)],
        widget=forms.TextInput(attrs=identifier_attributes(portal.sign_in.identifier)),
    )


def identifier_attributes(kind: IdentifierKind) -> dict[str, str]:
    base = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false", "enterkeyhint": "next"}
    return {
        **base,
        "autocomplete": "username",
        **({"inputmode": "email"} if kind is IdentifierKind.EMAIL else {}),
    }
