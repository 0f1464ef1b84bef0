"""The readers of visitors' bytes, under atheris for a moment; `make fuzz` does it for longer."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.atheris import targets
from tests.plugin import ROOT

HAS_ATHERIS = importlib.util.find_spec("atheris") is not None  # Linux on x86-64 only


@pytest.mark.parametrize("name", targets.OF)
def test_the_first_examples_of_each_reader_meet_its_oracle(name):
    for seed in targets.CORPUS[name]:
        targets.OF[name](seed)


loose_texts = st.text(st.characters(exclude_categories=()), max_size=60)


@given(data=st.binary(max_size=200) | loose_texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(data=b"")
def test_any_bytes_meet_every_oracle__att_80(data):
    for oracle in targets.OF.values():
        oracle(data)


@pytest.mark.skipif(not HAS_ATHERIS, reason="atheris manque sur cette machine")
def test_two_thousand_executions_of_each_reader_find_nothing(tmp_path):
    running = {
        name: subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.fuzz.atheris",
                name,
                "-runs=2000",
                "-seed=1",
                f"-artifact_prefix={tmp_path}/",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for name in targets.OF
    }
    told = {name: one.communicate()[0].decode("utf-8", "replace") for name, one in running.items()}
    assert {name: told[name] for name, one in running.items() if one.returncode} == {}
    assert all("Done 2000 runs" in said for said in told.values())


@pytest.mark.skipif(not HAS_ATHERIS, reason="atheris manque sur cette machine")
def test_atheris_finds_a_fault_that_is_planted(tmp_path):
    """A reader of tokens that keeps whatever was copied."""
    planted = (
        "import sys; from tests.fuzz.atheris import __main__ as runner; runner.settle(); import django; django.setup();"
        "from tests.fuzz.atheris import targets; targets.tidy_token = lambda copied: targets.Secret(copied[:22]);"
        f"runner.fuzz('token', ['-runs=2000', '-seed=1', '-artifact_prefix={tmp_path}/'])"
    )
    done = subprocess.run([sys.executable, "-c", planted], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode
    assert b"AssertionError" in done.stdout + done.stderr
