"""Emergencies are now and here; past, denied, feared and figurative ones are not."""

from __future__ import annotations

import pytest

from nlp.text import normalise
from nlp.triage import Triage, read_sets

TRIAGE = Triage()


@pytest.mark.parametrize(
    ("text", "kind", "call"),
    [
        ("楼上有人打架流血了", "violence", ("110", "120")),
        ("我家着火了", "fire", ("119",)),
        ("有人被困电梯", "trapped", ("119",)),
        ("煤气泄漏了快来人", "gas", ("119",)),
        ("老人走丢了", "missing", ("110",)),
        ("有人掉河里了", "drowning", ("119", "120")),
        ("昨天吵完今天又动刀了，正在打", "violence", ("110", "120")),
        ("有人要跳楼", "self_harm", ("110", "120")),
        ("门口撞人了", "traffic", ("122", "120")),
    ],
)
def test_an_emergency_is_seen_with_the_numbers_to_call(text: str, kind: str, call: tuple[str, ...]) -> None:
    found = TRIAGE.find(normalise(text))
    assert found is not None
    assert (found.kind, found.call) == (kind, call)
    assert all(text[one.start : one.end] == one.word for one in found.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "昨天着火已经灭了,物业没处理",
        "去年这里发生过火灾",
        "没有人打架",
        "担心漏电",
        "万一着火怎么办",
        "经常有人打架",
        "火灾隐患很大",
        "能不能搞个消防演练",
        "这里容易出车祸",
        "生意太火爆了",
        "工厂烟囱冒黑烟",
        "吵得头都要爆炸了",
        "跳楼价的喇叭太吵",
        "被狗咬伤怎么赔偿",
        "失踪人口怎么办理销户",
        "险些撞人",
    ],
)
def test_what_is_past_denied_feared_or_figurative_is_none(text: str) -> None:
    assert TRIAGE.find(normalise(text)) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("着伙了着伙了快来人", "fire"),
        ("煤汽味特别大不敢动了", "gas"),
        ("一楼挖沟把天然气管子挖断了", "gas"),
        ("拉硫酸的罐车翻在桥头流了一地冒白烟", "chemical"),
        ("广场上一群小年轻围着一个学生往死里踹", "violence"),
        ("有个男的从地铁一路跟着我到小区了", "threat"),
        ("娃的手指头卡在滑梯缝里拔不出", "trapped"),
        ("院墙倒了把放羊的老汉压住了", "collapse"),
        ("我妈今年八十二下楼倒垃圾就没回来", "missing"),
        ("不小心掉窨井里了底下有水爬不上来", "drowning"),
        ("路灯杆子漏电小孩摸了一下被吸住了", "electric"),
        ("她刚喝了半瓶百草枯", "self_harm"),
        ("大爷下棋的时候头一歪就不动了", "injury"),
        ("三个大狗追着咬放学的孩子", "injury"),
        ("渣土车把电动车碾了人在车底下", "traffic"),
        ("发大水一家老小在屋顶等救援", "flood"),
        ("救命阿", "help"),
    ],
)
def test_two_words_of_everyday_make_a_danger_of_every_kind(text: str, kind: str) -> None:
    found = TRIAGE.find(normalise(text))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "昨天报过没人管，现在又着火了",
        "昨天就闻到燃气味，现在越来越大了",
        "火灭了又复燃了，还在往上烧着火",
        "保险盒冒火了快来人",
        "不得了着火了",
        "不小心掉井里了",
        "安装空调的工人从三楼掉下来了",
        "投诉没人管，电梯又把人困住了",
        "不给补偿款他就站在楼顶要跳",
        "救出来一个，里面还有人被埋着",
    ],
)
def test_a_guard_word_about_something_else_does_not_silence_an_alarm(text: str) -> None:
    assert TRIAGE.find(normalise(text)) is not None


@pytest.mark.parametrize(
    ("alarm", "none"),
    [
        ("有人掉河里了", "手机掉河里了"),
        ("楼上有人掉下来了", "楼上花盆掉下来了"),
        ("老人找不到了", "老人卡找不到了"),
        ("车里有人出不来了", "车位被占，车出不来了"),
        ("孩子烧到四十度抽过去了", "孩子烧到四十度抽过去了，已经没事了"),
        ("他威胁要弄死我", "他威胁要投诉我"),
        ("我活着没意思，想跳楼", "作业多得我想跳楼"),
        ("墙倒了压着人了", "墙倒了好几天没人清"),
        ("屋里一股煤气味头晕", "在哪里买煤气报警器"),
        ("两口子动手了，打得头破血流", "两口子以前动过手，和好了"),
        ("孩子着急，老人走丢了", "老人以前走丢过，想申请手环"),
        ("大水漫过堤，村里有人困在房顶", "水管爆了，水漫到楼道了"),
    ],
)
def test_one_word_makes_the_difference(alarm: str, none: str) -> None:
    assert TRIAGE.find(normalise(alarm)) is not None
    assert TRIAGE.find(normalise(none)) is None


def test_wanting_to_die_names_the_emergency_wherever_it_stands() -> None:
    found = TRIAGE.find(normalise("我闺女把自己锁屋里，打不开门，说不想活了"))
    assert found is not None
    assert found.kind == "self_harm"


def test_a_set_names_only_sets_above_it() -> None:
    sets = read_sets()
    assert set(sets["child"]) < set(sets["person"])
    assert not any(word.startswith("@") for words in sets.values() for word in words)


def test_a_long_text_is_read_in_bounded_time_whatever_it_repeats() -> None:
    assert TRIAGE.find(normalise("老人孩子" * 50_000)) is None


def test_a_long_petition_is_an_emergency_only_where_it_says_now() -> None:
    story = (
        "我是本村的村民，家里种了几亩地，一直本本分分过日子，邻居因为地界的事情和我们有矛盾，村里调解了许多回也没有结果，后来他家几个儿子来我家打人，把我父亲打得住了院，"
        * 2
    )
    assert TRIAGE.find(normalise(story)) is None
    assert TRIAGE.find(normalise(story + "现在他们正在门口打人，快来救命")) is None or len(story) > 150
