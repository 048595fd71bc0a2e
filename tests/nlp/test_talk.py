"""Greetings, thanks, stickers and chatter open no case; in doubt a text is a matter."""

from __future__ import annotations

import pytest

from nlp.reader import Reader
from nlp.reading import Talk


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("喂?在吗", Talk.GREETING),
        ("你好！", Talk.GREETING),
        ("领导您好", Talk.GREETING),
        ("谢谢！", Talk.THANKS),
        ("感谢网格员小王", Talk.THANKS),
        ("好的，谢谢", Talk.THANKS),
        ("社区服务真周到，给你们点赞", Talk.PRAISE),
        ("[微笑][微笑]", Talk.STICKER),
        ("👍🏻", Talk.STICKER),
        ("/::)", Talk.STICKER),
        ("【收到不支持的消息类型，暂无法显示】", Talk.STICKER),
        ("", Talk.EMPTY),
        (" \n ", Talk.EMPTY),
        ("\u200b", Talk.EMPTY),
        ("。。。", Talk.CHATTER),
        ("嗯", Talk.CHATTER),
        ("好的", Talk.CHATTER),
        ("1", Talk.CHATTER),
        ("你是谁", Talk.QUESTION),
        ("怎么投诉", Talk.QUESTION),
        ("贷款秒批，加微信", Talk.CHATTER),
        ("谢谢，路灯还是不亮", Talk.MATTER),
        ("你好，我家停水了", Talk.MATTER),
        ("低保怎么办理", Talk.MATTER),
        ("有人加微信骗我贷款秒批，投诉", Talk.MATTER),
        ("墙歪了", Talk.MATTER),
        ("12号楼3单元", Talk.MATTER),
    ],
)
def test_kinds_of_talk(reader: Reader, text: str, talk: Talk) -> None:
    assert reader.read(text).talk is talk


def test_long_texts_are_matters(reader: Reader) -> None:
    assert reader.read("尊敬的领导，我想说说我们这里的日子，" * 20).talk is Talk.MATTER
