"""A phone: asked for once, ever; given, refused, ignored, mistyped, or told in passing."""

import pytest

from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸1号楼路灯坏了"
ASKED = "方便留个电话吗？可不留"


async def test_it_is_asked_once_ever(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    assert talk.hears(ASKED)
    await talk.says("学府花园2号楼下水道堵了")
    assert talk.hears_none_of(ASKED)
    town.clock.advance(days=40)
    await talk.says("学府花园3号楼路灯坏了")
    assert talk.hears_none_of(ASKED)


@pytest.mark.parametrize(
    "words",
    [
        "13900000001",
        "139 0000 0001",
        "139-0000-0001",
        "１３９００００００01",
        "电话13900000001",
        "我的电话是139 0000 0001,姓李",
        "+86 13900000001",
    ],
)
async def test_it_is_given(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("电话已记下，只有办理人员能看到。谢谢。")
    assert talk.hears_none_of("13900000001")
    assert ((await talk.only_case()).phone, (await talk.row()).phone) == ("13900000001", "13900000001")


@pytest.mark.parametrize(
    "words", ["不留", "不留了", "不方便透露", "不想留电话", "没有手机", "不用了吧", "不", "不告诉你"]
)
async def test_it_is_refused(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("好的，不留也一样办理。")
    assert ((await talk.only_case()).phone, (await talk.row()).phone) == ("", "")


async def test_it_is_ignored(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("谢谢")
    await talk.says("进度")
    assert talk.hears("1123-01")
    assert (await talk.only_case()).phone == ""


@pytest.mark.parametrize("words", ["139000000", "1390000000", "139000000012"])
async def test_it_is_mistyped_and_asked_for_again(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("11位数字")
    await talk.says("13900000001")
    assert (await talk.only_case()).phone == "13900000001"
    assert words not in (await talk.only_case()).text.split("\n")


async def test_it_is_told_in_passing(talk: Talk, town: Town) -> None:
    await talk.says(LAMP + "，电话13900000001")
    assert talk.hears_none_of(ASKED)
    assert (await talk.only_case()).phone == "13900000001"
    assert all("13900000001" not in message.text for message in await town.told("group:31"))


async def test_it_is_given_unasked_days_later(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    town.clock.advance(days=2)
    await talk.says("13900000001")
    assert (await talk.only_case()).phone == "13900000001"


async def test_it_is_given_before_anything_is_told(talk: Talk) -> None:
    await talk.says("13900000001")
    assert talk.hears("电话已记下", "哪里、什么问题")
    await talk.says(LAMP)
    assert talk.hears_none_of(ASKED)
    assert (await talk.only_case()).phone == "13900000001"


async def test_it_is_not_asked_of_somebody_in_danger(talk: Talk) -> None:
    await talk.says("楼上有人打架流血了")
    await talk.says("阳光水岸3号楼")
    assert talk.hears("地点已记下")
    assert talk.hears_none_of(ASKED)
