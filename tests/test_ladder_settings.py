"""`[ladder]` and the new stages of `[deadlines]` as an operator writes them."""

from datetime import time
from pathlib import Path

import pytest

from bot.config import ConfigFaults, load_settings, parse_settings
from bot.settings_ladder import LadderSettings
from grid.ladder import Ladder
from grid.quiet import Quiet
from nlp.reading import Category, Urgency
from storage.columns import AreaLevel, Colour

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def test_the_example_shows_the_defaults_and_they_are_the_laws_own() -> None:
    assert load_settings(EXAMPLE, {}).ladder == LadderSettings()
    assert LadderSettings().make_ladder() == Ladder()


def test_every_setting_reaches_the_law() -> None:
    settings = parse_settings(
        """
        [ladder]
        blue_percent = 70
        ignored = "2wh"
        red_times = 3.0
        quiet = "21:30-07:00"
        round_minutes = 0
        yellow_level = "street"
        morning = ""
        afternoon = "17:00"
        """,
        {},
    )
    ladder = settings.ladder.make_ladder()
    assert (ladder.blue_percent, ladder.ignored, ladder.red_times, ladder.round_minutes) == (70, "2wh", 3.0, 0)
    assert ladder.quiet == Quiet(time(21, 30), time(7, 0))
    assert ladder.levels[Colour.YELLOW] is AreaLevel.STREET
    assert (ladder.morning, ladder.afternoon) == (None, time(17, 0))
    assert parse_settings('[ladder]\nquiet = ""', {}).ladder.make_ladder().quiet is None


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('ignored = "soon"', "时限"),
        ('again = ""', "时限"),
        ("blue_percent = 0", "blue_percent"),
        ("red_times = 1", "red_times"),
        ('quiet = "20:00"', "20:00-08:00"),
        ('quiet = "25:00-08:00"', "20:00-08:00"),
        ('morning = "8.30"', "08:30"),
        ('yellow_level = "village"', "yellow_level"),
        ("purple_level = 1", "没有这个配置项"),
    ],
)
def test_faults_are_told_in_chinese(line: str, word: str) -> None:
    with pytest.raises(ConfigFaults) as caught:
        parse_settings(f"[ladder]\n{line}", {})
    (fault,) = caught.value.faults
    assert fault.startswith("[ladder]")
    assert word in fault
    assert any("一" <= sign <= "鿿" for sign in fault)


def test_stages_and_areas_of_the_deadlines() -> None:
    settings = parse_settings(
        """
        [deadlines]
        all.normal.answer = "2wd"
        dispute.normal.reply = "1mo"
        [deadlines.areas."2308"]
        all.normal.accept = "1wh"
        """,
        {},
    )
    pace = settings.deadlines.pace(Category.DISPUTE, Urgency.NORMAL, ("230803", "2308"))
    assert [str(pace.limit(stage)) for stage in ("accept", "answer", "reply")] == ["1wh", "2wd", "1mo"]
