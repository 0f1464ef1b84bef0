"""Codes of the domain, said to a person: rules and complaints, strength, facts, countries."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from retrouve.domain.countries import is_country
from retrouve.domain.passwords.policy import Complaint, ComplaintCode, ContextKind
from retrouve.domain.passwords.strength import Strength, StrengthReason, StrengthSuggestion, StrengthWord
from retrouve.domain.portal import FactName, Portal, RuleStyle
from retrouve.messages.durations import duration_in_words
from retrouve.messages.filling import fill
from retrouve.messages.locales import babel_locale

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = [
    "advice_sentence",
    "complaint_sentence",
    "countries",
    "duration_in_words",
    "fact_label",
    "rule_sentence",
    "strength_word",
]


_SHORT_RULES: Mapping[ComplaintCode, StrOrPromise] = {
    ComplaintCode.NEEDS_LOWER: _("1 minuscule minimum"),
    ComplaintCode.NEEDS_UPPER: _("1 majuscule minimum"),
    ComplaintCode.NEEDS_LETTER: _("1 lettre minimum"),
    ComplaintCode.NEEDS_DIGIT: _("1 chiffre minimum"),
    ComplaintCode.NEEDS_SPECIAL: _("1 caractère spécial minimum"),
    ComplaintCode.NEEDS_CATEGORIES: _(
        "{number} sortes de caractères minimum, parmi : minuscules, majuscules, chiffres, caractères spéciaux"
    ),
    ComplaintCode.HAS_NAME: _("Ni votre identifiant, ni votre nom dedans"),
}
_WHOLE_RULES: Mapping[ComplaintCode, StrOrPromise] = {
    ComplaintCode.NEEDS_LOWER: _("Le mot de passe doit contenir au moins une minuscule ('a'-'z')."),
    ComplaintCode.NEEDS_UPPER: _("Le mot de passe doit contenir au moins une majuscule ('A'-'Z')."),
    ComplaintCode.NEEDS_LETTER: _("Le mot de passe doit contenir au moins une lettre."),
    ComplaintCode.NEEDS_DIGIT: _("Le mot de passe doit contenir au moins un chiffre ('0'-'9')."),
    ComplaintCode.NEEDS_SPECIAL: _("Le mot de passe doit contenir au moins un caractère spécial."),
    ComplaintCode.NEEDS_CATEGORIES: _(
        "Le mot de passe doit mêler au moins {number} sortes de caractères, parmi : minuscules, majuscules, chiffres, "
        "caractères spéciaux."
    ),
    ComplaintCode.HAS_NAME: _("Le mot de passe ne doit contenir ni votre identifiant, ni votre nom."),
}
_COMPLAINTS: Mapping[ComplaintCode, StrOrPromise] = {
    ComplaintCode.EMPTY: _("Saisissez un mot de passe."),
    ComplaintCode.NEEDS_LOWER: _("Il manque une minuscule : ajoutez-en au moins une."),
    ComplaintCode.NEEDS_UPPER: _("Il manque une majuscule : ajoutez-en au moins une."),
    ComplaintCode.NEEDS_LETTER: _("Il manque une lettre : ajoutez-en au moins une."),
    ComplaintCode.NEEDS_DIGIT: _("Il manque un chiffre : ajoutez-en au moins un."),
    ComplaintCode.NEEDS_SPECIAL: _(
        "Il manque un caractère spécial, par exemple un signe de ponctuation : ajoutez-en au moins un."
    ),
    ComplaintCode.NEEDS_CATEGORIES: _(
        "Il faut au moins {number} sortes de caractères, parmi : minuscules, majuscules, chiffres, caractères spéciaux."
    ),
    ComplaintCode.HAS_NAME: _("Il contient votre identifiant ou votre nom : choisissez d’autres mots."),
    ComplaintCode.IN_HISTORY: _("Il a déjà servi : choisissez un mot de passe que vous n’avez jamais eu ici."),
    ComplaintCode.CONTROL_CHARACTER: _("Ce mot de passe contient un caractère invisible : retapez-le à la main."),
    ComplaintCode.COMMON: _("Ce mot de passe figure dans une liste de mots de passe connus. Choisissez-en un autre."),
    ComplaintCode.EXAMPLE: _("Ce mot de passe est un exemple que tout le monde peut lire. Choisissez-en un autre."),
}
_MADE_OF: Mapping[ContextKind | None, StrOrPromise] = {
    ContextKind.NAME: _("Ce mot de passe vient de votre nom : il se devine. Choisissez-en un autre."),
    ContextKind.ADDRESS: _("Ce mot de passe vient de votre adresse : il se devine. Choisissez-en un autre."),
    ContextKind.IDENTIFIER: _("Ce mot de passe vient de votre identifiant : il se devine. Choisissez-en un autre."),
    ContextKind.PORTAL: _("Ce mot de passe vient du nom du site : il se devine. Choisissez-en un autre."),
    ContextKind.SEASON: _(
        "Ce mot de passe est une saison ou un mois avec une année : il se devine. Choisissez-en un autre."
    ),
    None: _("Ce mot de passe se devine. Choisissez-en un autre."),
}
_STRENGTHS: Mapping[StrengthWord, StrOrPromise] = {
    StrengthWord.VERY_WEAK: _("Très faible"),
    StrengthWord.WEAK: _("Faible"),
    StrengthWord.FAIR: _("Moyenne"),
    StrengthWord.GOOD: _("Bonne"),
    StrengthWord.STRONG: _("Excellente"),
}
_REASONS: Mapping[StrengthReason, StrOrPromise] = {
    StrengthReason.COMMON: _("Beaucoup de personnes l’utilisent."),
    StrengthReason.WORD: _("Un mot seul se devine vite."),
    StrengthReason.NAMES: _("Un nom ou un prénom seul se devine vite."),
    StrengthReason.ABOUT_YOU: _("Il reprend ce que l’on sait de vous ou de ce site."),
    StrengthReason.DATES: _("Une date se devine vite."),
    StrengthReason.REPEATS: _("Une répétition n’ajoute presque rien."),
    StrengthReason.SEQUENCES: _("Une suite comme abc ou 123 se devine vite."),
    StrengthReason.KEYBOARD: _("Des touches voisines se devinent vite."),
    StrengthReason.SHORT: _("Il est court."),
}
_SUGGESTIONS: Mapping[StrengthSuggestion, StrOrPromise] = {
    StrengthSuggestion.ADD_WORDS: _("Ajoutez un ou deux mots sans rapport entre eux."),
    StrengthSuggestion.AVOID_PERSONAL: _("Choisissez des mots qui n’ont pas de rapport avec vous."),
    StrengthSuggestion.AVOID_DATES: _("Évitez les dates et les années."),
    StrengthSuggestion.AVOID_REPEATS: _("Évitez les mots et les signes répétés."),
    StrengthSuggestion.AVOID_SEQUENCES: _("Évitez les suites de lettres ou de chiffres."),
    StrengthSuggestion.AVOID_SWAPS: _("Remplacer une lettre, comme @ pour a, ne suffit pas : ajoutez un mot."),
}
_FACTS: Mapping[FactName, StrOrPromise] = {
    FactName.USERNAME: _("Identifiant"),
    FactName.EMAIL: _("Adresse électronique"),
    FactName.FIRST_NAME: _("Prénom"),
    FactName.LAST_NAME: _("Nom"),
    FactName.COUNTRY: _("Pays"),
    FactName.KIND: _("Qualité"),
}


def rule_sentence(
    code: ComplaintCode | str, number: int | None, language: str, style: RuleStyle = RuleStyle.SHORT
) -> str:
    """`8 caractères minimum`, or `Le mot de passe doit faire minimum 8 caractères.`: the guides show both."""
    rule, counted = ComplaintCode(code), number or 0
    with override(language):
        sentence = _short_rule(rule, counted) if style is RuleStyle.SHORT else _whole_rule(rule, counted)
        return fill(sentence, {"number": counted})


def _short_rule(code: ComplaintCode, number: int) -> str:
    match code:
        case ComplaintCode.TOO_SHORT:
            return ngettext("{number} caractère minimum", "{number} caractères minimum", number)
        case ComplaintCode.TOO_LONG:
            return ngettext("{number} caractère maximum", "{number} caractères maximum", number)
        case ComplaintCode.IN_HISTORY:
            return ngettext(
                "Différent de votre dernier mot de passe", "Différent de vos {number} derniers mots de passe", number
            )
        case _:
            return str(_SHORT_RULES[code])


def _whole_rule(code: ComplaintCode, number: int) -> str:
    match code:
        case ComplaintCode.TOO_SHORT:
            return ngettext(
                "Le mot de passe doit faire minimum {number} caractère.",
                "Le mot de passe doit faire minimum {number} caractères.",
                number,
            )
        case ComplaintCode.TOO_LONG:
            return ngettext(
                "Le mot de passe doit faire maximum {number} caractère.",
                "Le mot de passe doit faire maximum {number} caractères.",
                number,
            )
        case ComplaintCode.IN_HISTORY:
            return ngettext(
                "Le mot de passe doit être différent de votre dernier mot de passe.",
                "Le mot de passe doit être différent de vos {number} derniers mots de passe.",
                number,
            )
        case _:
            return str(_WHOLE_RULES[code])


def complaint_sentence(complaint: Complaint, language: str) -> str:
    """What is wrong with the password that was typed, and what to do about it."""
    number = complaint.number or 0
    with override(language):
        return fill(_complaint(complaint, number), {"number": number})


def _complaint(complaint: Complaint, number: int) -> str:
    match complaint.code:
        case ComplaintCode.TOO_SHORT:
            return ngettext(
                "Ce mot de passe est trop court : il faut au moins {number} caractère.",
                "Ce mot de passe est trop court : il faut au moins {number} caractères.",
                number,
            )
        case ComplaintCode.TOO_LONG:
            return ngettext(
                "Ce mot de passe est trop long : {number} caractère au plus.",
                "Ce mot de passe est trop long : {number} caractères au plus.",
                number,
            )
        case ComplaintCode.CONTEXT:
            return str(_MADE_OF[complaint.word])
        case _:
            return str(_COMPLAINTS[complaint.code])


def strength_word(word: StrengthWord, language: str) -> str:
    with override(language):
        return str(_STRENGTHS[word])


def advice_sentence(strength: Strength, language: str) -> str:
    """Why a password is weak and what would make it better; empty where there is nothing to improve."""
    with override(language):
        reason = str(_REASONS[strength.reason]) if strength.reason else ""
        suggestion = str(_SUGGESTIONS[strength.suggestion]) if strength.suggestion else ""
    return f"{reason} {suggestion}".strip()


def fact_label(portal: Portal, name: FactName, language: str) -> str:
    """How this portal calls a fact; the usual word where its file says nothing."""
    own = portal.fact(name).label
    if own:
        return own.in_language(language)
    with override(language):
        return str(_FACTS[name])


def countries(language: str, first: str = "") -> list[tuple[str, str]]:
    """(ISO code, name) in the language's own names, `first` on top, then as a dictionary sorts them."""
    return list(_sorted_countries(language, first))


@cache
def _sorted_countries(language: str, first: str) -> tuple[tuple[str, str], ...]:
    names = babel_locale(language).territories
    pairs = ((code, name) for code, name in names.items() if is_country(code))
    return tuple(sorted(pairs, key=lambda pair: (pair[0] != first, _as_sorted(pair[1]))))


def _as_sorted(name: str) -> str:
    """`Égypte` stands among the E: accents do not count, nor do apostrophes and hyphens."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalpha() or letter == " ")
