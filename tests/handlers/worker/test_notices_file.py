"""`wangge notice FILE`: the same rights, rules and way of approval as in a group."""

import asyncio
import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from bot.cli import app
from bot.notice_file import NoticeFileError, NoticeMaker, read_notice_file
from bot.notice_pictures import NoticePictures
from bot.sealing import load_seal
from storage.notice_columns import NoticeKind, NoticeState
from tests.handlers.worker.city import GRID3, STREET, ZHAO, ZHOU
from tests.handlers.worker.notices_town import FIRST, notice_of, settle
from tests.handlers.worker.talk import Town

TASK = """
by = "u-zhao"
kind = "task"
title = "燃气排查"
text = "请逐户排查燃气隐患"
[scope]
areas = ["建设街道"]
[fields]
due = 2099-11-27T17:00:00
"""


async def make(town: Town, folder: Path, text: str) -> dict[str, object]:
    """The file through the maker, at the town's clock."""
    file = folder / "notice.toml"
    file.write_text(text, encoding="utf-8")
    pictures = NoticePictures(town.archive, folder / "media", load_seal(folder / "media"), town.clock)
    desk = await town.desk()
    made = await NoticeMaker(town.archive, town.books, pictures).make(desk, read_notice_file(file, desk))
    return {"number": made.number, "status": made.status, "targets": made.targets}


async def test_a_task_goes_straight_out(town: Town, tmp_path: Path) -> None:
    assert await make(town, tmp_path, TASK) == {"number": FIRST, "status": "scheduled", "targets": 4}
    notice = await notice_of(town)
    assert (notice.kind, notice.made_by, notice.area_code) == (NoticeKind.TASK, 13, STREET)
    assert notice.fields["due"] == "2099-11-27T17:00+08:00"


async def test_it_waits_for_the_same_people(town: Town, tmp_path: Path) -> None:
    await settle(town, "o1", GRID3)
    text = 'by = "u-zhou"\nkind = "公告"\ntext = "周六社区大扫除"\n[scope]\nareas = ["文采社区"]\n'
    assert await make(town, tmp_path, text) == {"number": FIRST, "status": "waiting", "targets": 3}
    assert "周六社区大扫除" in (await town.told(f"worker:{ZHAO}"))[0].text
    assert "自己拟的" in await town.says(ZHOU, f"同意 {FIRST}")
    assert "马上开始发送" in await town.says(ZHAO, f"同意 {FIRST}")


async def test_pictures_and_a_schedule(town: Town, tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "white").save(tmp_path / "a.png")
    text = TASK.replace(
        "[scope]", 'pictures = ["a.png"]\n[schedule]\nat = 2026-11-24T08:00:00\nrepeat = "weekly"\n[scope]'
    )
    assert (await make(town, tmp_path, text))["status"] == "scheduled"
    notice = await notice_of(town)
    assert await town.books.notices.count_pictures(notice.id) == 1
    assert (notice.repeat, notice.send_at.isoformat() if notice.send_at else "") == (
        "weekly",
        "2026-11-24T00:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('by = "u-zhao"', 'by = "u-nobody"', "by 须为在岗人员"),
        ('by = "u-zhao"\n', "", "by 须为在岗人员"),
        ('by = "u-zhao"', 'by = "u-wang"', "您的岗位不包括这个范围"),
        ('by = "u-zhao"', 'by = "u-zhou"', "您的岗位不包括这个范围"),
        ('kind = "task"', 'kind = "party"', "kind 须为其中之一"),
        ('kind = "task"', 'kind = "task"\ncolor = "red"', "不认识的项：color"),
        ('kind = "task"', 'kind = "task"\ncolour = "red"', "只有预警分级别"),
        ("建设街道", "没有的街道", "不是已有的区域"),
        ("建设街道", "第一网格", "有几个，请写编码"),
        ('areas = ["建设街道"]', 'areas = ["建设街道"]\ngroups = ["friends"]', "scope 里的取值不对"),
        ('areas = ["建设街道"]', 'areas = ["建设街道"]\nwho = 1', "scope 里不认识的项"),
        ('areas = ["建设街道"]', 'areas = ["建设街道"]\nresidents = true', "不发给居民"),
        ('areas = ["建设街道"]', 'areas = ["2308070501"]', "都还没有绑定"),
        ("2099-11-27T17:00:00", "2026-11-20T17:00:00", "已经过去"),
        ("due = ", "deadline = ", "没有“deadline”这一项"),
        ('text = "请逐户排查燃气隐患"', "", "正文"),
        ("[scope]", "[scope", "读不了这个文件"),
    ],
)
async def test_what_a_file_may_not_say(town: Town, tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in TASK
    with pytest.raises(NoticeFileError, match=sentence):
        await make(town, tmp_path, TASK.replace(old, new))
    assert await town.books.notices.find(FIRST) is None


@pytest.mark.parametrize("picture", ["missing.png", "script.png"])
async def test_a_bad_picture_leaves_nothing_to_be_sent(town: Town, tmp_path: Path, picture: str) -> None:
    (tmp_path / "script.png").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(NoticeFileError, match=picture):
        await make(town, tmp_path, TASK.replace("[scope]", f'pictures = ["{picture}"]\n[scope]'))
    assert (await notice_of(town)).state is NoticeState.CANCELLED


async def test_a_time_that_is_past(town: Town, tmp_path: Path) -> None:
    with pytest.raises(NoticeFileError, match="已经过去"):
        await make(town, tmp_path, TASK.replace("[scope]", "[schedule]\nat = 2026-11-01T08:00:00\n[scope]"))
    assert (await notice_of(town)).state is NoticeState.CANCELLED


async def test_the_command(town: Town, tmp_path: Path, sqlite_database: str) -> None:
    (tmp_path / "config.toml").write_text(
        f'[storage]\nurl = "{sqlite_database}"\nmedia_dir = "{tmp_path / "media"}"\n', encoding="utf-8"
    )
    (tmp_path / "n.toml").write_text(TASK, encoding="utf-8")
    arguments = ["notice", str(tmp_path / "n.toml"), "--config", str(tmp_path / "config.toml"), "--json"]
    ran = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.output.splitlines()[-1])
    assert (found["status"], found["targets"]) == ("scheduled", 4)
    assert found["number"].startswith("通")
    (tmp_path / "n.toml").write_text(TASK.replace("u-zhao", "u-wang"), encoding="utf-8")
    assert (await asyncio.to_thread(CliRunner().invoke, app, arguments)).exit_code == 1
