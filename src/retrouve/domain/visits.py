"""Somebody whom an application has sent here: what it asks for, and what they still have to do before it lets them in.

OpenID Connect Core 1.0 §3.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from retrouve.domain.applications import Application, Scope
from retrouve.domain.assurance import TWO_FACTORS


class Prompt(StrEnum):
    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True)
class Wish:
    """What an application asks for, once every word of it was found right. `asked_at` is when it sent the person."""

    scopes: tuple[Scope, ...]
    redirect_address: str
    asked_at: datetime
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    prompts: frozenset[Prompt] = frozenset()
    max_age: timedelta | None = None
    acr_values: tuple[str, ...] = ()
    login_hint: str = ""
    languages: tuple[str, ...] = ()
    hinted_subject: str = ""  # whom it believes to be signed in

    @property
    def silent(self) -> bool:
        return Prompt.NONE in self.prompts


@dataclass(frozen=True)
class Standing:
    """Of whoever is signed in: when they last showed who they are, and how well."""

    signed_in_at: datetime
    proven_twice: bool
    can_prove_twice: bool
    must_enrol: bool
    subject: str
    agreed: frozenset[Scope] = frozenset()
    agreed_at: datetime | None = None
    signed_in_for_this: bool = False  # since the application asked


class Step(StrEnum):
    """What comes next; the values of those that an application may be told of are the protocol's."""

    LET_IN = "let_in"
    SIGN_IN = "login_required"
    ENROL = "interaction_required"
    CONSENT = "consent_required"


def next_step(application: Application, wish: Wish, standing: Standing | None) -> Step:
    if standing is None or not is_fresh(wish, standing):
        return Step.SIGN_IN
    if wish.hinted_subject and wish.hinted_subject != standing.subject:
        return Step.SIGN_IN
    could_do_more = standing.can_prove_twice and not standing.proven_twice and not standing.signed_in_for_this
    if wants_two(wish) and could_do_more:
        return Step.SIGN_IN  # which asks for the second proof as well
    if standing.must_enrol:
        return Step.ENROL
    return Step.LET_IN if has_agreed(application, wish, standing) else Step.CONSENT


def has_agreed(application: Application, wish: Wish, standing: Standing) -> bool:
    if Prompt.CONSENT in wish.prompts and (standing.agreed_at is None or standing.agreed_at < wish.asked_at):
        return False
    return not application.asks_consent or set(wish.scopes) <= standing.agreed


def is_fresh(wish: Wish, standing: Standing) -> bool:
    """Whoever must sign in again has to do so after being asked to."""
    if standing.signed_in_for_this:
        return True
    if wish.prompts & {Prompt.LOGIN, Prompt.SELECT_ACCOUNT} and standing.signed_in_at < wish.asked_at:
        return False
    return wish.max_age is None or standing.signed_in_at >= wish.asked_at - wish.max_age


def wants_two(wish: Wish) -> bool:
    """A wish, as the specification has it: who has no second proof is let in, and the application is told so."""
    return bool(wish.acr_values) and wish.acr_values[0] == TWO_FACTORS


def spoken_of(languages: Iterable[str], offered: Iterable[str]) -> str:
    """The first of `languages` (as `ui_locales` orders them) that is offered; empty for none."""
    known = list(offered)
    bare = (language.split("-")[0].lower() for language in languages)
    return next((language for language in bare if language in known), "")
