"""隐私, 匿名, 导出我的信息, 删除我的信息."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.erasing import Eraser
from bot.media_store import MediaStore
from storage.audit import verify
from storage.columns import MediaState
from storage.erasure import erase_resident, list_wanted
from storage.erasure_letters import ERASED
from storage.loop_tables import Erasure
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Case, CaseEvent, Inbound, Media, Outbox, Resident
from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸1号楼路灯坏了，我电话13912345678"
SECRETS = ("13912345678", "路灯坏了", "1号楼")


async def everything(town: Town) -> str:
    """All that the archive holds, as one text."""
    tables: Sequence[type[SQLModel]] = (Case, CaseEvent, Inbound, Outbox, Resident, Media)
    rows = [row for table in tables for row in await town.rows(table)]
    return "\n".join(repr(row.model_dump()) for row in rows)


async def end(town: Town, talk: Talk, number: str) -> None:
    """A case comes to its end, rated and archived."""
    await town.resolves(number)
    await talk.says("1")


async def test_first_contact_hears_of_privacy_once(talk: Talk) -> None:
    await talk.says("阳光水岸1号楼路灯坏了")
    assert talk.hears("回复“隐私”")
    await talk.says("隐私")
    assert talk.hears("匿名", "导出我的信息", "删除我的信息")
    await talk.says("学府花园2号楼下水道堵了", after_seconds=900)
    assert talk.hears_none_of("回复“隐私”")


async def test_who_only_greets_hears_of_privacy_too(talk: Talk) -> None:
    await talk.says("你好")
    assert talk.hears("回复“隐私”")


@pytest.mark.parametrize("words", ["匿名", "我要匿名", "请替我保密", "匿名办理吧"])
async def test_anonymous_on_request(talk: Talk, town: Town, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("按匿名办理")
    case = await town.case("1123-01")
    assert case.anonymous
    assert case.phone == ""
    assert "请勿打听" in (await town.told("group:31"))[-1].text
    await town.works("接单")
    shown = await town.works("进度 1123-01", chat=None)
    assert "要求匿名" in shown
    assert "13912345678" not in shown
    await talk.says(words)
    assert talk.hears("已按匿名办理")


async def test_anonymous_from_the_first_word(talk: Talk, town: Town) -> None:
    await talk.says(f"匿名反映，{LAMP}")
    assert talk.hears("按匿名办理")
    assert talk.hears_none_of("留个电话")
    (case,) = await town.cases()
    assert case.anonymous
    assert case.phone == ""
    assert "要求匿名" in (await town.told("group:31"))[0].text


async def test_anonymous_before_there_is_a_matter(talk: Talk, town: Town) -> None:
    await talk.says("匿名")
    assert talk.hears("可以匿名反映")
    assert await town.cases() == []


async def test_export_shows_what_is_kept(talk: Talk) -> None:
    await talk.says("导出我的信息")
    assert talk.hears("没有存您的任何信息")
    await talk.says(LAMP)
    await talk.says("导出我的信息")
    assert talk.hears("电话：139****5678", "反映过的事项：1件", "1123-01 城建物业")


async def test_export_is_his_own_only(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    other = town.resident("oOther")
    await other.says("学府花园2号楼下水道堵了")
    await other.says("导出我的信息")
    assert other.hears("1123-02")
    assert other.hears_none_of("1123-01", "5678")


async def test_erasing_needs_the_word(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("确认删除")
    assert talk.hears("请先回复“删除我的信息”")
    await talk.says("删除我的信息")
    assert talk.hears("确认删除", "您现有1件正在办理")
    await talk.says("是")
    await talk.says("确认删除", after_seconds=3600)
    assert talk.hears("请先回复“删除我的信息”")
    assert await list_wanted(town.archive) == []


async def test_erased_when_the_case_has_ended_and_not_before(talk: Talk, town: Town, tmp_path: Path) -> None:
    await talk.says(LAMP)
    await talk.says("删除我的信息")
    await talk.says("确认删除")
    eraser = Eraser(town.archive, MediaStore(tmp_path), town.clock)
    assert await eraser.erase_wanted() == 0
    assert (await town.case("1123-01")).phone == "13912345678", "whoever works on it still needs it"
    await end(town, talk, "1123-01")
    assert await eraser.erase_wanted() == 1
    left = await everything(town)
    assert [secret for secret in SECRETS if secret in left] == []
    case = await town.case("1123-01")
    assert (case.text, case.category, case.result) == (ERASED, "urban_property", "已疏通")
    assert (await verify(town.archive.engine)).ok, "every chain holds without the words"
    assert await list_wanted(town.archive) == []


async def test_erasing_takes_the_files_along_unless_somebody_else_sent_the_same(
    talk: Talk, town: Town, tmp_path: Path
) -> None:
    await talk.says(LAMP)
    await talk.shows("m1")
    (picture,) = await town.media("1123-01")
    store = MediaStore(tmp_path)
    own, shared = store.write(b"only his"), store.write(b"somebody else sent it too")
    kept = {"state": MediaState.KEPT, "mime": "image/jpeg", "created_at": town.clock(), "kind": "image"}
    others = fresh(Media, id=900_001, sha256=shared, by="resident:999", **kept)
    twin = fresh(Media, id=900_002, sha256=shared, by=picture.by, case_id=picture.case_id, **kept)
    change = Change(Media, picture.id, None, {"sha256": own, "state": MediaState.KEPT})
    await town.archive.committer.commit(Plan(rows=[others, twin], changes=[change]))
    await end(town, talk, "1123-01")
    await talk.says("删除我的信息")
    await talk.says("确认删除")
    await Eraser(town.archive, store, town.clock).erase_wanted()
    assert not store.path_of(own).exists()
    assert store.read(shared) == b"somebody else sent it too"
    assert [row.state for row in await town.media("1123-01")] == [MediaState.LOST, MediaState.LOST]


async def test_who_was_erased_may_come_back_and_ask_again(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await end(town, talk, "1123-01")
    for _ in range(2):
        await talk.says("删除我的信息")
        await talk.says("确认删除")
        (wish,) = await list_wanted(town.archive)
        erased = await erase_resident(town.archive, wish, town.clock())
        assert erased.is_done
    await talk.says("学府花园2号楼下水道堵了")
    assert talk.hears("已受理")
    (row,) = await town.rows(Erasure)
    assert isinstance(row, Erasure)
    assert row.done_at is not None


async def test_what_others_told_is_not_touched(talk: Talk, town: Town) -> None:
    other = town.resident("oOther")
    await other.says("学府花园2号楼下水道堵了，电话13900000002")
    await talk.says(LAMP)
    await end(town, talk, "1123-02")
    await talk.says("删除我的信息")
    await talk.says("确认删除")
    (wish,) = await list_wanted(town.archive)
    await erase_resident(town.archive, wish, town.clock() + timedelta(hours=1))
    assert (await town.case("1123-01")).text.startswith("学府花园2号楼下水道堵了")
    assert (await town.case("1123-01")).phone == "13900000002"
