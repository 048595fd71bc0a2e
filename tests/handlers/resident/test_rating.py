"""评价 by digit, by word, after days; the reason; 没修好 in its window and after it."""

import pytest

from handlers.resident.rating import parse_rating
from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸1号楼路灯坏了"
OPTIONS = ("good", "fair", "poor")


@pytest.fixture
async def done(talk: Talk, town: Town) -> Talk:
    """A resident whose case has just been resolved."""
    await talk.says(LAMP)
    await town.resolves("1123-01", "已更换灯泡")
    return talk


@pytest.mark.parametrize(
    ("words", "code", "besides"),
    [
        ("1", "good", ""), ("２", "fair", ""), ("三", "poor", ""), ("选1", "good", ""), ("第2个", "fair", ""),
        ("1 满意", "good", ""), ("1满意", "good", ""), ("1、满意", "good", ""), ("满意", "good", ""),
        ("非常满意,谢谢小王", "good", "谢谢小王"), ("很好", "good", ""), ("基本满意", "fair", ""), ("一般", "fair", ""),
        ("还行吧", "fair", ""), ("不满意", "poor", ""), ("3 太慢了", "poor", "太慢了"), ("很不满意", "poor", ""),
        ("不满意,灯还是不亮，没人管", "poor", "灯还是不亮，没人管"), ("3 不满意，太慢", "poor", "太慢"), ("差评", "poor", ""),
    ],
)  # fmt: skip
def test_a_rating_in_many_styles(words: str, code: str, besides: str) -> None:
    assert parse_rating(words, OPTIONS) == (code, besides)


@pytest.mark.parametrize(
    "words", ["4", "0", "好的", "谢谢", "1 不满意", "", "。", "满意度怎么评", "1号楼", "123", "好", "可以"]
)
def test_what_is_no_rating(words: str) -> None:
    assert parse_rating(words, OPTIONS) is None


@pytest.mark.parametrize(
    ("words", "rating"), [("1", "good"), ("2", "fair"), ("满意", "good"), ("一般", "fair"), ("1 满意", "good")]
)
async def test_rated_and_archived(done: Talk, town: Town, words: str, rating: str) -> None:
    await done.says(words, after_seconds=3 * 86400)
    assert done.hears("谢谢您对工单 1123-01 的评价。")
    case = await done.only_case()
    assert (case.status, case.rating) == ("archived", rating)
    await done.says(words)
    assert done.hears("有事请直接告诉我")


async def test_a_poor_rating_is_asked_for_its_reason(done: Talk, town: Town) -> None:
    await done.says("3")
    assert done.hears("很抱歉没让您满意。", "哪里没办好", "“没修好”")
    assert (await done.only_case()).status == "rated"
    await done.says("来的人太慢，电话13900000001")
    assert done.hears("已记下")
    case = await done.only_case()
    assert (case.status, case.rating, case.rating_reason) == ("archived", "poor", "来的人太慢，电话13900000001")
    assert "139****0001" in (await town.told("group:31"))[-1].text


async def test_a_poor_rating_with_its_reason_in_the_same_line(done: Talk, town: Town) -> None:
    await done.says("不满意,来得太慢")
    assert done.hears("原因已记下", "“没修好”")
    case = await done.only_case()
    assert (case.status, case.rating, case.rating_reason) == ("archived", "poor", "来得太慢")
    assert (await town.told("group:31"))[-1].text == "【工单 1123-01】居民评价：不满意。原因：来得太慢"


@pytest.mark.parametrize("words", ["好的", "谢谢", "你好", "[叹气]"])
async def test_chatter_is_no_reason(done: Talk, words: str) -> None:
    await done.says("3")
    await done.says(words)
    assert (await done.only_case()).status == "rated"


async def test_a_new_matter_is_no_reason(done: Talk) -> None:
    await done.says("3")
    await done.says("学府花园3号楼下水道堵了")
    assert done.hears("已受理，工单 1123-02。")
    assert (await done.cases())[0].rating_reason == ""


@pytest.mark.parametrize("words", ["谢谢", "修好了，谢谢", "辛苦了", "9"])
async def test_thanks_are_reminded_of_the_rating(done: Talk, words: str) -> None:
    await done.says(words)
    assert done.hears("请您评价（回复数字）：1 满意 2 基本满意 3 不满意")
    assert (await done.only_case()).rating == ""


async def test_the_question_for_a_rating_expires(done: Talk) -> None:
    await done.says("1", after_seconds=8 * 86400)
    assert (await done.only_case()).rating == ""


async def test_a_number_answers_the_newest_question(done: Talk) -> None:
    await done.says("幸福小区2号楼下水道堵了")
    await done.says("1")
    assert done.hears("地点已记下：文采社区第一网格")
    await done.says("1")
    assert done.hears("谢谢您对工单 1123-01 的评价。")


async def test_a_number_that_the_newest_question_does_not_have_is_not_taken_by_it(done: Talk) -> None:
    await done.says("幸福小区2号楼下水道堵了")
    await done.says("3")
    assert done.hears("很抱歉没让您满意")
    assert [case.area_code for case in await done.cases()][1] is None


@pytest.mark.parametrize(
    "words", ["没修好", "还是没修好", "没解决", "还没修好啊你们", "又坏了", "没修好,还是不亮", "没有处理好", "问题还在"]
)
async def test_not_fixed(done: Talk, town: Town, words: str) -> None:
    await done.says(words)
    assert done.hears("很抱歉没解决好。工单 1123-01 已重新派单，11月26日17:00前办结")
    case = await done.only_case()
    assert (case.status, case.reopened) == ("dispatched", 1)
    assert "重新派单" in (await town.told("group:31"))[-1].text
    await done.says("1")
    assert (await done.only_case()).rating == ""


async def test_not_fixed_with_its_reason_told_masked(done: Talk, town: Town) -> None:
    await done.says("没修好,还是漏水,打13900000001")
    assert "还是漏水,打139****0001" in (await town.told("group:31"))[-1].text


@pytest.mark.parametrize("rating", ["1", "2", "不满意"])
async def test_not_fixed_after_the_rating(done: Talk, rating: str) -> None:
    await done.says(rating)
    await done.says("没修好", after_seconds=86400)
    assert (await done.only_case()).status == "dispatched"


async def test_not_fixed_too_late(done: Talk) -> None:
    await done.says("没修好", after_seconds=16 * 86400)
    assert done.hears("已超过15天", "已为您新开工单 1209-01")
    old, new = sorted(await done.cases(), key=lambda case: case.opened_at)
    assert (new.reopened_from_id, new.status, new.group_id) == (old.id, "dispatched", old.group_id)
    assert (new.category, new.place, new.resident_id) == (old.category, old.place, old.resident_id)
    assert old.status == "resolved"
    assert f"原工单 {old.number}" in new.text


async def test_not_fixed_too_late_with_new_words(done: Talk, town: Town) -> None:
    await done.says("还是没修好，昨晚又灭了", after_seconds=16 * 86400)
    new = max(await done.cases(), key=lambda case: case.opened_at)
    assert new.text.startswith("还是没修好，昨晚又灭了")
    assert "昨晚又灭了" in (await town.told("group:31"))[-1].text


async def test_poor_joins_the_queue_of_call_backs(done: Talk, town: Town) -> None:
    await done.says("不满意")
    assert "会安排人回访您" in done.heard
    assert any("居民不满意" in message.text for message in await town.told("group:32"))


async def test_not_fixed_somewhere_else_is_a_new_matter(done: Talk) -> None:
    await done.says("没处理垃圾，学府花园3号楼垃圾没人清")
    assert done.hears("已受理，工单 1123-02。")
    assert (await done.cases())[0].status == "resolved"


async def test_not_fixed_while_it_runs_is_urged(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("还没修好", after_seconds=86400)
    assert "催办" in talk.heard
    assert "第1次催办" in (await town.told("group:31"))[-1].text
    await talk.only_case()


async def test_not_fixed_of_nothing(talk: Talk) -> None:
    await talk.says("没修好")
    assert talk.hears("哪里的什么事还没办好")
    assert await talk.cases() == []


async def test_opened_and_closed_again_and_again(done: Talk, town: Town) -> None:
    for times in (1, 2):
        await done.says("没修好")
        assert (await done.only_case()).reopened == times
        await town.resolves("1123-01", f"第{times}次返工")
    await done.says("1")
    assert (await done.only_case()).status == "archived"
