"""是不是同一件事? Dialogues between residents who tell of the same, and of what only looks the same."""

import pytest

from storage.tables import Case, CaseReporter, CaseSketch
from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸路灯不亮"
LAMP_TOO = "阳光水岸小区门口路灯坏了好几天了，晚上黑漆漆的"
QUESTION = "是不是同一件事？"


async def two_who_tell_the_same(town: Town) -> tuple[Talk, Talk, Case, Case]:
    li, wu = town.resident("oLi"), town.resident("oWu")
    await li.says(LAMP)
    await wu.says(LAMP_TOO, after_seconds=3600)
    return li, wu, await li.only_case(), await wu.only_case()


async def test_the_second_is_asked_and_sent_all_the_same(town: Town) -> None:
    _, wu, first, second = await two_who_tell_the_same(town)
    wu.hears("已受理", f"附近已有人反映：{first.number} 路灯（阳光水岸）。{QUESTION}回复数字：1 是 2 不是")
    assert second.status == "dispatched"
    told = await town.told(f"group:{second.group_id}")
    assert [message.kind for message in told] == ["dispatch", "dispatch"]
    assert told[1].text.startswith(f"（可能与工单 {first.number} 是同一件事，已请居民确认）")
    assert told[1].card is not None


async def test_one_question_at_a_time(town: Town) -> None:
    _, wu, *_ = await two_who_tell_the_same(town)
    wu.hears_none_of("留个电话", "类别对吗")
    assert "留个电话" in await wu.says("2")


async def test_silence_loses_nothing(town: Town) -> None:
    _, wu, _, second = await two_who_tell_the_same(town)
    assert "已接单" in await town.works(f"接单 {second.number}")
    town.clock.advance(days=2)
    assert (await town.case(second.number)).status == "accepted"
    assert second.number in await wu.says("进度")


async def test_yes_joins(town: Town) -> None:
    li, wu, first, second = await two_who_tell_the_same(town)
    await wu.says("1")
    wu.hears(f"已与工单 {first.number} 合并办理", "已派单")
    after = await town.case(second.number)
    assert (after.status, after.is_open, after.merged_into_id) == ("merged", False, first.id)
    assert (await town.events(second.number))[-1] == "merge"
    assert (await town.events(first.number))[-1] == "joined"
    rows = [row for row in await town.rows(CaseReporter) if isinstance(row, CaseReporter)]
    assert {(row.case_id, row.resident_id, row.via_case_id) for row in rows} == {
        (first.id, (await li.row()).id, None),
        (first.id, (await wu.row()).id, second.id),
    }
    texts = [message.text for message in await town.told(f"group:{first.group_id}")]
    assert any("现有2位反映人" in text for text in texts)


@pytest.mark.parametrize("word", ["是", "是的", "是同一件事", "一"])
async def test_yes_has_many_words(town: Town, word: str) -> None:
    _, wu, first, _ = await two_who_tell_the_same(town)
    assert f"已与工单 {first.number} 合并办理" in await wu.says(word)


async def test_all_reporters_hear_and_the_first_rates(town: Town) -> None:
    li, wu, first, _ = await two_who_tell_the_same(town)
    await wu.says("1")
    await town.resolves(first.number, "已更换灯泡")
    for openid in ("oLi", "oWu"):
        texts = [message.text for message in await town.told(f"oa:{openid}")]
        assert any("已由网格员王芳接单" in text for text in texts), openid
        assert any("已更换灯泡" in text for text in texts), openid
    result = (await town.told("oa:oWu"))[-1]
    assert "请您评价" not in result.text
    assert not result.choices
    assert result.template is not None
    assert "没修好" in result.text
    assert "请您评价" in (await town.told("oa:oLi"))[-1].text
    assert "评价" in await li.says("1")
    assert (await town.case(first.number)).rating == "good"
    assert "已办结" in await wu.says("进度")


async def test_who_joined_sees_the_progress_but_no_ones_door(town: Town) -> None:
    li, wu = town.resident("oLi"), town.resident("oWu")
    await li.says("阳光水岸5号楼2单元301楼道灯不亮")
    await wu.says("阳光水岸5号楼楼道灯坏了不亮", after_seconds=1200)
    wu.hears(QUESTION)
    wu.hears_none_of("301", "2单元")
    await wu.says("1")
    first = await li.only_case()
    assert first.number in await wu.says("进度")
    wu.hears("阳光水岸5号楼")
    wu.hears_none_of("301", "2单元")
    assert "已替您催办" in await wu.says("催办", after_seconds=3600)
    assert (await town.case(first.number)).hurried == 1


async def test_who_joined_cannot_say_where_it_is_or_what_it_is(town: Town) -> None:
    _, wu, first, _ = await two_who_tell_the_same(town)
    await wu.says("1")
    assert "由最先反映的居民更正" in await wu.says("改类别 综合执法")
    assert "由最先反映的居民更正" in await wu.says("改地点 学府花园")
    assert (await town.case(first.number)).category == first.category


async def test_one_of_two_takes_it_back(town: Town) -> None:
    li, wu, first, _ = await two_who_tell_the_same(town)
    await wu.says("1")
    await li.says("撤销")
    assert "其他居民也反映了" in await li.says("是")
    after = await town.case(first.number)
    assert (after.is_open, after.resident_id, after.phone) == (True, None, "")
    assert "没有正在办理" in await li.says("进度")
    await town.resolves(first.number, "已更换灯泡")
    # Whoever came next is the first now.
    assert "请您评价" in (await town.told("oa:oWu"))[-1].text
    assert not any("已更换灯泡" in message.text for message in await town.told("oa:oLi"))


async def test_no_goes_on_alone(town: Town) -> None:
    _, wu, _, second = await two_who_tell_the_same(town)
    assert f"工单 {second.number} 单独办理" in await wu.says("不是")
    assert (await town.case(second.number)).is_open
    assert not await town.rows(CaseReporter)


async def test_too_late_for_yes(town: Town) -> None:
    _, wu, first, second = await two_who_tell_the_same(town)
    await town.resolves(first.number)
    assert second.number in await wu.says("1")
    wu.hears("那件已经办结")
    assert (await town.case(second.number)).is_open


async def test_his_own_matter_a_second_time(town: Town) -> None:
    li = town.resident("oLi")
    await li.says(LAMP)
    await li.says("阳光水岸路灯还没亮，路灯坏了没人管", after_seconds=86_400)
    if "已替您催办" in li.heard:
        pytest.fail(li.heard)
    li.hears("您反映过", QUESTION)
    await li.says("1")
    assert [case.status for case in await li.cases()] == ["dispatched", "merged"]
    assert not await town.rows(CaseReporter)


async def test_a_third_meets_the_first_not_the_second(town: Town) -> None:
    _, _, first, _ = await two_who_tell_the_same(town)
    sun = town.resident("oSun")
    await sun.says("阳光水岸路灯全灭了")
    sun.hears(f"附近已有人反映：{first.number}")
    sketched = {row.case_id for row in await town.rows(CaseSketch) if isinstance(row, CaseSketch)}
    assert sketched == {first.id}


async def test_a_place_that_comes_later_is_looked_at_too(town: Town) -> None:
    await town.resident("oLi").says(LAMP)
    wu = town.resident("oWu")
    await wu.says("路灯坏了好几天不亮", after_seconds=1200)
    wu.hears_none_of(QUESTION)
    await wu.says("阳光水岸")
    wu.hears("地点已记下", QUESTION)
    assert "合并办理" in await wu.says("1")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("阳光水岸路灯不亮", "学府花园路灯不亮"),
        ("阳光水岸5号楼楼道灯不亮", "阳光水岸6号楼楼道灯不亮"),
        ("阳光水岸12号楼3单元下水道堵了", "阳光水岸12号楼3单元楼道灯不亮"),
        ("阳光水岸停水了", "阳光水岸停电了"),
        ("阳光水岸小区电动车进楼充电", "阳光水岸门口烧烤店油烟大"),
    ],
)
async def test_false_friends_are_not_asked(town: Town, first: str, second: str) -> None:
    await town.resident("oLi").says(first)
    wu = town.resident("oWu")
    await wu.says(second)
    wu.hears("已受理")
    wu.hears_none_of(QUESTION)


async def test_danger_is_never_asked(town: Town) -> None:
    await town.resident("oLi").says("阳光水岸5号楼着火了")
    wu = town.resident("oWu")
    await wu.says("阳光水岸5号楼着火了快来人")
    wu.hears("119")
    wu.hears_none_of(QUESTION)


async def test_what_is_closed_or_long_ago_is_not_asked_about(town: Town) -> None:
    li = town.resident("oLi")
    await li.says(LAMP)
    await town.resolves((await li.only_case()).number)
    wu = town.resident("oWu")
    await wu.says(LAMP_TOO, after_seconds=60)
    wu.hears_none_of(QUESTION)
    sun = town.resident("oSun")
    await sun.says(LAMP, after_seconds=15 * 86_400)
    sun.hears_none_of(QUESTION)
