"""What the door lets in, and what it does not: each kind of bad input by its name."""

import base64
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.crypto.base import WeChatCipher

from bot.official_account.door import MAX_BODY_BYTES, AccountDoor, AccountKeys, Mode, NotFromPlatform, Unreadable
from bot.official_account.replay import UsedSignatures
from bot.official_account.wall import Sealer
from handlers.update import UpdateKind
from tests.official_account.pushes import (
    AES_KEY,
    APP_ID,
    NOW,
    OPENID,
    SECONDS,
    TOKEN,
    Push,
    make_door,
    make_text,
    make_xml,
    push_encrypted,
    push_plain,
    push_sealed,
    sign_with_wechatpy,
)

SEALED = push_sealed(make_text())
PLAIN = push_plain(make_text())


def refused(push: Push, mode: Mode = Mode.SAFE, door: AccountDoor | None = None) -> str:
    """The reason of a refusal; fails when the door opens, or breaks."""
    with pytest.raises(NotFromPlatform) as caught:
        (door or make_door(mode)).open_update(push.query, push.body, NOW)
    return caught.value.reason


def unreadable(xml: str | bytes, mode: Mode = Mode.SAFE) -> str:
    push = push_plain(xml) if mode is Mode.PLAIN else push_sealed(xml)
    with pytest.raises(Unreadable) as caught:
        make_door(mode).open_update(push.query, push.body, NOW)
    return caught.value.reason


def text_of(push: Push, mode: Mode = Mode.SAFE) -> str:
    return make_door(mode).open_update(push.query, push.body, NOW).text


@pytest.mark.parametrize(
    ("push", "mode"),
    [
        (SEALED, Mode.SAFE),
        (PLAIN, Mode.PLAIN),
        (push_sealed(make_text(), beside="<Content><![CDATA[别处]]></Content>"), Mode.COMPATIBLE),
        (PLAIN, Mode.COMPATIBLE),
    ],
)
def test_every_mode_opens_its_push(push: Push, mode: Mode) -> None:
    update = make_door(mode).open_update(push.query, push.body, NOW)
    assert (update.kind, update.text, update.person) == (UpdateKind.TEXT, "楼道堆物", OPENID)


# Unsigned.


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
def test_unsigned_in_safe_mode(name: str) -> None:
    assert refused(SEALED.without(name)) == "query"
    assert refused(SEALED.with_query(**{name: ""})) == "query"


@pytest.mark.parametrize("name", ["timestamp", "nonce", "signature"])
def test_unsigned_in_plain_mode(name: str) -> None:
    assert refused(PLAIN.without(name), Mode.PLAIN) == "query"


def test_the_plain_signature_does_not_open_safe_mode() -> None:
    assert refused(SEALED.with_query(msg_signature=SEALED.query["signature"])) == "signature"


@pytest.mark.parametrize(
    "given_signature", ["0" * 40, "签名", "\ud800", "a" * 10_000, SEALED.query["msg_signature"].upper()]
)
def test_a_wrong_signature(given_signature: str) -> None:
    assert refused(SEALED.with_query(msg_signature=given_signature)) in ("signature", "query")
    assert refused(PLAIN.with_query(signature=given_signature), Mode.PLAIN) in ("signature", "query")


def test_somebody_elses_token() -> None:
    assert refused(push_sealed(make_text(), token="BBBBB")) == "signature"


# Tampered.


def test_tampered_ciphertext() -> None:
    body = SEALED.body
    start = body.index(b"<Encrypt><![CDATA[") + 18
    turned = b"A" if body[start : start + 1] != b"A" else b"B"
    assert refused(SEALED.with_body(body[:start] + turned + body[start + 1 :])) == "signature"


@pytest.mark.parametrize("name", ["timestamp", "nonce"])
def test_tampered_query(name: str) -> None:
    changed = str(int(SEALED.query[name]) + 1)
    assert refused(SEALED.with_query(**{name: changed})) == "signature"
    assert refused(PLAIN.with_query(**{name: str(int(PLAIN.query[name]) + 1)}), Mode.PLAIN) == "signature"


@pytest.mark.parametrize("cut", [1, 3, 4, 24, 44, 100])
def test_a_genuine_signature_over_a_cut_ciphertext(cut: int) -> None:
    encrypted = PrpCrypto(WeChatCrypto(TOKEN, AES_KEY, APP_ID).key).encrypt(make_text(), APP_ID).decode()
    assert refused(push_encrypted(encrypted[:-cut])) in ("undecryptable", "app_id")


@pytest.mark.parametrize("encrypted", ["A", "====", "AAAA", "A" * 64, "+/" * 32, "QUJD" * 1000])
def test_a_genuine_signature_over_rubbish(encrypted: str) -> None:
    assert refused(push_encrypted(encrypted)) in ("undecryptable", "app_id")


@pytest.mark.parametrize("padding", [0, 33, 48, 255])
def test_a_genuine_signature_over_padding_that_nobody_writes(padding: int) -> None:
    message = make_text().encode()
    content = b"r" * 16 + len(message).to_bytes(4, "big") + message + APP_ID.encode()
    fitted = content.replace(b"</xml>", b" " * (-(len(content) + padding) % 16) + b"</xml>")
    fitted = fitted[:16] + (len(fitted) - 20 - len(APP_ID)).to_bytes(4, "big") + fitted[20:]
    padded = (fitted + bytes([padding]) * padding) if padding else fitted[:-1] + b"\0"
    cipher = WeChatCipher(base64.b64decode(AES_KEY + "="))
    assert refused(push_encrypted(base64.b64encode(cipher.encrypt(padded)).decode())) in ("undecryptable", "app_id")


def test_rubbish_is_not_a_message_for_nobody() -> None:
    sealer = Sealer(AES_KEY, "")
    cipher = WeChatCipher(base64.b64decode(AES_KEY + "="))
    for padding in (0, 33):
        plain = b"r" * 16 + (12).to_bytes(4, "big") + b"<xml></xml> " + bytes(31) + bytes([padding])
        with pytest.raises(NotFromPlatform):
            sealer.open(base64.b64encode(cipher.encrypt(plain)).decode())


# Stale, replayed.


@pytest.mark.parametrize("drift", [-601, 601, -(10**9), 10**9])
def test_stale_or_from_the_future(drift: int) -> None:
    assert refused(push_sealed(make_text(), SECONDS + drift)) == "stale"
    assert refused(push_plain(make_text(), SECONDS + drift), Mode.PLAIN) == "stale"


@pytest.mark.parametrize("drift", [-599, 599])
def test_retries_and_skewed_clocks_are_let_in(drift: int) -> None:
    assert text_of(push_sealed(make_text(), SECONDS + drift)) == "楼道堆物"


@pytest.mark.parametrize("timestamp", ["abc", "-5", "1e9", "１７１４", " 1", "9" * 30])
def test_a_timestamp_that_is_no_number(timestamp: str) -> None:
    signature = sign_with_wechatpy(TOKEN, timestamp, "1")
    assert refused(PLAIN.with_query(timestamp=timestamp, nonce="1", signature=signature), Mode.PLAIN) == "query"


def test_the_same_push_again_has_the_same_key() -> None:
    door = make_door(Mode.PLAIN)
    first = door.open_update(PLAIN.query, PLAIN.body, NOW)
    assert door.open_update(PLAIN.query, PLAIN.body, NOW) == first
    retry = push_sealed(make_text(), SECONDS + 5, "99")
    assert make_door().open_update(retry.query, retry.body, NOW).key == first.key


def test_a_replayed_signature_with_another_body() -> None:
    door = make_door(Mode.PLAIN)
    door.open_update(PLAIN.query, PLAIN.body, NOW)
    assert refused(PLAIN.with_body(make_text("假的").encode()), door=door) == "replay"
    assert door.open_update(PLAIN.query, PLAIN.body, NOW).text == "楼道堆物"


def test_used_signatures_are_forgotten_when_they_can_no_longer_be_fresh() -> None:
    used = UsedSignatures(600)
    for second in range(3000):
        assert not used.is_reused(f"{second:040x}", b"", second)
    assert len(used) <= 1201


def test_used_signatures_stay_bounded() -> None:
    used = UsedSignatures(600, capacity=10)
    for number in range(50):
        assert not used.is_reused(f"{number:040x}", b"", 0)
    assert len(used) == 10


# Plain in safe mode, wrong account.


def test_plaintext_in_safe_mode() -> None:
    assert refused(PLAIN) == "query"
    assert refused(PLAIN.with_query(msg_signature=PLAIN.query["signature"], encrypt_type="aes")) == "signature"


def test_plaintext_beside_the_ciphertext_is_never_believed() -> None:
    push = push_sealed(make_text(), beside="<Content><![CDATA[假的]]></Content><MsgId>1</MsgId>")
    assert text_of(push) == "楼道堆物"
    assert text_of(push, Mode.COMPATIBLE) == "楼道堆物"


def test_an_encrypt_element_in_a_residents_own_words() -> None:
    words = "<Content><![CDATA[<Encrypt>QUJD</Encrypt>]]></Content>"
    assert text_of(push_sealed(make_text(), beside=words), Mode.COMPATIBLE) == "楼道堆物"


@pytest.mark.parametrize("app_id", ["wx0000000000000000", "", APP_ID + "0", APP_ID[:-1]])
def test_wrong_app_id(app_id: str) -> None:
    assert refused(push_sealed(make_text(), app_id=app_id)) == "app_id"


def test_wrong_aes_key() -> None:
    for filler in "BCDEFGHIJKLMNOPQRSTUVWXYZ":
        assert refused(push_sealed(make_text(), aes_key=filler * 43)) in ("undecryptable", "app_id")


def test_another_account_when_ours_is_configured() -> None:
    push = push_sealed(make_xml("<Content>好</Content>", "<MsgId>1</MsgId>", account="gh_other"))
    assert refused(push, door=make_door(account="gh_97417a04a28d")) == "account"
    assert text_of(push) == "好"


@pytest.mark.parametrize(
    "keys", [{"encoding_aes_key": "A" * 42}, {"encoding_aes_key": "钥" * 43}, {"token": ""}, {"mode": "none"}]
)
def test_keys_that_can_never_work(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        AccountDoor(AccountKeys(**({"app_id": APP_ID, "token": TOKEN, "encoding_aes_key": AES_KEY} | keys)))
    assert AES_KEY not in str(caught.value)


def test_secrets_are_not_in_repr() -> None:
    shown = repr(AccountKeys(APP_ID, "geheim-token", "B" * 43))
    assert APP_ID in shown
    assert "geheim" not in shown
    assert "BBB" not in shown


# Hostile XML, genuinely signed.

BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.SAFE])
@pytest.mark.parametrize(
    "head",
    ["<!DOCTYPE xml>", BOMB, '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd">', '<?xml version="1.0"?>\n<!DOCTYPE xml>'],
)
def test_doctype(head: str, mode: Mode) -> None:
    assert unreadable(head + make_text("&b;"), mode) == "doctype"


def test_doctype_around_an_envelope() -> None:
    assert refused(SEALED.with_body(b"<!DOCTYPE xml>" + SEALED.body)) == "signature"


@pytest.mark.parametrize("words", ["<!DOCTYPE html>", '<!ENTITY a "b">', "&lt;!DOCTYPE"])
def test_a_resident_may_write_about_doctypes(words: str) -> None:
    assert text_of(push_sealed(make_text(words))) == words


def test_entities_in_utf_16_do_not_slip_by() -> None:
    assert (
        unreadable(('<?xml version="1.0" encoding="utf-16"?>' + BOMB + make_text()).encode("utf-16"), Mode.PLAIN)
        == "xml"
    )


def test_deep_nesting() -> None:
    xml = make_xml("<a>" * 3500 + "</a>" * 3500, "<Content>好</Content>", "<MsgId>1</MsgId>")
    started = time.perf_counter()
    assert text_of(push_plain(xml), Mode.PLAIN) == "好"
    assert time.perf_counter() - started < 1


def test_deep_nesting_in_content_is_text_all_the_same() -> None:
    xml = make_xml("<Content>" + "<b>" * 2000 + "水管爆了" + "</b>" * 2000 + "</Content>", "<MsgId>1</MsgId>")
    assert text_of(push_sealed(xml)) == "水管爆了"


def test_nested_markup_in_content() -> None:
    assert text_of(push_sealed(make_xml("<Content>楼道<b>堆物</b>多</Content>", "<MsgId>1</MsgId>"))) == "楼道堆物多"


@pytest.mark.parametrize("element", ["FromUserName", "ToUserName", "MsgType", "MsgId", "CreateTime", "Content"])
def test_a_repeated_element(element: str) -> None:
    xml = make_text().replace("</xml>", f"<{element}>text</{element}></xml>")
    assert unreadable(xml) == "repeated"


def test_many_repeated_elements_nobody_reads() -> None:
    assert text_of(push_plain(make_text().replace("</xml>", "<x/>" * 10_000 + "</xml>")), Mode.PLAIN) == "楼道堆物"


@pytest.mark.parametrize(
    ("element", "reason"),
    [("FromUserName", "name"), ("ToUserName", "name"), ("CreateTime", "create_time"), ("MsgType", "msg_type")],
)
def test_a_missing_element(element: str, reason: str) -> None:
    xml = make_text().replace(f"<{element}>", "<other>").replace(f"</{element}>", "</other>")
    assert unreadable(xml) == reason


@pytest.mark.parametrize("created", ["", "x", "-1", "9" * 12, "1e5", "１２"])
def test_a_senseless_create_time(created: str) -> None:
    assert unreadable(make_text().replace(f"<CreateTime>{SECONDS}", f"<CreateTime>{created}")) == "create_time"


@pytest.mark.parametrize("name", ["a b", "a\nb", "x" * 129, "\u200b\u202e"])
def test_a_senseless_sender(name: str) -> None:
    assert unreadable(make_xml("<Content>好</Content>", openid=name)) == "name"


@pytest.mark.parametrize(
    "xml", ["", " ", "<xml", "<xml></xml><xml/>", "<a/>", "{}", "success", "<xml>&nbsp;</xml>", "\ufeff"]
)
def test_no_message_at_all(xml: str) -> None:
    assert unreadable(xml, Mode.PLAIN) in ("xml", "root", "name")


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "&#8;", "&#x1F;", "&#0;"])
@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.SAFE])
def test_control_characters_are_dropped_and_the_words_kept(character: str, mode: Mode) -> None:
    xml = make_xml(f"<Content>楼道{character}堆物</Content>", "<MsgId>1</MsgId>")
    push = push_plain(xml) if mode is Mode.PLAIN else push_sealed(xml)
    assert text_of(push, mode) == "楼道堆物"


def test_a_character_cut_in_half() -> None:
    xml = make_text("楼道堆物").encode().replace("物".encode(), "物".encode()[:2])
    assert text_of(push_plain(xml), Mode.PLAIN) == "楼道堆\ufffd"


# Size.


def test_ten_megabytes_are_not_even_read() -> None:
    started = time.perf_counter()
    for mode, push in ((Mode.SAFE, SEALED), (Mode.PLAIN, PLAIN)):
        assert refused(push.with_body(b"<xml>" + b"a" * 10_000_000), mode) == "size"
    assert time.perf_counter() - started < 0.5


def test_the_largest_body_is_read() -> None:
    room = MAX_BODY_BYTES - len(make_text("").encode())
    assert len(text_of(push_plain(make_text("a" * room)), Mode.PLAIN)) == room


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"<Encrypt>" * (MAX_BODY_BYTES // 9),
        lambda: b"<xml>" + b"<Encrypt>A</Encrypt>" * 3000,
        lambda: b"<xml><Encrypt>" + b"A" * 65_000,
        lambda: b"<xml><Encrypt>" + b" " * 65_000,
        lambda: b"<xml>" + (b"<Encrypt>" + b"A" * 700) * 90,
    ],
)
def test_envelopes_made_to_be_slow(make: Callable[[], bytes]) -> None:
    started = time.perf_counter()
    assert refused(SEALED.with_body(make())) == "signature"
    assert time.perf_counter() - started < 0.5


# Anything.


def test_random_bytes() -> None:
    dice = random.Random(7)
    for mode in Mode:
        door = make_door(mode)
        for _ in range(300):
            body = dice.randbytes(dice.randrange(400))
            with pytest.raises((NotFromPlatform, Unreadable)):
                door.open_update(push_plain(body, nonce=str(dice.random())).query, body, NOW)


@given(st.binary(max_size=300))
def test_any_signed_bytes_end_in_an_update_or_one_of_two_refusals(content: bytes) -> None:
    for push, mode in ((push_plain(content), Mode.PLAIN), (push_sealed(content or b" "), Mode.SAFE)):
        with pytest.raises((NotFromPlatform, Unreadable)):
            make_door(mode).open_update(push.query, push.body, NOW)


_NAMES = st.sampled_from(
    ["ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Event", "EventKey", "x"]
)
_WORDS = st.text(max_size=20) | st.sampled_from(
    ["text", "event", "image", "location", "1", str(SECONDS), "a", "]]>", "<b>"]
)
_SHAPES = st.lists(st.tuples(_NAMES, _WORDS, st.booleans()), max_size=10)


@given(_SHAPES)
def test_any_signed_xml_ends_in_an_update_or_one_of_two_refusals(shape: list[tuple[str, str, bool]]) -> None:
    elements = (f"<{name}>{f'<![CDATA[{words}]]>' if cdata else words}</{name}>" for name, words, cdata in shape)
    xml = ("<xml>" + "".join(elements) + "</xml>").encode("utf-8", "replace")
    push = push_plain(xml)
    try:
        update = make_door(Mode.PLAIN).open_update(push.query, push.body, NOW)
    except Unreadable:
        return
    assert update.person
    assert len(update.key) <= 200


@given(st.dictionaries(st.sampled_from([*SEALED.query, "echostr"]), st.text(max_size=50)), st.binary(max_size=100))
def test_any_query_is_refused_calmly(query: dict[str, str], body: bytes) -> None:
    for mode in Mode:
        with pytest.raises(NotFromPlatform):
            make_door(mode).open_update(query, body, NOW)
        with pytest.raises(NotFromPlatform):
            make_door(mode).check_echo(query)
