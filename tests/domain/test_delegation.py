"""Who × whom × what: never upward, never sideways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.delegation import (
    RANKS,
    RIGHTS,
    Delegation,
    Right,
    Role,
    Target,
    institutions_for,
    may,
    rank_of,
    reaches,
    rights_over,
)

SCHOOL, OTHER = "0801234A", "0805678B"
TEACHER = Delegation(Role.TEACHER, frozenset({SCHOOL}), "3A")
REFERENT = Delegation(Role.REFERENT, frozenset({SCHOOL}))
AUTHORITY = Delegation(Role.AUTHORITY, frozenset({"PO", SCHOOL, OTHER}))
OPERATOR = Delegation(Role.OPERATOR)

PUPIL = Target("p1", SCHOOL, ("3A",))
OF_ANOTHER_CLASS = Target("p2", SCHOOL, ("3B",))
OF_ANOTHER_SCHOOL = Target("p3", OTHER, ("3A",))
OF_NO_SCHOOL = Target("p4")
A_TEACHER = Target("t1", SCHOOL, ("3A",), rank_of([Role.TEACHER]))
A_REFERENT = Target("r1", SCHOOL, (), rank_of([Role.REFERENT]))
AN_OPERATOR = Target("o1", SCHOOL, (), rank_of([Role.OPERATOR]))

ALL = frozenset(Right)
CLASS = RIGHTS[Role.TEACHER]
NONE: frozenset[Right] = frozenset()


@pytest.mark.parametrize(
    ("who", "whom", "what"),
    [
        (TEACHER, PUPIL, CLASS),
        (TEACHER, OF_ANOTHER_CLASS, NONE),
        (TEACHER, OF_ANOTHER_SCHOOL, NONE),
        (TEACHER, OF_NO_SCHOOL, NONE),
        (TEACHER, A_TEACHER, NONE),
        (TEACHER, A_REFERENT, NONE),
        (TEACHER, AN_OPERATOR, NONE),
        (REFERENT, PUPIL, ALL),
        (REFERENT, OF_ANOTHER_CLASS, ALL),
        (REFERENT, OF_ANOTHER_SCHOOL, NONE),
        (REFERENT, OF_NO_SCHOOL, NONE),
        (REFERENT, A_TEACHER, ALL),
        (REFERENT, A_REFERENT, NONE),
        (REFERENT, AN_OPERATOR, NONE),
        (AUTHORITY, PUPIL, ALL),
        (AUTHORITY, OF_ANOTHER_SCHOOL, ALL),
        (AUTHORITY, OF_NO_SCHOOL, NONE),
        (AUTHORITY, A_REFERENT, ALL),
        (AUTHORITY, AN_OPERATOR, NONE),
        (OPERATOR, OF_NO_SCHOOL, ALL),
        (OPERATOR, A_REFERENT, ALL),
        (OPERATOR, AN_OPERATOR, NONE),
    ],
)
def test_who_has_which_rights_over_whom__att_50(who, whom, what):
    assert rights_over("h1", [who], whom) == what


@pytest.mark.parametrize("who", [TEACHER, REFERENT, AUTHORITY, OPERATOR])
def test_nobody_helps_themselves(who):
    assert rights_over("p1", [who], PUPIL) == NONE


def test_two_small_delegations_do_not_make_a_large_one():
    """A teacher here and a referent there has no right over a referent, nor over the class of another school."""
    both = [Delegation(Role.TEACHER, frozenset({OTHER}), "3A"), REFERENT]
    assert rights_over("h1", both, A_REFERENT) == NONE
    assert rights_over("h1", both, Target("x", OTHER, ("3B",))) == NONE
    assert rights_over("h1", both, OF_ANOTHER_SCHOOL) == CLASS


@pytest.mark.parametrize(
    ("held", "where"),
    [
        ([TEACHER], frozenset()),
        ([REFERENT], frozenset({SCHOOL})),
        ([TEACHER, AUTHORITY], frozenset({"PO", SCHOOL, OTHER})),
        ([REFERENT, OPERATOR], None),
    ],
)
def test_where_an_import_may_reach__att_53(held, where):
    assert institutions_for(held, Right.IMPORT) == where


codes = st.sampled_from(["A", "B", "C", ""])
delegations = st.builds(
    Delegation,
    st.sampled_from(list(Role)),
    st.frozensets(st.sampled_from(["A", "B", "C"])),
    st.sampled_from(["1", "2"]),
)
targets = st.builds(Target, st.just("x"), codes, st.tuples(st.sampled_from(["1", "2"])), st.integers(0, len(Role)))


@given(st.lists(delegations, max_size=4), targets, st.sampled_from(list(Right)))
def test_a_right_always_comes_from_one_delegation_that_reaches_and_outranks__att_50(held, target, right):
    if may("h", held, right, target):
        assert any(reaches(one, target) and RANKS[one.role] > target.rank and right in RIGHTS[one.role] for one in held)
