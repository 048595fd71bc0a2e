"""Cards keep the limits of template cards, and never stand for a text that somebody must quote."""

import pytest

from bot.workgroup.layout_card import fits_card, render_card, render_updated_card
from grid.message import Button, Card, Message
from sandbox.cards import read_card

BUTTONS = (Button("accept", "接单"), Button("return", "退回", 3), Button("whistle", "吹哨", 2))
CARD = Card("1123-08@1", "城建物业 · 一般", (("地点", "阳光水岸12号楼"), ("时限", "11-23 10:30前接单")), BUTTONS)


def test_a_card_as_the_platform_wants_it() -> None:
    assert render_card(CARD) == {
        "card_type": "button_interaction",
        "main_title": {"title": "城建物业 · 一般"},
        "horizontal_content_list": [
            {"keyname": "地点", "value": "阳光水岸12号楼"},
            {"keyname": "时限", "value": "11-23 10:30前接单"},
        ],
        "button_list": [
            {"text": "接单", "style": 1, "key": "accept"},
            {"text": "退回", "style": 3, "key": "return"},
            {"text": "吹哨", "style": 2, "key": "whistle"},
        ],
        "task_id": "1123-08@1",
    }


def test_what_is_too_long_is_cut_visibly() -> None:
    big = Card(
        "t",
        "长" * 40,
        tuple(("名称太长了吧", "值" * 50) for _ in range(9)),
        tuple(Button(f"k{number}", "按钮上的字实在是太多了") for number in range(9)),
    )
    face = render_card(big)
    assert face["main_title"]["title"] == "长" * 25 + "…"
    assert face["horizontal_content_list"] == [{"keyname": "名称太长…", "value": "值" * 25 + "…"}] * 6
    assert [button["text"] for button in face["button_list"]] == ["按钮上的字实在是太…"] * 6
    assert read_card(face).task_id == "t"


@pytest.mark.parametrize(
    "card",
    [
        Card("有汉字", "题", (), BUTTONS),
        Card("", "题", (), BUTTONS),
        Card("x" * 129, "题", (), BUTTONS),
        Card("t", " ", (), BUTTONS),
        Card("t", "题", (), ()),
        Card("t", "题", (), (Button("a", "甲"), Button("a", "乙"))),
        Card("t", "题", (), (Button("", "甲"),)),
        Card("t", "题", (), (Button("k" * 1025, "甲"),)),
    ],
)
def test_what_cannot_be_cut_is_refused(card: Card) -> None:
    with pytest.raises(ValueError, match=r"card|button"):
        render_card(card)


def test_only_a_short_text_without_a_case_goes_on_the_card() -> None:
    asks = Message("registration", "张三申请登记为网格员，请确认。", CARD)
    assert fits_card(CARD, asks)
    assert render_card(CARD, asks)["sub_title_text"] == "张三申请登记为网格员，请确认。"
    assert not fits_card(CARD, Message("dispatch", "【工单 1123-08】井盖", CARD))
    assert not fits_card(CARD, Message("x", "长" * 113, CARD))
    assert not fits_card(Card("t", "题"), asks)


def test_an_updated_card_keeps_the_clicks_task_id_and_a_button() -> None:
    face = render_updated_card(Card("other", "已由王芳接单", (("时间", "10:02"),)), "1123-08@1")
    assert face["task_id"] == "1123-08@1"
    assert face["button_list"] == [{"text": "已处理", "style": 3, "key": "seen"}]
    assert read_card(face).card_type == "button_interaction"
