import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import retrouve.domain.recovery as machine
from retrouve.domain.account import Account, AccountState
from retrouve.domain.recovery import (
    AskGuardian,
    ExplainMigration,
    LetChoose,
    RequestState,
    SendProof,
    Silence,
    Standing,
    StaySilent,
    plan_recovery,
    proof_standing,
)

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


def account(state: AccountState = AccountState.ACTIVE, email: str = "a@example.org") -> Account:
    return Account(reference="1", identifier="adelle.adms", email=email, state=state)


@pytest.mark.parametrize(
    ("accounts", "plan"),
    [
        ([], StaySilent(Silence.UNKNOWN)),
        ([account()], SendProof(account())),
        ([account(email="")], StaySilent(Silence.NO_ADDRESS)),
        ([account(AccountState.NOT_ACTIVATED)], SendProof(account(AccountState.NOT_ACTIVATED))),
        ([account(AccountState.NOT_ACTIVATED, email="")], StaySilent(Silence.NO_ADDRESS)),
        ([account(AccountState.LEGACY)], ExplainMigration(account(AccountState.LEGACY))),
        ([account(AccountState.LEGACY, email="")], ExplainMigration(account(AccountState.LEGACY, email=""))),
        ([account(AccountState.DISABLED)], StaySilent(Silence.DISABLED)),
        ([account(), account()], LetChoose((account(), account()))),
        ([account(), account(email="b@example.org")], SendProof(account())),
        ([account(AccountState.DISABLED), account()], SendProof(account())),
    ],
)
def test_what_is_planned_for_the_accounts_that_match(accounts, plan):
    assert plan_recovery(accounts) == plan


def test_guardians_are_asked_for_one_pupil_without_an_address_where_the_portal_says_so():
    pupil = Account(reference="1", identifier="tom.petit", guardians=("P1",))
    assert plan_recovery([pupil], guardian_approves=True) == AskGuardian(pupil)
    assert plan_recovery([pupil]) == StaySilent(Silence.NO_ADDRESS)
    assert plan_recovery([pupil, pupil], guardian_approves=True) == StaySilent(Silence.NO_ADDRESS)


@pytest.mark.parametrize(
    ("state", "expires_in", "failures", "standing"),
    [
        (RequestState.OPENED, 1, 0, Standing.HOLDS),
        (RequestState.OPENED, 0, 0, Standing.EXPIRED),
        (RequestState.OPENED, -1, 0, Standing.EXPIRED),
        (RequestState.OPENED, None, 0, Standing.EXPIRED),
        (RequestState.OPENED, 1, 4, Standing.HOLDS),
        (RequestState.OPENED, 1, 5, Standing.TOO_MANY_TRIES),
        (RequestState.PROVEN, 1, 0, Standing.HOLDS),
        (RequestState.USED, 1, 0, Standing.USED),
        (RequestState.CANCELLED, 1, 0, Standing.CANCELLED),
    ],
)
def test_where_a_proof_stands__att_13(state, expires_in, failures, standing):
    expires_at = None if expires_in is None else NOW + timedelta(seconds=expires_in)
    assert proof_standing(state, expires_at=expires_at, failures=failures, now=NOW) is standing


def test_the_drawing_shows_the_changes_that_the_code_knows():
    drawing = Path(machine.__file__).with_name("recovery.mmd").read_text("utf-8")
    arrows = set(re.findall(r"^ +(\w+) --> (\w+) :", drawing, re.MULTILINE))
    assert arrows == {(before.value, after.value) for before, after in machine.TRANSITIONS}
