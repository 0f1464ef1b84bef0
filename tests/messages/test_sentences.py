from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from retrouve.domain.passwords.policy import Complaint, ComplaintCode, ContextKind, rules
from retrouve.domain.passwords.strength import Strength, StrengthReason, StrengthSuggestion, StrengthWord
from retrouve.domain.portal import Fact, FactName, PasswordPolicy, Portal, Requirement, RuleStyle
from retrouve.domain.texts import Text
from retrouve.messages.durations import PARIS, moment_in_words, until_in_words
from retrouve.messages.sentences import (
    advice_sentence,
    complaint_sentence,
    countries,
    duration_in_words,
    fact_label,
    rule_sentence,
    strength_word,
)

EVERY_RULE = rules(PasswordPolicy(min_length=8, max_length=50, require=tuple(Requirement)))


def spaced(text: str) -> str:
    """As a person reads it: a space is a space."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_rules_read_as_in_the_guide_of_nouvelle_aquitaine() -> None:
    assert [rule_sentence(rule.code, rule.number, "fr") for rule in EVERY_RULE] == [
        "8 caractères minimum",
        "50 caractères maximum",
        "1 minuscule minimum",
        "1 majuscule minimum",
        "1 lettre minimum",
        "1 chiffre minimum",
        "1 caractère spécial minimum",
    ]


def test_the_rules_read_as_in_the_guide_of_creos() -> None:
    said = [rule_sentence(rule.code, rule.number, "fr", RuleStyle.SENTENCE) for rule in EVERY_RULE]
    assert said[0] == "Le mot de passe doit faire minimum 8 caractères."
    assert "Le mot de passe doit contenir au moins un chiffre ('0'-'9')." in said
    assert "Le mot de passe doit contenir au moins une majuscule ('A'-'Z')." in said
    assert "Le mot de passe doit contenir au moins un caractère spécial." in said


@pytest.mark.parametrize("style", RuleStyle)
def test_every_rule_is_said_in_english(style: RuleStyle) -> None:
    for rule in EVERY_RULE:
        said = rule_sentence(rule.code, rule.number, "en", style)
        assert said
        assert said != rule_sentence(rule.code, rule.number, "fr", style)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_complaint_has_its_sentence(language: str) -> None:
    every = [Complaint(code, 8) for code in ComplaintCode]
    every += [Complaint(ComplaintCode.CONTEXT, word=kind) for kind in ContextKind]
    said = [complaint_sentence(complaint, language) for complaint in every]
    assert all(said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("code", "number", "language", "said"),
    [
        (ComplaintCode.TOO_SHORT, 8, "fr", "Ce mot de passe est trop court : il faut au moins 8 caractères."),
        (ComplaintCode.TOO_SHORT, 1, "fr", "Ce mot de passe est trop court : il faut au moins 1 caractère."),
        (ComplaintCode.TOO_SHORT, 8, "en", "This password is too short: it needs at least 8 characters."),
        (ComplaintCode.EMPTY, None, "en", "Enter a password."),
    ],
)
def test_a_complaint_says_the_number_that_was_asked(
    code: ComplaintCode, number: int | None, language: str, said: str
) -> None:
    assert spaced(complaint_sentence(Complaint(code, number), language)) == said


def test_strength_is_one_word() -> None:
    said = [strength_word(word, "fr") for word in StrengthWord]
    assert said == ["Très faible", "Faible", "Moyenne", "Bonne", "Excellente"]
    assert strength_word(StrengthWord.GOOD, "en") == "Good"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_weakness_has_its_reason_and_its_suggestion(language: str) -> None:
    weak = StrengthWord.WEAK
    reasons = {advice_sentence(Strength(1, weak, reason=reason), language) for reason in StrengthReason}
    advised = [Strength(1, weak, suggestion=suggestion) for suggestion in StrengthSuggestion]
    suggestions = {advice_sentence(strength, language) for strength in advised}
    assert len(reasons) == len(StrengthReason)
    assert len(suggestions) == len(StrengthSuggestion)
    assert "" not in reasons | suggestions


def test_advice_is_a_reason_then_a_suggestion() -> None:
    short = Strength(1, StrengthWord.WEAK, StrengthReason.SHORT, StrengthSuggestion.ADD_WORDS)
    assert advice_sentence(short, "fr") == "Il est court. Ajoutez un ou deux mots sans rapport entre eux."
    assert advice_sentence(Strength(4, StrengthWord.STRONG), "fr") == ""


@pytest.mark.parametrize(
    ("duration", "french", "english"),
    [
        (timedelta(seconds=0), "0 seconde", "0 seconds"),
        (timedelta(seconds=1), "1 seconde", "1 second"),
        (timedelta(seconds=5), "5 secondes", "5 seconds"),
        (timedelta(minutes=1), "1 minute", "1 minute"),
        (timedelta(minutes=2), "2 minutes", "2 minutes"),
        (timedelta(minutes=15), "15 minutes", "15 minutes"),
        (timedelta(hours=1), "1 heure", "1 hour"),
        (timedelta(hours=1, minutes=30), "1 h 30", "1 h 30 min"),
        (timedelta(hours=1, minutes=5), "1 h 05", "1 h 05 min"),
        (timedelta(hours=24), "24 heures", "24 hours"),
        (timedelta(days=30), "30 jours", "30 days"),
        (timedelta(seconds=-3), "0 seconde", "0 seconds"),
    ],
)
def test_a_duration_is_said_in_words(duration: timedelta, french: str, english: str) -> None:
    assert spaced(duration_in_words(duration, "fr")) == french
    assert spaced(duration_in_words(duration, "en")) == english
    assert " " not in duration_in_words(duration, "fr")  # a number never leaves its unit at the end of a line


def test_until_gives_the_clock_and_where_it_hangs() -> None:
    now = datetime(2026, 11, 20, 17, 14, tzinfo=UTC)
    end = now + timedelta(hours=1)
    assert spaced(until_in_words(end, now, PARIS, "fr")) == "jusqu’à 19 h 14 (heure de Paris)"
    assert spaced(until_in_words(end, now, PARIS, "en")) == "until 7:14 PM (Paris time)"
    assert spaced(until_in_words(end, now, ZoneInfo("UTC"), "fr")) == "jusqu’à 18 h 14 (UTC)"


def test_until_gives_the_day_when_it_is_another_one() -> None:
    now = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    end = now + timedelta(hours=1)
    assert spaced(until_in_words(end, now, PARIS, "fr")) == "jusqu’au 21 novembre 2026 à 0 h 30 (heure de Paris)"


def test_a_city_in_a_vowel_is_elided() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert "heure d’Athènes" in moment_in_words(moment, ZoneInfo("Europe/Athens"), "fr")
    assert "heure de La Réunion" in moment_in_words(moment, ZoneInfo("Indian/Reunion"), "fr")


def test_a_fact_has_the_portals_label_or_the_usual_one(portal: Portal) -> None:
    own = replace(portal, facts=(Fact(FactName.EMAIL, label=Text((("fr", "Email"),))),))
    assert fact_label(own, FactName.EMAIL, "fr") == "Email"
    usual = [fact_label(portal, name, "fr") for name in FactName]
    assert usual == ["Identifiant", "Adresse électronique", "Prénom", "Nom", "Pays", "Qualité"]
    assert fact_label(portal, FactName.FIRST_NAME, "en") == "First name"


def test_countries_begin_with_the_portals_own_then_follow_the_dictionary() -> None:
    french = countries("fr", "FR")
    assert french[0] == ("FR", "France")
    names = [name for _, name in french[1:]]
    assert names.index("Danemark") < names.index("Égypte") < names.index("Espagne")
    assert dict(countries("en", "FR"))["DE"] == "Germany"


def test_a_list_of_countries_may_be_changed_by_who_asked_for_it() -> None:
    countries("fr", "BE").clear()
    assert countries("fr", "BE")[0] == ("BE", "Belgique")


def test_countries_hold_countries_only() -> None:
    codes = {code for code, _ in countries("fr")}
    assert {"FR", "BE", "GP", "XK"} <= codes
    assert not codes & {"EU", "UN", "ZZ", "XA", "150", "EZ"}
    assert 240 <= len(codes) <= 251
