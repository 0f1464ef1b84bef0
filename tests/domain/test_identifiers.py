import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.account import Account, mismatches
from retrouve.domain.identifiers import address_keys, identifier_key, mailbox_key, name_key
from retrouve.domain.portal import FactName
from retrouve.messages.letters import NotAnAddressError, mailbox

MARIE = Account(
    reference="1",
    identifier="marie.durand@example.org",
    email="marie.durand@example.org",
    first_name="Marie-Hélène",
    last_name="Durand",
    country="FR",
    kind="entreprise",
)


@pytest.mark.parametrize(
    "typed", ["Marie-Hélène", "marie helene", "MARIE  HÉLÈNE", "MarieHelene", "marie-he\u0301le\u0300ne"]
)
def test_a_name_matches_whatever_its_case_accents_hyphens_and_spaces(typed):
    assert mismatches(MARIE, {FactName.FIRST_NAME: typed}) == ()


@pytest.mark.parametrize("typed", ["Marie", "Hélène", "", "   ", "Marie-Hélène D"])
def test_another_name_does_not_match(typed):
    assert mismatches(MARIE, {FactName.FIRST_NAME: typed}) == (FactName.FIRST_NAME,)


@pytest.mark.parametrize("typed", ["Marie.Durand@Example.ORG", "  marie.durand@example.org "])
def test_an_address_matches_whatever_its_case(typed):
    assert mismatches(MARIE, {FactName.EMAIL: typed}) == ()


@pytest.mark.parametrize(
    "look_alike",
    [
        "marıe.durand@example.org",
        "ｍarie.durand@example.org",
        "marie.durand@examp1e.org",
        "marie.durand+x@example.org",
    ],
)
def test_a_look_alike_of_an_address_is_another_address__att_23(look_alike):
    assert mismatches(MARIE, {FactName.EMAIL: look_alike}) == (FactName.EMAIL,)


def test_every_fact_that_is_wrong_is_named():
    typed = {FactName.EMAIL: "marie.durand@example.org", FactName.LAST_NAME: "Dupont", FactName.COUNTRY: "BE"}
    assert mismatches(MARIE, typed) == (FactName.LAST_NAME, FactName.COUNTRY)


def test_a_fact_that_the_account_does_not_hold_matches_nothing_not_even_nothing():
    nobody = Account(reference="2", identifier="x")
    assert mismatches(nobody, {FactName.FIRST_NAME: ""}) == (FactName.FIRST_NAME,)


@given(st.text(max_size=300))
def test_any_text_has_keys_that_are_their_own_keys(text):
    assert identifier_key(identifier_key(text)) == identifier_key(text)
    assert all(character.isalnum() for character in name_key(text))


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("Victime@Example.ORG", "victime@example.org"),
        ("victime@example.org.", "victime@example.org"),
        ("victime@ｅxample。org", "victime@example.org"),
        ("vic+ti+me@ex\u200bample.org", "vic@example.org"),
        ("victime@exa\u0308mple.org", "victime@xn--exmple-cua.org"),
        ("victime@XN--EXMPLE-CUA.org", "victime@xn--exmple-cua.org"),
        ("ｖictime@example.org", "ｖictime@example.org"),  # another mailbox
        ("victime%example.org@relais.fr", "victime%example.org@relais.fr"),
        ("victime@" + "é" * 80, "victime@" + "é" * 80),
        ("victime@a..b", "victime@a..b"),
        ("victime@", "victime@"),
        ("victime", "victime"),
        ("", ""),
        ("\ud800@\ud800", "\ud800@\ud800"),
    ],
)
def test_an_address_is_counted_by_the_mailbox_that_it_reaches__att_71(address, counted_as):
    assert mailbox_key(address) == counted_as


@given(st.text(), st.text())
def test_any_text_is_counted_as_something__att_71(local, domain):
    assert "@" in mailbox_key(f"{local}@{domain}")
    assert identifier_key(f"{local}@{domain}") in address_keys(f"{local}@{domain}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12))
def test_mail_and_limits_agree_where_it_goes__att_71(word):
    try:
        reached = mailbox(f"victime@{word}.org")
    except NotAnAddressError:
        return
    assert mailbox_key(f"victime@{word}.org") == f"victime@{reached.domain.lower()}"
