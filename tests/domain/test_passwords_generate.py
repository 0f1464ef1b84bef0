from itertools import chain, combinations
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrouve.domain.passwords.context import PasswordContext
from retrouve.domain.passwords.generate import offers
from retrouve.domain.passwords.policy import complaints, rules
from retrouve.domain.passwords.shipped import common_passwords
from retrouve.domain.passwords.strength import strength
from retrouve.domain.portal import PasswordPolicy, Requirement

EVERY_REQUIREMENT = list(chain.from_iterable(combinations(Requirement, size) for size in range(len(Requirement) + 1)))
CREOS = PasswordPolicy(8, require=(Requirement.DIGIT, Requirement.UPPER, Requirement.SPECIAL))
policies = st.builds(
    PasswordPolicy,
    min_length=st.integers(1, 64),
    max_length=st.just(1024),
    require=st.sampled_from(EVERY_REQUIREMENT),
)


@settings(deadline=None)
@given(policies, st.integers(1, 8))
def test_every_offer_meets_its_policy_and_differs_from_the_others(policy: PasswordPolicy, count: int) -> None:
    made = [offer.reveal() for offer in offers(policy, count)]
    assert len(set(made)) == count
    assert all(rule.met_by(password) for password in made for rule in rules(policy))


@settings(deadline=None)
@given(st.integers(8, 30), st.sampled_from(EVERY_REQUIREMENT))
def test_a_low_maximum_is_respected(maximum: int, require: tuple[Requirement, ...]) -> None:
    policy = PasswordPolicy(8, maximum, require)
    made = [offer.reveal() for offer in offers(policy, 4)]
    assert len(made) == 4
    assert all(len(password) <= maximum for password in made)


@settings(deadline=None)
@given(policies)
def test_every_offer_owes_fifty_bits_to_chance(policy: PasswordPolicy) -> None:
    asked: list[int] = []

    def choose(among: int) -> int:
        asked.append(among)
        return len(asked) % among

    for count in (1, 2):  # the first is of syllables, the second of words
        asked.clear()
        offers(policy, count, choose)
        assert sum(map(log2, asked)) >= 50 * count


@pytest.mark.parametrize("policy", [PasswordPolicy(), CREOS, PasswordPolicy(8, 12)])
def test_no_offer_holds_signs_that_are_taken_for_others(policy: PasswordPolicy) -> None:
    for offer in offers(policy, 6)[::2]:
        assert not set("0O1lI") & set(offer.reveal())


def test_offers_are_of_both_kinds() -> None:
    syllables, words = (offer.reveal() for offer in offers(PasswordPolicy(), 2))
    assert len(words) > len(syllables.replace("-", ""))
    assert words.count("-") == 4


def test_every_offer_would_be_accepted_and_is_strong() -> None:
    about = PasswordContext("CREOS", "creos", "jean.dupont", "jean.dupont@example.org", "Jean", "Dupont")
    for offer in offers(CREOS, 10):
        assert complaints(offer, CREOS, about, common_passwords()) == ()
        assert strength(offer, about).score == 4


def test_an_impossible_policy_gets_fewer_offers_and_no_endless_search() -> None:
    assert offers(PasswordPolicy(1, 2, tuple(Requirement)), 3) == ()


def test_a_chooser_that_never_varies_ends() -> None:
    assert 1 <= len(offers(PasswordPolicy(), 5, lambda _: 0)) < 5
