"""What a directory demands, merged with what the portal does, and the rules that only a directory brings."""

from __future__ import annotations

import re

import pytest

from retrouve.domain.passwords.context import PasswordContext
from retrouve.domain.passwords.generate import offers
from retrouve.domain.passwords.policy import complaints
from retrouve.domain.passwords.rules import ComplaintCode, Rule, rules
from retrouve.domain.passwords.strictest import strictest
from retrouve.domain.portal import PasswordPolicy, Requirement
from retrouve.domain.secret import Secret

LOWER, UPPER, DIGIT = Requirement.LOWER, Requirement.UPPER, Requirement.DIGIT
DOMAIN = PasswordPolicy(7, categories=3, refuse_names=True, history=24)
ADELE = PasswordContext("Essai", "essai", identifier="adelle.adms", first_name="Adèle Marie", last_name="Adms-Le")


@pytest.mark.parametrize(
    ("portal", "directory", "met"),
    [
        (PasswordPolicy(8), PasswordPolicy(12), PasswordPolicy(12)),
        (PasswordPolicy(12), PasswordPolicy(8, 72), PasswordPolicy(12, 72)),
        (
            PasswordPolicy(8, require=(LOWER,)),
            PasswordPolicy(1, require=(DIGIT, LOWER)),
            PasswordPolicy(8, require=(LOWER, DIGIT)),
        ),
        (PasswordPolicy(8), DOMAIN, PasswordPolicy(8, categories=3, refuse_names=True, history=24)),
        (
            PasswordPolicy(8, require=(LOWER, UPPER, DIGIT)),
            DOMAIN,
            PasswordPolicy(8, require=(LOWER, UPPER, DIGIT), refuse_names=True, history=24),
        ),
    ],
)
def test_the_stricter_of_two_policies_is_met(portal, directory, met):
    assert strictest(portal, directory) == met


@pytest.mark.parametrize(
    ("password", "met"),
    [
        ("abcdefgh", False),
        ("abcdEFGH", False),
        ("abcdEFG1", True),
        ("abcd-123", True),
        ("ABC-123", True),
        ("été-été", False),
        ("Été-été", True),
        ("", False),
        ("1234-5678", False),
    ],
)
def test_three_sorts_of_signs_are_counted_alike_here_and_in_the_browser(password, met):
    rule = Rule(ComplaintCode.NEEDS_CATEGORIES, 3)
    assert rule.met_by(password) is met
    plain = {
        r"[^\p{L}\p{Nd}\p{M}\p{Cc}\p{Cf}\p{Cs}]": "[-]",
        r"[\p{Lu}\p{Lt}]": "[A-ZÉ]",
        r"\p{Ll}": "[a-zé]",
        r"\p{Nd}": "[0-9]",
    }
    pattern = rule.pattern
    for browsers, pythons in plain.items():
        pattern = pattern.replace(browsers, pythons)
    assert bool(re.search(pattern, password)) is met


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("lanterne-Adelle.Adms-bleue-42", True),
        ("lanterne-MARIE-bleue-42", True),
        ("lanterne-adms-bleue-42", True),
        ("Lanterne-bleue-42", False),
        ("Le-chemin-bleu-42", False),  # two letters are nobody's name
    ],
)
def test_a_name_inside_is_refused_where_the_directory_refuses_it(password, refused):
    found = {complaint.code for complaint in complaints(Secret(password), DOMAIN, ADELE, frozenset())}
    assert (ComplaintCode.HAS_NAME in found) is refused
    portal_only = complaints(Secret(password), PasswordPolicy(7), ADELE, frozenset())
    assert ComplaintCode.HAS_NAME not in {complaint.code for complaint in portal_only}


def test_what_the_directory_alone_can_judge_is_told_and_not_guessed():
    history = next(rule for rule in rules(DOMAIN) if rule.code is ComplaintCode.IN_HISTORY)
    assert history.worth_saying
    assert not history.is_told_by_the_password
    assert history.pattern == ""


def test_offered_passwords_meet_the_directorys_rules():
    for offer in offers(DOMAIN, 12):
        assert not complaints(offer, DOMAIN, PasswordContext("Essai", "essai"), frozenset())
