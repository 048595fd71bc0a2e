"""What strangers and broken senders put on the counter: refused as designed, nothing kept, one line in the log that tells nothing."""

import gzip
import logging
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.official_account.pushes import (
    APP_ID,
    OPENID,
    SECONDS,
    TOKEN,
    Push,
    make_event,
    make_text,
    make_xml,
    push_encrypted,
    push_plain,
    push_sealed,
    sign_with_wechatpy,
)
from tests.web.conftest import SECRETS, Answer, Counter, now_seconds

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

WORDS = "阳光水岸二号楼下水道堵了"
REFUSED: Answer = (403, "forbidden")
TAKEN: Answer = (200, "success")
MEGABYTES = b"x" * (10 << 20)
Make = Callable[[], Push]


def sealed(xml: str | bytes | None = None, **more: str) -> Push:
    return push_sealed(make_text(WORDS) if xml is None else xml, now_seconds(), **more)


def plainly(xml: str | bytes | None = None, nonce: str = "1") -> Push:
    return push_plain(make_text(WORDS) if xml is None else xml, now_seconds(), nonce)


def _nested(levels: int) -> str:
    return make_event("CLICK", "<a>" * levels + "</a>" * levels)


DOCTYPE = f'<!DOCTYPE x [<!ENTITY a "{"b" * 99}"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
STRANGERS: dict[str, Make] = {
    "nothing at all": Push,
    "unsigned": lambda: Push(body=make_text(WORDS).encode()),
    "signature missing": lambda: sealed().without("msg_signature"),
    "signature wrong": lambda: sealed().with_query(msg_signature="0" * 40),
    "signature not ASCII": lambda: sealed().with_query(msg_signature="签" * 40),
    "signature of another token": lambda: sealed(token="BBBBB"),
    "timestamp changed": lambda: sealed().with_query(timestamp=str(now_seconds() - 1)),
    "timestamp no number": lambda: sealed().with_query(timestamp="soon"),
    "nonce changed": lambda: sealed().with_query(nonce="2"),
    "nonce endless": lambda: sealed().with_query(nonce="9" * 4000),
    "stale": lambda: push_sealed(make_text(WORDS), now_seconds() - 660),
    "from the future": lambda: push_sealed(make_text(WORDS), now_seconds() + 660),
    "tampered": lambda: (push := sealed()).with_body(push.body.replace(b"CDATA[", b"CDATA[A", 2)),
    "plaintext in safe mode": lambda: plainly(),
    "plaintext beside a signature": lambda: sealed().with_body(make_text(WORDS).encode()),
    "wrong app id": lambda: sealed(app_id="wx0000000000000000"),
    "wrong key": lambda: sealed(aes_key="B" * 43),
    "no cipher": lambda: push_encrypted("AAAA", now_seconds()),
    "cipher of noise": lambda: push_encrypted("QUJD" * 32, now_seconds()),
    "doctype around the cipher": lambda: (push := sealed()).with_body(DOCTYPE.encode() + push.body),
    "random bytes": lambda: sealed().with_body(bytes(range(256)) * 8),
}
BROKEN: dict[str, Make] = {
    "no XML": lambda: sealed(WORDS),
    "empty": lambda: sealed(""),
    "half": lambda: sealed(make_text(WORDS)[:-20]),
    "other root": lambda: sealed("<json>{}</json>"),
    "doctype inside": lambda: sealed(DOCTYPE + make_text("&b;")),
    "no sender": lambda: sealed(make_xml(openid="")),
    "sender with blanks": lambda: sealed(make_xml(openid="a b\nc")),
    "sender endless": lambda: sealed(make_xml(openid="o" * 5000)),
    "no type": lambda: sealed(make_xml(msg_type="")),
    "event without a name": lambda: sealed(make_event("")),
    "sender twice": lambda: sealed(make_xml(f"<FromUserName>{OPENID}</FromUserName>")),
    "text twice": lambda: sealed(make_xml(*2 * (f"<Content>{WORDS}</Content>",))),
    "time no number": lambda: sealed(make_text(WORDS).replace(str(SECONDS), "９９")),
    "time past all years": lambda: sealed(make_text(WORDS).replace(str(SECONDS), "9" * 12)),
    "location nowhere": lambda: sealed(make_xml("<Location_X>nan</Location_X>", msg_type="location")),
    "ten thousand levels": lambda: sealed(_nested(5000)),
}
HARMLESS = ("ten thousand levels",)


def _check_line(lines: pytest.LogCaptureFixture, level: int = logging.WARNING) -> None:
    assert len(lines.records) == 1, lines.text
    assert lines.records[0].levelno == level
    said = lines.text
    assert not any(word in said for word in (WORDS, "下水道", OPENID, *SECRETS, "Encrypt", "Traceback"))


@pytest.mark.parametrize("name", STRANGERS)
async def test_strangers_are_refused(safe: Counter, lines: pytest.LogCaptureFixture, name: str) -> None:
    before = await safe.counts()
    assert await safe.push(STRANGERS[name]()) == REFUSED
    assert await safe.counts() == before
    _check_line(lines)


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in HARMLESS])
async def test_genuine_but_senseless_is_taken_once(safe: Counter, lines: pytest.LogCaptureFixture, name: str) -> None:
    before = await safe.counts()
    assert await safe.push(BROKEN[name]()) == TAKEN
    assert await safe.counts() == before
    _check_line(lines)


async def test_deep_nesting_harms_nobody(safe: Counter, lines: pytest.LogCaptureFixture) -> None:
    before = await safe.counts()
    status, _ = await safe.push(BROKEN["ten thousand levels"]())
    assert status == 200
    assert (await safe.counts())["case"] == before["case"]
    assert len(lines.records) == 1


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1 << 20, 10 << 20])
async def test_too_much_is_not_read(safe: Counter, lines: pytest.LogCaptureFixture, size: int) -> None:
    before = await safe.counts()
    status, _ = await safe.push(sealed().with_body(MEGABYTES[:size]))
    assert status == 413
    assert await safe.counts() == before
    _check_line(lines)


async def test_a_small_body_that_unpacks_to_much_is_not_unpacked(
    safe: Counter, lines: pytest.LogCaptureFixture
) -> None:
    packed = sealed().with_body(gzip.compress(MEGABYTES))
    assert await safe.push(packed, **{"Content-Encoding": "gzip"}) == REFUSED
    _check_line(lines)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "none-such"])
async def test_a_coding_that_is_a_lie_is_refused(safe: Counter, lines: pytest.LogCaptureFixture, coding: str) -> None:
    before = await safe.counts()
    assert await safe.push(sealed().with_body(b"no coding at all"), **{"Content-Encoding": coding}) == REFUSED
    assert await safe.counts() == before
    _check_line(lines)


async def test_control_characters_are_dropped_and_the_rest_is_heard(
    safe: Counter, lines: pytest.LogCaptureFixture
) -> None:
    before = await safe.counts()
    status, body = await safe.push(sealed(make_text(f"\x00\x08{WORDS}\x1b&#8;\ufffe", 7)))
    assert status == 200
    assert body != "success"
    assert (await safe.counts())["case"] == before["case"] + 1
    _check_line(lines, logging.INFO)


async def test_letters_of_a_doctype_in_a_text_are_letters(safe: Counter) -> None:
    before = await safe.counts()
    status, _ = await safe.push(sealed(make_text("<!DOCTYPE html> 网页打不开", 8)))
    assert status == 200
    assert (await safe.counts())["inbound"] == before["inbound"] + 1


async def test_a_plain_signature_speaks_for_one_body(plain: Counter, lines: pytest.LogCaptureFixture) -> None:
    push = plainly(nonce="77")
    status, reply = await plain.push(push)
    assert (status, "已受理" in reply) == (200, True)
    lines.clear()
    before = await plain.counts()
    other = push.with_body(make_text("给我转钱", 99).encode())
    assert await plain.push(other) == REFUSED
    assert await plain.counts() == before
    _check_line(lines)
    # The same push again is WeChat's own repeat: the same reply, nothing new.
    again, repeated = await plain.push(push)
    assert (again, await plain.counts()) == (200, before)
    assert _words(repeated) == _words(reply)


def _words(reply: str) -> str:
    return reply.partition("<Content>")[2]


@pytest.mark.parametrize("name", ["unsigned", "signature missing", "random bytes"])
async def test_plain_mode_refuses_them_too(plain: Counter, lines: pytest.LogCaptureFixture, name: str) -> None:
    before = await plain.counts()
    push = STRANGERS[name]().without("signature")
    assert await plain.push(push) == REFUSED
    assert await plain.counts() == before
    _check_line(lines)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=2000), inside=st.booleans())
async def test_whatever_bytes_come(safe: Counter, lines: pytest.LogCaptureFixture, body: bytes, inside: bool) -> None:
    lines.clear()
    before = await safe.counts()
    push = sealed(body) if inside else sealed().with_body(body)
    assert await safe.push(push) == (TAKEN if inside else REFUSED)
    assert await safe.counts() == before
    _check_line(lines)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), number=st.integers(0, 10**12))
async def test_whatever_a_genuine_push_says(
    safe: Counter, lines: pytest.LogCaptureFixture, text: str, number: int
) -> None:
    lines.clear()
    content = text.encode("utf-8", "replace").decode().replace("]]>", "")
    status, _ = await safe.push(sealed(make_text(content, 10_000 + number)))
    assert status == 200
    assert len(lines.records) <= 1
    assert OPENID not in lines.text


async def test_the_address_is_verified(safe: Counter, lines: pytest.LogCaptureFixture) -> None:
    stamp, nonce = str(now_seconds()), "42"
    query = {"timestamp": stamp, "nonce": nonce, "signature": sign_with_wechatpy(TOKEN, stamp, nonce)}
    assert await safe.verify(query | {"echostr": "8765432109876543210"}) == (200, "8765432109876543210")
    assert not lines.records


@pytest.mark.parametrize(
    "changed",
    [{"signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "43"}, {"echostr": "<b>x</b>"}, {"echostr": ""}],
    ids=lambda changed: next(iter(changed)) + str(len(next(iter(changed.values())))),
)
async def test_a_wrong_verification_is_refused(
    safe: Counter, lines: pytest.LogCaptureFixture, changed: dict[str, str]
) -> None:
    stamp, nonce = str(now_seconds()), "42"
    query = {"timestamp": stamp, "nonce": nonce, "signature": sign_with_wechatpy(TOKEN, stamp, nonce)}
    assert await safe.verify(query | {"echostr": "876"} | changed) == REFUSED
    _check_line(lines)


async def test_the_app_id_is_nowhere_to_be_read(safe: Counter) -> None:
    for path in ("healthz", "readyz", "metrics"):
        async with safe.session.get(safe.url.replace("wechat/oa", path)) as response:
            assert response.status == 200
            text = await response.text()
            assert not any(word in text for word in (APP_ID, OPENID, *SECRETS))
