"""Two policies that both must be met, as the one that a person reads: the portal's, and its directory's."""

from __future__ import annotations

from dataclasses import replace

from retrouve.domain.portal import PasswordPolicy, Requirement

OF_CATEGORIES = frozenset({Requirement.LOWER, Requirement.UPPER, Requirement.DIGIT, Requirement.SPECIAL})


def strictest(policy: PasswordPolicy, other: PasswordPolicy) -> PasswordPolicy:
    """What `policy` demands, and `other` beyond it. Examples and known passwords remain `policy`'s affair."""
    require = tuple(dict.fromkeys((*policy.require, *other.require)))
    categories = max(policy.categories, other.categories)
    return replace(
        policy,
        min_length=max(policy.min_length, other.min_length),
        max_length=min(policy.max_length, other.max_length),
        require=require,
        categories=categories if categories > len(OF_CATEGORIES & set(require)) else 0,
        refuse_names=policy.refuse_names or other.refuse_names,
        history=max(policy.history, other.history),
    )
