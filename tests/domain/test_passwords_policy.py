import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrouve.domain.passwords.policy import (
    Complaint,
    ComplaintCode,
    ContextKind,
    PasswordContext,
    Rule,
    complaints,
    passwordrules,
    rules,
)
from retrouve.domain.portal import PasswordPolicy, Requirement
from retrouve.domain.secret import Secret

LOWER, UPPER, LETTER, DIGIT, SPECIAL = Requirement
NOUVELLE_AQUITAINE = PasswordPolicy(8, require=(LOWER, UPPER, DIGIT))
METAMOTS = PasswordPolicy(8, require=(LOWER, UPPER, DIGIT, SPECIAL))
LEO = PasswordPolicy(8, require=(LETTER, DIGIT))
CREOS = PasswordPolicy(8, require=(DIGIT, UPPER, SPECIAL), examples=("Babou45+", "123Soleil*", "Cool72++"))
NOBODY = PasswordContext("Portail", "portail")
VECTORS = Path(__file__).with_name("password_vectors.json")


def codes(
    password: str,
    policy: PasswordPolicy,
    about: PasswordContext = NOBODY,
    common: frozenset[str] = frozenset(),
) -> list[str]:
    return [complaint.code.value for complaint in complaints(Secret(password), policy, about, common)]


@pytest.mark.parametrize(
    ("policy", "password", "expected"),
    [
        (NOUVELLE_AQUITAINE, "Girafe77", []),
        (NOUVELLE_AQUITAINE, "girafe77", ["needs_upper"]),
        (NOUVELLE_AQUITAINE, "GIRAFE77", ["needs_lower"]),
        (NOUVELLE_AQUITAINE, "éÉ7", ["too_short"]),
        (METAMOTS, "Girafe77", ["needs_special"]),
        (METAMOTS, "Girafe 7", []),
        (LEO, "girafe77", []),
        (LEO, "GIRAFE77", []),
        (LEO, "12345679", ["needs_letter"]),
        (LEO, "girafesss", ["needs_digit"]),
        (CREOS, "GIRAFE7€", []),
        (CREOS, "gir", ["too_short", "needs_digit", "needs_upper", "needs_special"]),
        (PasswordPolicy(), "girafe lente dans la brume", []),
        (PasswordPolicy(), "82736450918273645091", []),
        (PasswordPolicy(7), "123456", ["too_short"]),
        (PasswordPolicy(7), "1234567", []),
    ],
)
def test_a_policy_says_everything_that_a_password_lacks(
    policy: PasswordPolicy, password: str, expected: list[str]
) -> None:
    assert codes(password, policy) == expected


def test_complaints_come_in_the_order_of_the_portal_s_own_list() -> None:
    assert [rule.code.value for rule in rules(CREOS) if rule.worth_saying] == [
        "too_short",
        "needs_digit",
        "needs_upper",
        "needs_special",
    ]


def test_a_length_is_told_with_its_number() -> None:
    short = complaints(Secret("abc"), PasswordPolicy(15), NOBODY, frozenset())
    assert short == (Complaint(ComplaintCode.TOO_SHORT, 15),)


def test_an_empty_field_gets_one_complaint() -> None:
    assert codes("", CREOS) == ["empty"]


@pytest.mark.parametrize("size", [14, 15])
def test_a_password_of_accented_letters_counts_code_points(size: int) -> None:
    expected = [] if size == 15 else ["too_short"]
    assert codes("é" * size, PasswordPolicy(15)) == expected
    assert codes("e\u0301" * size, PasswordPolicy(15)) == expected
    assert codes("😀" * size, PasswordPolicy(15)) == expected


@pytest.mark.parametrize("size", [64, 256, 1024])
def test_a_long_password_is_accepted(size: int) -> None:
    assert codes("girafe lente " * 100, PasswordPolicy(max_length=2000)) == []
    assert codes(("girafe lente " * 100)[:size], PasswordPolicy()) == []


def test_a_password_above_the_maximum_is_told_the_maximum() -> None:
    assert complaints(Secret("é" * 1025), PasswordPolicy(), NOBODY, frozenset()) == (
        Complaint(ComplaintCode.TOO_LONG, 1024),
    )


def test_a_maximum_that_nobody_meets_is_not_displayed() -> None:
    assert not Rule(ComplaintCode.TOO_LONG, 1024).worth_saying
    assert Rule(ComplaintCode.TOO_LONG, 20).worth_saying


@pytest.mark.parametrize("control", ["\0", "\u0007", "\x7f", "\ud800"])
def test_a_control_character_is_refused_with_its_reason(control: str) -> None:
    assert codes(f"girafe lente {control} brume", PasswordPolicy()) == ["control_character"]


def test_a_common_password_is_refused_when_the_policy_says_so() -> None:
    common = frozenset({"girafe77"})
    assert codes("girafe77", LEO, common=common) == ["common"]
    assert codes("girafe77", PasswordPolicy(8, refuse_common=False), common=common) == []


@pytest.mark.parametrize("example", ["Babou45+", "babou45+ ".strip().upper(), "123Soleil*", "Cool72++"])
def test_what_the_guide_prints_is_refused(example: str) -> None:
    assert "example" in codes(example, CREOS)


def test_a_password_made_of_the_portal_s_name_is_refused_with_its_kind() -> None:
    about = PasswordContext("LEO", "leo")
    assert complaints(Secret("leo12345"), LEO, about, frozenset()) == (
        Complaint(ComplaintCode.CONTEXT, word=ContextKind.PORTAL),
    )


@pytest.mark.parametrize(
    ("policy", "attribute"),
    [
        (NOUVELLE_AQUITAINE, "minlength: 8; required: lower; required: upper; required: digit;"),
        (METAMOTS, "minlength: 8; required: lower; required: upper; required: digit; required: special;"),
        (LEO, "minlength: 8; required: lower, upper; required: digit;"),
        (CREOS, "minlength: 8; required: upper; required: digit; required: special; allowed: lower;"),
        (PasswordPolicy(), "minlength: 15; allowed: ascii-printable;"),
        (PasswordPolicy(8, 16), "minlength: 8; maxlength: 16; allowed: ascii-printable;"),
        (PasswordPolicy(8, require=(DIGIT,)), "minlength: 8; required: digit; allowed: lower, upper;"),
        (PasswordPolicy(8, require=(LETTER, UPPER)), "minlength: 8; required: upper; allowed: lower;"),
    ],
)
def test_password_managers_are_told_the_policy(policy: PasswordPolicy, attribute: str) -> None:
    assert passwordrules(policy) == attribute


def vectors() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))["vectors"]
    return listed


CLASSES = [rule for rule in rules(PasswordPolicy(require=tuple(Requirement))) if rule.pattern]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: ascii(vector["password"]))
def test_python_counts_as_the_table_says(vector: dict[str, Any]) -> None:
    assert [rule.code.value for rule in CLASSES if rule.met_by(vector["password"])] == vector["meets"]
    assert Rule(ComplaintCode.TOO_SHORT, vector["length"]).met_by(vector["password"])
    assert not Rule(ComplaintCode.TOO_SHORT, vector["length"] + 1).met_by(vector["password"])


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript engine here; the browser runs the table too")
def test_javascript_counts_as_the_table_says() -> None:
    patterns = {rule.code.value: rule.pattern for rule in CLASSES}
    program = """
      const {patterns, vectors} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
      console.log(JSON.stringify(vectors.map(({password}) => {
        const normal = password.replace(/\\p{Zs}/gu, ' ').normalize('NFC');
        const meets = Object.keys(patterns).filter((code) => new RegExp(patterns[code], 'u').test(normal));
        return {password, length: [...normal].length, meets};
      })));"""
    sent = json.dumps({"patterns": patterns, "vectors": vectors()})
    answer = subprocess.run(["node", "-e", program], input=sent, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == vectors()


@given(st.text(st.characters(), max_size=80))
def test_whatever_is_typed_gets_an_answer(password: str) -> None:
    complaints(Secret(password), METAMOTS, PasswordContext("Metamots", "metamots", password), frozenset())


def test_a_mebibyte_of_password_is_refused_at_once() -> None:
    before = time.thread_time()
    assert "too_long" in codes("aé" * 500_000, CREOS)
    assert time.thread_time() - before < 5


def test_no_rule_of_the_passwordrules_attribute_uses_an_unknown_word() -> None:
    known = {"lower", "upper", "digit", "special", "ascii-printable"}
    for policy in (NOUVELLE_AQUITAINE, METAMOTS, LEO, CREOS, PasswordPolicy()):
        clauses = re.findall(r"(?:required|allowed): ([^;]+);", passwordrules(policy))
        assert {word for clause in clauses for word in clause.split(", ")} <= known
