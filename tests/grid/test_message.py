"""A message's way into the outbox and back."""

from dataclasses import fields

import orjson

from grid.message import Button, Card, Choice, Message, Template, parse_body, render_body

FULL = Message(
    kind="dispatch",
    text="【工单 1123-08】",
    card=Card("c1-v0-1", "标题", (("地点", "一号楼"),), (Button("accept", "接单"), Button("return", "退回", 2))),
    choices=(Choice("1", "满意"),),
    pictures=(7, 8),
    mention=("w00001",),
    template=Template("resolved", {"number": "1123-08"}),
    urgent=True,
    reserve=True,
)


def test_whatever_a_message_holds_comes_back_from_its_json() -> None:
    for message in (FULL, Message("reply", "好的")):
        assert parse_body(orjson.loads(orjson.dumps(render_body(message)))) == message


def test_no_part_of_a_message_is_left_out() -> None:
    assert FULL.card is not None
    body = render_body(FULL)
    assert body.keys() == {one.name for one in fields(Message)}
    assert body["card"].keys() == {one.name for one in fields(Card)}
    assert body["card"]["buttons"][0].keys() == {one.name for one in fields(Button)}
    assert body["choices"][0].keys() == {one.name for one in fields(Choice)}
    assert body["template"].keys() == {one.name for one in fields(Template)}
