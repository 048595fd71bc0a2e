"""Passive replies: what WeChat reads in them, by a parser and a cipher that are not ours."""

from dataclasses import dataclass

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.parser import parse_message

from bot.official_account.door import Mode
from bot.official_account.texts import MAX_TEXT_BYTES, cut_text, split_text
from bot.official_account.updates import parse_update
from bot.official_account.wall import parse_fields
from tests.official_account.pushes import ACCOUNT, AES_KEY, APP_ID, NOW, OPENID, SECONDS, TOKEN, make_door, make_text

UPDATE = parse_update(parse_fields(make_text()))


@dataclass
class Speech:
    text: str


def sealed_reply(text: str, mode: Mode = Mode.SAFE, sealed: bool | None = None) -> dict[str, str]:
    """What the platform finds in our encrypted answer."""
    answer = make_door(mode).seal_reply(text, UPDATE, "1320562132", NOW, sealed)
    envelope = xmltodict.parse(answer)["xml"]
    assert set(envelope) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert (envelope["TimeStamp"], envelope["Nonce"]) == (str(SECONDS), "1320562132")
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    plain = crypto.decrypt_message(answer, envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"])
    return xmltodict.parse(plain, strip_whitespace=False)["xml"]


def plain_reply(text: str) -> dict[str, str]:
    return xmltodict.parse(make_door(Mode.PLAIN).seal_reply(text, UPDATE, "1", NOW), strip_whitespace=False)["xml"]


def test_wechatpy_reads_our_sealed_reply() -> None:
    assert sealed_reply("已受理") == {
        "ToUserName": OPENID,
        "FromUserName": ACCOUNT,
        "CreateTime": str(SECONDS),
        "MsgType": "text",
        "Content": "已受理",
    }


def test_a_plain_reply_is_a_message_to_wechatpy() -> None:
    reply = parse_message(make_door(Mode.PLAIN).seal_reply("已受理", UPDATE, "1", NOW))
    assert (reply.type, reply.target, reply.source, reply.content) == ("text", OPENID, ACCOUNT, "已受理")


def test_compatible_mode_answers_as_it_was_asked() -> None:
    assert sealed_reply("好", Mode.COMPATIBLE)["Content"] == "好"
    answer = make_door(Mode.COMPATIBLE).seal_reply("好", UPDATE, "1", NOW, sealed=False)
    assert parse_message(answer).content == "好"


def test_is_sealed_follows_mode_and_push() -> None:
    aes = {"encrypt_type": "aes"}
    assert [make_door(mode).is_sealed(aes) for mode in Mode] == [False, True, True]
    assert [make_door(mode).is_sealed({}) for mode in Mode] == [False, False, True]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("nothing", [None, "", "  \n", "\x08", Speech("")])
def test_nothing_to_say_is_success(mode: Mode, nothing: str | Speech | None) -> None:
    assert make_door(mode).seal_reply(nothing, UPDATE, "1", NOW) == b"success"


def test_whatever_has_text_can_be_a_reply() -> None:
    assert parse_message(make_door(Mode.PLAIN).seal_reply(Speech("您好"), UPDATE, "1", NOW)).content == "您好"


@pytest.mark.parametrize(
    "text",
    [
        "]]><MsgType>image</MsgType><![CDATA[",
        "]]]]>>",
        "]]>]]>",
        "<a href='http://example.com'>看</a>",
        "&amp; &lt;",
        "</Content></xml>",
    ],
)
def test_no_text_can_inject_an_element(text: str) -> None:
    for reply in (sealed_reply(text), plain_reply(text)):
        assert (reply["MsgType"], reply["Content"]) == ("text", text)
        assert len(reply) == 5


def test_a_nonce_cannot_inject_an_element() -> None:
    nonce = "]]></Nonce><Encrypt>x</Encrypt>"
    envelope = xmltodict.parse(make_door().seal_reply("好", UPDATE, nonce, NOW))["xml"]
    assert envelope["Nonce"] == nonce


def test_control_characters_never_break_the_answer() -> None:
    assert plain_reply("楼\x00道\x0b堆\ufffe物\ud800")["Content"] == "楼道堆物"


@given(st.text(min_size=1, max_size=300))
def test_any_text_arrives(text: str) -> None:
    answer = make_door(Mode.PLAIN).seal_reply(text, UPDATE, "1", NOW)
    if answer != b"success":
        content = xmltodict.parse(answer, strip_whitespace=False)["xml"]["Content"]
        kept = [
            c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
        ]
        assert content == "".join(kept).replace("\r\n", "\n").replace("\r", "\n")


def test_a_long_reply_is_cut_at_a_character() -> None:
    content = plain_reply("网" * 1000)["Content"]
    assert len(content.encode()) <= MAX_TEXT_BYTES
    assert content == "网" * 665 + "…"


@given(st.text(max_size=400), st.integers(min_value=8, max_value=200))
def test_cut_and_split_keep_the_limit_and_the_words(text: str, limit: int) -> None:
    assert len(cut_text(text, limit).encode()) <= limit
    pieces = split_text(text, limit)
    assert all(0 < len(piece.encode()) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_a_split_prefers_the_end_of_a_line() -> None:
    assert split_text("一二三四五\n六七八九十", 20) == ["一二三四五", "六七八九十"]
    assert split_text("短", 20) == ["短"]
    assert split_text("", 20) == []
