"""What a token shown by a remembered browser is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retrouve.domain.remembering import GRACE, Standing, standing_of

TURNED = datetime(2026, 11, 20, 17, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("shown", "after", "standing"),
    [
        ("new", timedelta(0), Standing.CURRENT),
        ("new", timedelta(days=29), Standing.CURRENT),
        ("old", timedelta(0), Standing.JUST_TURNED),
        ("old", GRACE, Standing.JUST_TURNED),
        ("old", GRACE + SECOND, Standing.STALE),
        ("old", -timedelta(hours=1), Standing.JUST_TURNED),  # a clock that was set back accuses nobody
        ("older", timedelta(0), Standing.STALE),
        ("", timedelta(0), Standing.STALE),
    ],
)
def test_the_token_in_force_is_good_the_one_before_for_a_minute_and_any_other_is_a_copy(shown, after, standing):
    assert standing_of(shown, token="new", previous="old", rotated_at=TURNED, now=TURNED + after) is standing


def test_before_the_first_turn_no_token_was_just_turned():
    assert standing_of("x", token="new", previous="", rotated_at=TURNED, now=TURNED) is Standing.STALE
