"""`[checks]` as an operator writes it."""

import pytest
from pydantic import ValidationError

from bot.settings_checks import ChecksSettings, parse_share
from grid.checks import Checks, Poor


@pytest.mark.parametrize(
    ("word", "share"), [("always", 100), ("never", 0), ("10%", 10), ("0%", 0), ("100%", 100), ("5 %", 5)]
)
def test_shares(word: str, share: int) -> None:
    assert parse_share(word) == share


@pytest.mark.parametrize("word", ["sometimes", "101%", "-1%", "10", "1.5%", "%"])
def test_what_is_no_share(word: str) -> None:
    with pytest.raises(ValueError, match="应为"):
        parse_share(word)


def test_a_category_wins_over_all() -> None:
    made = ChecksSettings(all="10%", dispute="always", urban_property="never", poor=Poor.REOPEN).make_checks()
    assert made.shares == {"all": 10, "dispute": 100, "urban_property": 0}
    assert made.poor is Poor.REOPEN
    assert made.needs_check("dispute", 1)
    assert not any(made.needs_check("urban_property", case_id) for case_id in range(100))
    assert ChecksSettings().make_checks() == Checks(shares={"all": 0})


@pytest.mark.parametrize(
    "values",
    [
        {"all": "sometimes"},
        {"extension_without_approval": "1x"},
        {"callback_within": ""},
        {"arrive_normal": "soon"},
        {"poor": "ignore"},
        {"unknown": "1"},
    ],
)
def test_what_cannot_be_read(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ChecksSettings(**values)  # type: ignore[arg-type]  # that is the point
