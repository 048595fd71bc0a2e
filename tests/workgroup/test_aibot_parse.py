"""Frames → updates: every kind, the bot's name however it is spaced, and whatever a stranger might send."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.workgroup.aibot_parse import parse_update, strip_mention
from bot.workgroup.frames import BadFrame, Frame, parse_frame
from handlers.update import Door, Event, MediaRef, Quote, Update, UpdateKind
from tests.clock import START
from tests.workgroup.gateway import click_body, text_body

IMAGE = {"url": "https://files.example/a", "aeskey": "K" * 43}
REF = MediaRef("image", url="https://files.example/a", aes_key="K" * 43)


def parse(body: dict[str, Any], cmd: str = "aibot_msg_callback") -> Update:
    return parse_update(Frame(cmd, "cb-1", body), bot_id="B1", bot_name="网格助手", received_at=START)


def test_a_group_text() -> None:
    assert parse(text_body("@网格助手 接单")) == Update(
        door=Door.AIBOT,
        kind=UpdateKind.TEXT,
        key="aibot:B1:m1",
        person="wangfang",
        account="B1",
        created_at=START,
        chat="G1",
        text="接单",
        req_id="cb-1",
    )


def test_a_single_chat_has_no_chat() -> None:
    body = text_body("待办") | {"chattype": "single"}
    assert parse(body).chat is None
    del body["chatid"]
    assert parse(body).chat is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@网格助手 接单", "接单"),
        ("@网格助手接单", "接单"),
        ("＠网格助手　接单", "接单"),
        ("@网格助手\u2005接单", "接单"),
        ("@ 网格助手 接单", "接单"),
        ("接单 @网格助手 1123-08", "接单 1123-08"),
        ("接单@网格助手1123-08", "接单 1123-08"),
        ("接单 1123-08 @网格助手", "接单 1123-08"),
        ("@网格助手\n上报 1.井盖\n2.路灯", "上报 1.井盖\n2.路灯"),
        ("上报 1.井盖 @网格助手\n2.路灯", "上报 1.井盖 \n2.路灯"),
        ("@网格助手 @网格助手 待办", "待办"),
        ("@王芳 接单", "@王芳 接单"),
        ("网格助手 接单", "网格助手 接单"),
        ("@网格助手", ""),
        ("", ""),
    ],
)
def test_the_bots_name_is_stripped(text: str, rest: str) -> None:
    assert strip_mention(text, "网格助手") == rest


def test_a_name_with_a_blank_and_with_marks() -> None:
    assert strip_mention("@Grid\u2005 Bot(2) 接单", "grid bot(2)") == "接单"
    assert strip_mention(" 接单 ", " ") == "接单"


def test_stripping_is_quick_on_long_blanks() -> None:
    text = "@" + " " * 200_000 + "x"
    assert strip_mention(text, "网格助手") == text


def test_mixed_has_its_words_and_pictures() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "@网格助手 办结"}},
        {"msgtype": "image", "image": IMAGE},
        {"msgtype": "text", "text": {"content": "已疏通"}},
    ]
    update = parse(text_body("") | {"msgtype": "mixed", "mixed": {"msg_item": items}})
    assert (update.kind, update.text, update.media) == (UpdateKind.MIXED, "办结\n已疏通", (REF,))


@pytest.mark.parametrize(
    ("msgtype", "kind"), [("image", UpdateKind.IMAGE), ("file", UpdateKind.FILE), ("video", UpdateKind.VIDEO)]
)
def test_media_of_a_single_chat(msgtype: str, kind: UpdateKind) -> None:
    update = parse(text_body("") | {"msgtype": msgtype, msgtype: IMAGE | {"filename": "a.jpg"}, "chattype": "single"})
    assert (update.kind, update.media) == (kind, (MediaRef(msgtype, url=REF.url, aes_key=REF.aes_key, name="a.jpg"),))


def test_voice_is_text_already() -> None:
    update = parse(text_body("") | {"msgtype": "voice", "voice": {"content": "办结 已疏通"}})
    assert (update.kind, update.text, update.media) == (UpdateKind.TEXT, "办结 已疏通", ())


@pytest.mark.parametrize(
    ("quote", "parsed"),
    [
        ({"msgtype": "text", "text": {"content": "【工单 1123-08】"}}, Quote("【工单 1123-08】")),
        ({"msgtype": "image", "image": IMAGE}, Quote("", (REF,))),
        ({"msgtype": "voice", "voice": {"content": "堵了"}}, Quote("堵了")),
        (
            {
                "msgtype": "mixed",
                "mixed": {
                    "msg_item": [{"msgtype": "text", "text": {"content": "看"}}, {"msgtype": "image", "image": IMAGE}]
                },
            },
            Quote("看", (REF,)),
        ),
        ({"msgtype": "template_card"}, None),
        ([], None),
        ("x", None),
    ],
)
def test_quotes(quote: object, parsed: Quote | None) -> None:
    assert parse(text_body("办结") | {"quote": quote}).quote == parsed


def test_a_click() -> None:
    update = parse(click_body(), "aibot_event_callback")
    details = {"task_id": "1123-08@1", "card_type": "button_interaction"}
    assert update.event == Event("TEMPLATE_CARD_EVENT", "accept", details)
    assert (update.kind, update.person, update.chat, update.key) == (
        UpdateKind.EVENT,
        "wangfang",
        "G1",
        "aibot:B1:e1",
    )
    assert update.created_at == datetime.fromtimestamp(1_795_395_600, UTC)


def test_a_click_as_older_samples_have_it_and_with_choices() -> None:
    body = click_body()
    chosen = {"selected_item": [{"question_key": "why", "option_ids": {"option_id": ["a", "b", 7]}}]}
    body["event"] = {"eventtype": "template_card_event", "event_key": "k", "task_id": "t", "selected_items": chosen}
    event = parse(body, "aibot_event_callback").event
    assert event == Event("TEMPLATE_CARD_EVENT", "k", {"task_id": "t", "selected:why": "a,b"})


@pytest.mark.parametrize("name", ["enter_chat", "feedback_event", "disconnected_event", "something_new"])
def test_other_events(name: str) -> None:
    body = {"msgid": "e", "aibotid": "B1", "msgtype": "event", "event": {"eventtype": name}}
    update = parse(body, "aibot_event_callback")
    assert (update.kind, update.event) == (UpdateKind.EVENT, Event(name.upper()))


def test_events_without_msgid_have_a_key_of_their_own() -> None:
    first, again = click_body(), click_body()
    other = click_body(key="return")
    for body in (first, again, other):
        del body["msgid"]
    keys = [parse(body, "aibot_event_callback").key for body in (first, again, other)]
    assert keys[0] == keys[1] == "aibot:B1:wangfang:1795395600:template_card_event:1123-08@1:accept"
    assert keys[2] != keys[0]


def test_an_unknown_kind_is_let_in_as_unknown() -> None:
    update = parse(text_body("") | {"msgtype": "hologram", "hologram": {"a": 1}})
    assert (update.kind, update.text) == (UpdateKind.UNKNOWN, "")


@pytest.mark.parametrize("change", [{"msgid": ""}, {"msgid": None}, {"from": {}}, {"from": "x"}, {"from": None}])
def test_a_message_without_id_or_sender_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        parse(text_body("接单") | change)


def test_nul_goes_and_long_ids_stay_storable() -> None:
    update = parse(text_body("接\x00单", msgid="m" * 5000))
    assert update.text == "接单"
    assert len(update.key) <= 200
    assert update.key != parse(text_body("接单", msgid="n" * 5000)).key


@pytest.mark.parametrize("when", [10**30, -(10**30), "later", None, [], True])
def test_an_impossible_time_becomes_the_time_of_arrival(when: object) -> None:
    assert parse(text_body("一") | {"create_time": when}).created_at == START


def test_errors_never_repeat_the_frame() -> None:
    with pytest.raises(BadFrame) as caught:
        parse_frame("李先生13900000001")
    assert "李先生" not in repr(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PATHS = [
    ("msgtype",),
    ("msgid",),
    ("from",),
    ("from", "userid"),
    ("chatid",),
    ("chattype",),
    ("text",),
    ("text", "content"),
    ("mixed",),
    ("mixed", "msg_item"),
    ("quote",),
    ("create_time",),
    ("event",),
    ("event", "eventtype"),
    ("event", "template_card_event"),
    ("event", "template_card_event", "selected_items"),
]


@given(path=st.sampled_from(PATHS), value=JSON, is_event=st.booleans())
@settings(max_examples=400)
def test_hostile_fields_raise_nothing_but_bad_frame(path: tuple[str, ...], value: Any, is_event: bool) -> None:
    body = copy.deepcopy(click_body() if is_event else text_body("@网格助手 接单"))
    target: dict[str, Any] = body
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
    try:
        update = parse(body, "aibot_event_callback" if is_event else "aibot_msg_callback")
    except BadFrame:
        return
    assert isinstance(update.text, str)
    assert len(update.key) <= 200


@given(raw=st.text(max_size=60) | st.binary(max_size=60))
def test_hostile_bytes_raise_nothing_but_bad_frame(raw: str | bytes) -> None:
    try:
        parse_frame(raw)
    except BadFrame:
        return
