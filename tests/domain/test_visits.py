"""What somebody whom an application has sent still has to do, as a table; and where a CAS service may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.account import Account
from retrouve.domain.applications import Application, Scope, Subject, is_below
from retrouve.domain.assurance import ONE_FACTOR, TWO_FACTORS, Means, acr_of, kept_means, means_of
from retrouve.domain.claims import claims_of
from retrouve.domain.texts import Text
from retrouve.domain.visits import Prompt, Standing, Step, Wish, next_step, spoken_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
OURS = Application("app", Text((("fr", "L’application"),)), "https://app.example.org/", ("https://app.example.org/cb",))
ANOTHERS = replace(OURS, asks_consent=True)
WISH = Wish((Scope.OPENID, Scope.EMAIL), "https://app.example.org/cb", NOON)
AN_HOUR_AGO = Standing(
    NOON - timedelta(hours=1), proven_twice=False, can_prove_twice=False, must_enrol=False, subject="adelle"
)
JUST_NOW = replace(AN_HOUR_AGO, signed_in_at=NOON + timedelta(seconds=30))
AGREED = replace(AN_HOUR_AGO, agreed=frozenset({Scope.OPENID, Scope.EMAIL}), agreed_at=NOON - timedelta(days=9))

TABLE = [
    ("nobody is signed in", OURS, WISH, None, Step.SIGN_IN),
    ("somebody is", OURS, WISH, AN_HOUR_AGO, Step.LET_IN),
    ("the password is wanted again", OURS, replace(WISH, prompts=frozenset({Prompt.LOGIN})), AN_HOUR_AGO, Step.SIGN_IN),
    ("and was given", OURS, replace(WISH, prompts=frozenset({Prompt.LOGIN})), JUST_NOW, Step.LET_IN),
    ("another account may be wanted", OURS, replace(WISH, prompts=frozenset({Prompt.SELECT_ACCOUNT})), AN_HOUR_AGO,
     Step.SIGN_IN),
    ("too long ago", OURS, replace(WISH, max_age=timedelta(minutes=59)), AN_HOUR_AGO, Step.SIGN_IN),
    ("not too long ago", OURS, replace(WISH, max_age=timedelta(minutes=60)), AN_HOUR_AGO, Step.LET_IN),
    ("never old enough, and given", OURS, replace(WISH, max_age=timedelta(0)), JUST_NOW, Step.LET_IN),
    ("somebody else is hinted at", OURS, replace(WISH, hinted_subject="paul"), AN_HOUR_AGO, Step.SIGN_IN),
    ("the right one is", OURS, replace(WISH, hinted_subject="adelle"), AN_HOUR_AGO, Step.LET_IN),
    ("two proofs are wished for, and there is one", OURS, replace(WISH, acr_values=(TWO_FACTORS,)), AN_HOUR_AGO,
     Step.LET_IN),
    ("and there could be two", OURS, replace(WISH, acr_values=(TWO_FACTORS,)),
     replace(AN_HOUR_AGO, can_prove_twice=True), Step.SIGN_IN),
    ("and they gave what they could", OURS, replace(WISH, acr_values=(TWO_FACTORS,)),
     replace(AN_HOUR_AGO, can_prove_twice=True, signed_in_for_this=True), Step.LET_IN),
    ("and there are two", OURS, replace(WISH, acr_values=(TWO_FACTORS,)),
     replace(AN_HOUR_AGO, can_prove_twice=True, proven_twice=True), Step.LET_IN),
    ("a second means has to be added first", OURS, WISH, replace(AN_HOUR_AGO, must_enrol=True), Step.ENROL),
    ("a stranger's application", ANOTHERS, WISH, AN_HOUR_AGO, Step.CONSENT),
    ("that was agreed to", ANOTHERS, WISH, AGREED, Step.LET_IN),
    ("and wants more", ANOTHERS, replace(WISH, scopes=(*WISH.scopes, Scope.PROFILE)), AGREED, Step.CONSENT),
    ("ours, which asks all the same", OURS, replace(WISH, prompts=frozenset({Prompt.CONSENT})), AGREED, Step.CONSENT),
    ("and was answered", OURS, replace(WISH, prompts=frozenset({Prompt.CONSENT})),
     replace(AGREED, agreed_at=NOON + timedelta(seconds=9)), Step.LET_IN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("application", "wish", "standing", "step"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_the_next_step(application, wish, standing, step):
    assert next_step(application, wish, standing) is step


BELOW = [
    ("https://a.example.org/cas", "https://a.example.org/cas", True),
    ("https://a.example.org/cas/page?x=1", "https://a.example.org/cas", True),
    ("https://a.example.org/cas/", "https://a.example.org/cas", True),
    ("https://a.example.org/casino", "https://a.example.org/cas", False),
    ("https://a.example.org/", "https://a.example.org/cas", False),
    ("https://a.example.org/x", "https://a.example.org/", True),
    ("https://a.example.org/x", "https://a.example.org", True),
    ("https://a.example.org/cas/../x", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/%2E%2e/x", "https://a.example.org/cas", False),
    ("https://a.example.org:8443/cas", "https://a.example.org/cas", False),
    ("http://a.example.org/cas", "https://a.example.org/cas", False),
    ("https://x@a.example.org/cas", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/..%2fx", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/..;/x", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/.%09./x", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/%252e%252e/x", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/a%20b", "https://a.example.org/cas", False),
    ("https://a.example.org/cas/a;b=c?d=é", "https://a.example.org/cas", True),
    ("https://[", "https://a.example.org/cas", False),
    ("", "https://a.example.org/cas", False),
]


@pytest.mark.parametrize(("service", "prefix", "below"), BELOW)
def test_where_a_service_may_be(service, prefix, below):
    assert is_below(service, prefix) is below


@given(st.text(max_size=60))
def test_no_address_is_below_by_accident(text):
    service = f"https://a.example.org{text}"
    if is_below(service, "https://a.example.org/cas"):
        assert service.startswith("https://a.example.org/cas")


def test_what_is_empty_is_not_told():
    bare = Account("1", "adelle.adms")
    assert claims_of(bare, set(Scope), email_is_verified=False) == {"preferred_username": "adelle.adms"}


def test_a_language_is_spoken_whatever_its_country():
    assert spoken_of(("de-AT", "EN-gb", "fr"), ("fr", "en")) == "en"
    assert spoken_of((), ("fr",)) == ""


def test_a_sector_is_the_host_of_the_addresses():
    assert OURS.sector == ""
    assert replace(OURS, subject=Subject.PAIRWISE).sector == "app.example.org"


def test_means_are_kept_by_the_names_of_the_rfc():
    kept = kept_means((Means.PASSWORD, Means.ONE_TIME_CODE, Means.PASSWORD))
    assert kept == "pwd otp"
    assert means_of(kept) == (Means.PASSWORD, Means.ONE_TIME_CODE)
    assert (acr_of(proven_twice=True), acr_of(proven_twice=False)) == (TWO_FACTORS, ONE_FACTOR)
