"""How an application wants to be sure of who comes (`RequestedAuthnContext`, SAML 2.0 Core §3.3.2.2.1), and what may be
said of who is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from saml2.saml import AUTHN_PASSWORD, AUTHN_PASSWORD_PROTECTED

from retrouve.domain.assurance import ONE_FACTOR, TWO_FACTORS

UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
STRENGTH = {UNSPECIFIED: 1, AUTHN_PASSWORD: 1, AUTHN_PASSWORD_PROTECTED: 1, ONE_FACTOR: 1, TWO_FACTORS: 2}
OUT_OF_REACH = 3  # certificates, and whatever nobody here has heard of


class Comparison(StrEnum):
    EXACT = "exact"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    BETTER = "better"


@dataclass(frozen=True)
class ContextWish:
    """`names`: in the order in which they are preferred; none where anything will do."""

    names: tuple[str, ...] = ()
    comparison: Comparison = Comparison.EXACT


def context_said(wish: ContextWish, *, proven_twice: bool) -> str | None:
    """None where what is wanted was not shown. Whoever showed two has shown one as well."""
    own = TWO_FACTORS if proven_twice else AUTHN_PASSWORD_PROTECTED
    if not wish.names:
        return own
    strengths = [STRENGTH.get(name, OUT_OF_REACH) for name in wish.names]
    match wish.comparison:
        case Comparison.EXACT:
            shown = (name for name in wish.names if STRENGTH.get(name, OUT_OF_REACH) <= STRENGTH[own])
            return next(shown, None)
        case Comparison.MINIMUM:
            return own if min(strengths) <= STRENGTH[own] else None
        case Comparison.BETTER:
            return own if max(strengths) < STRENGTH[own] else None
        case Comparison.MAXIMUM:
            return own if max(strengths) >= STRENGTH[own] else AUTHN_PASSWORD_PROTECTED


def wants_two(wish: ContextWish) -> bool:
    """Whoever has a second proof is asked for it."""
    return wish.names[:1] == (TWO_FACTORS,) or context_said(wish, proven_twice=False) is None


def is_out_of_reach(wish: ContextWish) -> bool:
    """Whoever signs in, by whatever they have."""
    return context_said(wish, proven_twice=True) is None
