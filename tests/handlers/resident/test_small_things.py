"""Greetings, thanks, praise, stickers, nothing; events; kinds nobody described; odd texts."""

import pytest

from handlers.update import UpdateKind
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import GRID3

LAMP = "阳光水岸1号楼路灯坏了"
LONG = "我们小区的物业从来不管事，楼道里堆满了杂物。" * 220


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("你好", "我在"), ("喂?在吗", "我在"), ("谢谢", "不客气"), ("感谢网格员小王", "不客气"), ("[微笑]", "收到"),
        ("👍", "收到"), ("😀😀😀", "收到"), ("", "哪里、什么问题"), ("   ", "哪里、什么问题"), ("好的", "我是网格助手"),
        ("哈哈哈", "我是网格助手"), ("。。。", "我是网格助手"), ("八", "我是网格助手"), ("https://a.invalid/c", "我是网格助手"),
    ],
)  # fmt: skip
async def test_what_is_no_matter_opens_no_case(talk: Talk, words: str, heard: str) -> None:
    await talk.says(words)
    assert talk.hears(heard)
    assert await talk.cases() == []


async def test_praise_reaches_the_group_when_there_is_one(talk: Talk, town: Town) -> None:
    await talk.says("网格员服务态度真好，点赞")
    assert talk.hears_none_of("转达")
    await talk.says(LAMP)
    await town.resolves("1123-01")
    await talk.says("网格员服务态度真好，点赞")
    assert talk.hears("已转达给网格员", "请您评价")
    assert "居民表扬：网格员服务态度真好" in (await town.told("group:31"))[-1].text


@pytest.mark.parametrize("words", ["不是垃圾问题,是噪音", "停水停电两天了", "昨天着火已经灭了,物业没处理"])
async def test_short_sentences_worth_keeping_are_matters(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.hears("已受理")


async def test_following_scanning_leaving_and_coming_back(talk: Talk) -> None:
    await talk.follows()
    assert talk.hears("您好", "只用于办理您反映的事项")
    await talk.lives_in(GRID3)
    assert talk.hears("文采社区第三网格", "王芳，电话13800000011")
    assert (await talk.row()).area_code == GRID3
    await talk.meets("SCAN", "unknown-code")
    assert (await talk.row()).area_code == GRID3
    await talk.says("13900000001")
    await talk.meets("UNSUBSCRIBE")
    assert talk.is_left_in_silence
    row = await talk.row()
    assert (row.follows, row.area_code, row.phone) == (False, None, "")
    await talk.says("我回来了")
    assert (await talk.row()).follows


@pytest.mark.parametrize("name", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "SOMETHING_NEW"])
async def test_events_that_ask_for_nothing_are_left_in_silence(talk: Talk, name: str) -> None:
    await talk.meets(name, "k")
    assert talk.is_left_in_silence
    booked = {"TEMPLATESENDJOBFINISH": "template_done", "MASSSENDJOBFINISH": "mass_done"}
    assert [row.outcome for row in await talk.inbound()] == [booked.get(name, "noted")]


async def test_an_unknown_kind_is_left_in_silence(talk: Talk) -> None:
    await talk.sends(UpdateKind.UNKNOWN)
    assert talk.is_left_in_silence


@pytest.mark.parametrize(
    ("key", "heard"),
    [
        ("PROGRESS", "没有正在办理"),
        ("MY_WORKER", "还不知道您住"),
        ("HELP", "我是网格助手"),
        ("HURRY", "没有正在办理"),
        ("OLD_KEY", "我是网格助手"),
    ],
)
async def test_the_menu(talk: Talk, key: str, heard: str) -> None:
    await talk.meets("CLICK", key)
    assert talk.hears(heard)


@pytest.mark.parametrize(
    ("kind", "name"), [(UpdateKind.VIDEO, "视频"), (UpdateKind.SHORT_VIDEO, "视频"), (UpdateKind.FILE, "文件")]
)
async def test_other_media_wait_for_words_and_join(talk: Talk, town: Town, kind: UpdateKind, name: str) -> None:
    await talk.shows("v1", kind)
    assert talk.hears(f"{name}已收到")
    await talk.says(LAMP)
    await talk.shows("v2", kind)
    assert talk.hears("已附到工单 1123-01（共2个）。")


async def test_a_link_is_kept_and_asked_about(talk: Talk) -> None:
    await talk.sends(UpdateKind.LINK, "标题\nhttps://a.invalid")
    assert talk.hears("链接已收到")


ODD = (
    "阳光水岸1号楼<b>路灯</b>坏了 ]]> & \"引号\" 'x' <xml>",
    "**阳光水岸1号楼** # 路灯坏了 `x`",
    "{0} %s 阳光水岸1号楼路灯坏了 \\n {{x}}",
    "\x00\x01阳光水岸1号楼路灯坏了\ufffe",
    LONG,
    "😀阳光水岸1号楼😀路灯😀坏了😀",
)


@pytest.mark.parametrize("words", ODD)
async def test_odd_texts_are_matters_like_others(talk: Talk, town: Town, words: str) -> None:
    await talk.says(words)
    assert talk.hears("已受理，工单 1123-01。")
    assert (await talk.only_case()).text == words[:5000]


@pytest.mark.parametrize("words", ["<xml><a>]]></a></xml>", "**###**", "😀" * 300, "?" * 500, "1" * 400])
async def test_signs_alone_are_no_matter(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.heard
    assert await talk.cases() == []


async def test_five_thousand_characters_on_top_of_a_case(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("补充 " + LONG)
    assert talk.hears("已补充到工单 1123-01。")
    await talk.says("下" * 5000, after_seconds=2)
    assert len((await talk.cases())[0].text) <= 5000
