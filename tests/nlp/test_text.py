"""One spelling inside, the writer's own characters outside; personal numbers masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.mask import find_phone, mask_personal, mask_phone
from nlp.parts import split_parts
from nlp.text import normalise


@given(st.text(max_size=200))
def test_every_place_of_the_normal_text_leads_back(text: str) -> None:
    normal = normalise(text)
    for place in range(len(normal.text)):
        start, end = normal.span(place, place + 1)
        assert 0 <= start < end <= len(text)
    assert normalise(normal.text).text == normal.text


def test_width_case_and_script_become_one() -> None:
    assert normalise("樓下ＡＢ１２號　垃圾").text == "楼下ab12号 垃圾"
    assert normalise("停\u200b水").span(0, 2) == (0, 3)
    assert normalise("\u200b").span(0, 0) == (1, 1)


def test_phones_are_masked() -> None:
    assert mask_phone("13900000001") == "139****0001"
    assert mask_phone("12345") == "*****"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13900000001。", "电话139****0001。"),
        ("身份证230803199001011234", "身份证230803**********34"),
        ("卡号6222 0212 3456 7890 123", "卡号6222***********0123"),
        ("车牌黑DA1234停在这", "车牌黑D***34停在这"),
        ("座机0454-8550000", "座机0454-***0000"),
        ("工单1123-08，3号楼2单元402", "工单1123-08，3号楼2单元402"),
    ],
)
def test_personal_numbers_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


def test_only_mobiles_are_phones() -> None:
    assert find_phone("12345678901") is None
    assert find_phone("+86 139-0000-0001") == "13900000001"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "1.5号楼水表井低 2.3号楼门前建筑垃圾 3.3号楼垃圾道堵塞",
            ("5号楼水表井低", "3号楼门前建筑垃圾", "3号楼垃圾道堵塞"),
        ),
        ("上报 1、路灯不亮；2、井盖缺失", ("路灯不亮", "井盖缺失")),
        ("①路灯不亮②井盖缺失", ("路灯不亮", "井盖缺失")),
        (
            "5号楼4单元水表井低\n3号楼2单元建筑垃圾\n3号楼4单元垃圾道堵塞",
            ("5号楼4单元水表井低", "3号楼2单元建筑垃圾", "3号楼4单元垃圾道堵塞"),
        ),
        ("围墙1.5米高，2.3万元修的", ()),
        ("我家在3号楼2单元", ()),
        ("1.5号楼水表井低", ()),
        ("停水2天了，3号楼也停", ()),
        ("", ()),
    ],
)
def test_lists_of_separate_matters(text: str, parts: tuple[str, ...]) -> None:
    assert split_parts(text) == parts
