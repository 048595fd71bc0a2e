"""The table of refusals: complete where it must be, and honest about what it does not know."""

import re

import pytest

from bot.refusals import _COMMON, _SPECIAL, Next, Told, Wire, find_refusal, is_known
from sandbox.errors import SENTENCES


@pytest.mark.parametrize(
    ("errcode", "wire", "then", "told"),
    [
        (-1, Wire.OFFICIAL_ACCOUNT, Next.RETRY_SOON, Told.NOBODY),
        (48001, Wire.OFFICIAL_ACCOUNT, Next.CONFIG_FAULT, Told.DUTY_GROUP),
        (45015, Wire.OFFICIAL_ACCOUNT, Next.PARK, Told.NOBODY),
        (45047, Wire.OFFICIAL_ACCOUNT, Next.PARK, Told.NOBODY),
        (43101, Wire.OFFICIAL_ACCOUNT, Next.PARK, Told.NOBODY),
        (45009, Wire.OFFICIAL_ACCOUNT, Next.STOP_TODAY, Told.DUTY_GROUP),
        (45009, Wire.WEBHOOK, Next.RETRY_NEXT_MINUTE, Told.NOBODY),
        (45009, Wire.AIBOT, Next.RETRY_NEXT_MINUTE, Told.NOBODY),
        (45011, Wire.OFFICIAL_ACCOUNT, Next.RETRY_NEXT_MINUTE, Told.NOBODY),
        (40003, Wire.OFFICIAL_ACCOUNT, Next.DROP_PERSON, Told.NOBODY),
        (43004, Wire.OFFICIAL_ACCOUNT, Next.DROP_PERSON, Told.NOBODY),
        (40164, Wire.OFFICIAL_ACCOUNT, Next.CONFIG_FAULT, Told.ENGINEER),
        (93000, Wire.WEBHOOK, Next.CONFIG_FAULT, Told.DUTY_GROUP),
        (93006, Wire.AIBOT, Next.PARK, Told.DUTY_GROUP),
        (47001, Wire.WEBHOOK, Next.BUG, Told.ENGINEER),
    ],
)
def test_what_happens_next(errcode: int, wire: Wire, then: Next, told: Told) -> None:
    found = find_refusal(errcode, wire)
    assert (found.next, found.told) == (then, told)


@pytest.mark.parametrize("wire", list(Wire))
def test_an_unknown_refusal_is_looked_at_by_a_person(wire: Wire) -> None:
    found = find_refusal(123_456, wire)
    assert (found.next, found.told, is_known(123_456, wire)) == (Next.BUG, Told.ENGINEER, False)
    assert "123456" in found.meaning


def test_meanings_are_chinese_sentences() -> None:
    for table in (*_SPECIAL.values(), _COMMON):
        for found in table.values():
            assert re.search(r"[\u4e00-\u9fff]{4}", found.meaning)


def test_who_must_act_hears_of_it() -> None:
    for table in (*_SPECIAL.values(), _COMMON):
        for errcode, found in table.items():
            if found.next in (Next.CONFIG_FAULT, Next.STOP_TODAY):
                assert found.told is not Told.NOBODY, errcode


@pytest.mark.parametrize(
    "errcode", [-1, 40003, 40037, 43004, 43101, 45009, 45011, 45015, 45047, 47003, 48001, 93000, 93006]
)
def test_what_the_pretend_platform_refuses_with_is_in_the_table(errcode: int) -> None:
    assert errcode in SENTENCES
    assert any(is_known(errcode, wire) for wire in Wire)
