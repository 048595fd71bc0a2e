"""进度, 催办, 我的网格员, 帮助, 人工."""

import pytest

from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import CHAT_OTHER, GRID3, HE

LAMP = "阳光水岸1号楼路灯坏了"
DRAIN = "学府花园2号楼下水道堵了"


@pytest.mark.parametrize(
    "words", ["进度", "查进度", "办得怎么样了", "查询一下进度", "有消息吗", "我的工单", "处理好了吗", "路灯修好了吗"]
)
async def test_progress_of_one(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("工单 1123-01（城建物业）：已派单，等待接单。", "11月26日17:00前办结")
    assert len(await talk.cases()) == 1


async def test_progress_of_none(talk: Talk) -> None:
    await talk.says("进度")
    assert talk.hears("您目前没有正在办理的工单")


async def test_progress_of_many_and_by_number(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says(DRAIN)
    await talk.says("进度")
    assert [line[:10] for line in talk.heard.split("\n")] == ["工单 1123-02", "工单 1123-01"]
    for words in (
        "1123-01",
        "进度 1123-01",
        "进度1123-01",
        "１１２３－０１",
        "工单 1123-01 办得怎么样了",
        "1123—01",
        "112301",
    ):
        await talk.says(words)
        assert talk.hears("1123-01")
        assert talk.hears_none_of("1123-02")


async def test_progress_of_more_than_fits(talk: Talk) -> None:
    for building in range(1, 8):
        await talk.says(f"阳光水岸{building}号楼有人占道经营", after_seconds=900)
    await talk.says("进度")
    assert talk.hears("还有2件")
    assert talk.heard.count("\n") == 5


async def test_progress_names_who_has_it(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    await talk.says("进度")
    # The same number as in the message that he is on his way: the grid's duty phone before the worker's own.
    assert talk.hears("已接单（网格员王芳，电话0454-0000000）")
    await town.works("办结 已更换灯泡")
    await talk.says("进度")
    assert talk.hears("已办结，等您评价", "处理情况：已更换灯泡")


async def test_an_old_case_is_found_by_its_number(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01", "已更换")
    await talk.says("1")
    town.clock.advance(days=100)
    await talk.says("1123-01")
    assert talk.hears("已办结归档", "已更换")


@pytest.mark.parametrize(
    "words",
    [
        "1123-01",
        "进度 1123-01",
        "催办 1123-01",
        "撤销 1123-01",
        "补充 1123-01 啊啊啊",
        "改类别 1123-01 综合执法",
        "改地点 1123-01 长安小区",
        "没修好 1123-01",
    ],
)
async def test_somebody_elses_case_is_never_read_nor_touched(town: Town, words: str) -> None:
    one, other = town.resident("oOne"), town.resident("oOther")
    await one.says(LAMP)
    before = await one.only_case()
    await other.says("你好")
    await other.says(words)
    assert other.hears("没有查到您的工单 1123-01")
    assert other.hears_none_of("路灯", "阳光水岸", "王芳")
    assert await other.cases() == []
    assert (await one.only_case()).version == before.version


async def test_a_long_result_does_not_burst_the_reply(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01", "已修好" * 300)
    await talk.says("进度")
    assert len(talk.heard) < 200


async def test_urging(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("催办", after_seconds=3600)
    assert talk.hears("已替您催办", "1123-01")
    assert "居民第1次催办" in (await town.told("group:31"))[-1].text
    await talk.says("催办", after_seconds=60)
    assert talk.hears("已经通知到了，请稍等")
    assert len(await town.told("group:31")) == 2
    await talk.says("怎么还没人来", after_seconds=3600)
    assert "居民第2次催办" in (await town.told("group:31"))[-1].text


@pytest.mark.parametrize(
    "words", ["你们什么时候来", "快点处理", "怎么还没人来修", "快来人啊", "等了好久了", "赶紧派人来"]
)
async def test_impatience_right_after_the_report_is_answered_and_bothers_nobody(
    talk: Talk, town: Town, words: str
) -> None:
    await talk.says(LAMP)
    await talk.says(words, after_seconds=30)
    assert talk.hears("已经通知到了，请稍等。", "11月26日17:00前办结")
    assert len(await town.told("group:31")) == 1
    await talk.only_case()


async def test_what_nobody_has_yet_is_urged_at_the_duty_group(talk: Talk, town: Town) -> None:
    await talk.says("路灯不亮")
    await talk.says("催办", after_seconds=3600)
    assert "居民第1次催办" in (await town.told("group:34"))[-1].text


async def test_urging_what_is_done_says_what_is_possible(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01")
    await talk.says("催办 1123-01")
    assert talk.hears("已办结", "“没修好”")


async def test_urging_without_a_case(talk: Talk) -> None:
    await talk.says("催办")
    assert talk.hears("没有正在办理的工单")


@pytest.mark.parametrize("words", ["我的网格员", "网格员电话", "网格员是谁", "找网格员", "我们的网格员是谁啊"])
async def test_my_worker_of_a_bound_resident(talk: Talk, words: str) -> None:
    await talk.lives_in(GRID3)
    await talk.says(words)
    assert talk.hears("您所在的是文采社区第三网格", "王芳，电话13800000011", "每天 08:00–20:00", "阳光水岸1至20号楼")


async def test_my_worker_of_somebody_unknown_is_answered_by_his_address(talk: Talk) -> None:
    await talk.says("我的网格员")
    assert talk.hears("还不知道您住在哪个网格", "小区和楼号")
    await talk.says("阳光水岸12号楼")
    assert talk.hears("网格员王芳，电话13800000011")
    assert await talk.cases() == []


async def test_my_worker_by_the_last_matter(talk: Talk, town: Town) -> None:
    await talk.says(DRAIN)
    await talk.says("我的网格员")
    assert talk.hears("您上次反映的地点属于学苑社区第一网格", "何静")
    assert "接单" in await town.works("接单 1123-01", HE, CHAT_OTHER)


@pytest.mark.parametrize("words", ["帮助", "?", "？", "怎么用", "你能做什么", "help"])
async def test_help(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.hears("我是网格助手", "进度", "110、119、120")
    assert talk.heard.count("\n") < 6


@pytest.mark.parametrize("words", ["人工", "转人工", "有人吗", "你是机器人吗", "人工客服"])
async def test_a_human(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.hears("由网格员来办")
    await talk.lives_in(GRID3)
    await talk.says(words)
    assert talk.hears("王芳")


@pytest.mark.parametrize(
    "words",
    [
        "结果还是漏水，阳光水岸3号楼",
        "补充维修基金怎么用不了，阳光水岸3号楼漏水",
        "取消路边停车收费，阳光水岸门口",
        "阳光水岸没有网格员，垃圾没人管",
    ],
)
async def test_a_matter_that_only_begins_like_a_set_word_is_a_matter(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.hears("已受理")


async def test_urging_again_reaches_one_level_higher_each_time(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    for _ in range(4):
        await talk.says("催办", after_seconds=1800)
        assert talk.hears("已替您催办")
    told = [(target, message.text) for target, message in await town.told_everybody() if message.kind == "hurry"]
    grid = [text for target, text in told if target == "group:31"]
    above = [target for target, _ in told if target != "group:31"]
    assert len(grid) == 4
    assert above == ["group:32", "group:33", "group:33"], "a level higher each time, as far as there is one"
    assert all("请督促" in text for target, text in told if target != "group:31")


async def test_a_complaint_about_conduct_is_urged_nowhere_else(talk: Talk, town: Town) -> None:
    await talk.says("文采社区第三网格的网格员骂人，态度恶劣")
    before = {target for target, _ in await town.told_everybody()}
    for _ in range(3):
        await talk.says("催办", after_seconds=1800)
    assert {target for target, _ in await town.told_everybody()} <= before | {"group:34"}
