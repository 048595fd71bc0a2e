"""`wangge check` on a configuration that can be read but is surely not meant so, and on one that cannot be read."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import list_warnings, parse_settings

NO_LINKS = "[server] public_url 未填写"
NOT_UPWARDS = "没有逐级向上"


@pytest.mark.parametrize(
    ("text", "word", "is_warned"),
    [
        ("", NO_LINKS, True),
        ("[server]\npublic_url = ''", NO_LINKS, True),
        ("[server]\npublic_url = 'https://wg.example.cn'", NO_LINKS, False),
        ("", NOT_UPWARDS, False),
        ("[ladder]\nyellow_level = 'district'", NOT_UPWARDS, True),
        ("[ladder]\nred_level = 'grid'", NOT_UPWARDS, True),
        ("[ladder]\norange_level = 'community'", NOT_UPWARDS, False),
        ("[ladder]\nred_level = 'city'", NOT_UPWARDS, False),
    ],
)
def test_what_is_surely_not_meant_is_a_warning(text: str, word: str, is_warned: bool) -> None:
    assert any(word in warning for warning in list_warnings(parse_settings(text, {}))) is is_warned


def check(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.touch(mode=0o600)
    path.write_text(f'[storage]\nurl = "sqlite+aiosqlite:///{folder}/wangge.db"\n{text}', encoding="utf-8")
    return CliRunner().invoke(app, ["check", "--config", str(path)]).output.replace("\n", "")


def test_check_shows_warnings_whole(tmp_path: Path) -> None:
    output = check(tmp_path, "[ladder]\nyellow_level = 'district'")
    assert "→ [server] public_url 未填写：发出的消息里没有工单页链接。" in output
    assert "→ [ladder] 蓝、黄、橙、红四级没有逐级向上" in output


def test_check_names_every_fault_of_ladder_and_limits(tmp_path: Path) -> None:
    faults = """
[deadlines]
all.normal.accept = "2 hours"
[ladder]
ignored = "soon"
quiet = "20-8"
[checks]
all = "sometimes"
"""
    output = check(tmp_path, faults)
    for sentence in (
        "[deadlines] all.normal.accept：看不懂时限“2 hours”",
        "[ladder] ignored：看不懂时限“soon”，请写成 90m、2h、3wh、3wd、7d 或 3mo。",
        '[ladder] quiet：应写成 "20:00-08:00"',
        '[checks] all：应为 "always"、"never" 或 "10%" 这样的比例',
    ):
        assert sentence in output
