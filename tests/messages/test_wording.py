from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import gettext, override

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import IdentifierKind, Portal, SignIn
from retrouve.domain.texts import Text
from retrouve.messages.filling import fill, holes, one_line
from retrouve.messages.wording import USUAL, phrase


@pytest.mark.parametrize("name", Phrase)
def test_every_phrase_has_a_usual_sentence_with_known_holes_only(name: Phrase) -> None:
    assert holes(str(USUAL[name])) <= {"portal", "duration"}


@pytest.mark.parametrize("name", [name for name in Phrase if USUAL[name] and name is not Phrase.MAIL_SIGNATURE])
def test_every_usual_sentence_is_said_in_english_too(portal: Portal, name: Phrase) -> None:
    assert phrase(portal, name, "en") != phrase(portal, name, "fr")


def test_the_portal_words_a_phrase_its_own_way(portal: Portal) -> None:
    own = replace(portal, wording={Phrase.ASK_BUTTON: Text((("fr", "Valider"), ("en", "Confirm")))})
    assert phrase(own, Phrase.ASK_BUTTON, "en") == "Confirm"
    assert phrase(own, Phrase.ASK_TITLE, "en") == "Forgotten password"


def test_holes_are_filled_with_the_portal_and_what_the_page_gives(portal: Portal) -> None:
    said = phrase(portal, Phrase.REDIRECT_TEXT, "fr", duration="5 secondes")
    assert said == "Redirection automatique vers Lumière dans 5 secondes."


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (IdentifierKind.USERNAME, "Identifiant"),
        (IdentifierKind.EMAIL, "Adresse électronique"),
        (IdentifierKind.EITHER, "Identifiant ou adresse électronique"),
    ],
)
def test_the_usual_label_follows_what_one_signs_in_with(portal: Portal, kind: IdentifierKind, label: str) -> None:
    assert phrase(replace(portal, sign_in=SignIn(kind)), Phrase.IDENTIFIER_LABEL, "fr") == label


def test_a_language_that_nobody_translated_reads_french(portal: Portal) -> None:
    assert phrase(portal, Phrase.ASK_TITLE, "nl") == "Mot de passe oublié"
    assert phrase(portal, Phrase.ASK_TITLE, "nowhere") == "Mot de passe oublié"


@pytest.mark.parametrize(
    "written",
    [
        "{portal.__class__}",
        "{portal!r}",
        "{0}",
        "{}",
        "{unknown}",
        "{portal",
        "{{ portal }}",
        "{portal:>999999}",
    ],
)
def test_anything_but_a_known_hole_stays_as_it_was_written(written: str) -> None:
    assert fill(written, {"portal": "Lumière"}) == written


def test_a_value_is_not_looked_into_again() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "secret"}) == "{b} secret"


def test_one_line_has_no_line_break_no_control_and_no_reversal() -> None:
    assert one_line(" a\r\nBcc: b\x00\x0b\u2028\u2029\x85c\u202ed \ud800") == "a Bcc: b cd"


def test_the_french_of_the_sources_is_not_taken_for_a_word_of_django() -> None:
    with override("en"):
        assert gettext("Nom") == "Last name"
