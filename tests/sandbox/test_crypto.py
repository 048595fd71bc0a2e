"""The platform's own known-answer vectors against the sandbox's own crypto."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.crypto import (
    MessageCrypto,
    Unreadable,
    decrypt_bytes,
    encrypt_bytes,
    make_aes_key,
    parse_aes_key,
    same,
    sign,
)

TOKEN, KEY, APP_ID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
SAFE_CIPHERTEXT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km3"
    "2IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
REPLY_CIPHERTEXT = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


def test_verification_signature() -> None:
    assert sign(TOKEN, "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_plain_push_signature() -> None:
    assert sign(TOKEN, "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_safe_push() -> None:
    crypto = MessageCrypto(TOKEN, KEY, APP_ID)
    signature = crypto.signature("1714112445", "415670741", SAFE_CIPHERTEXT)
    assert signature == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    plain = crypto.decrypt(SAFE_CIPHERTEXT)
    assert len(plain) == 167
    assert plain.startswith(b'{"ToUserName":"gh_97417a04a28d"')


def test_reply() -> None:
    crypto = MessageCrypto(TOKEN, KEY, APP_ID)
    assert crypto.encrypt(b'{"demo_resp":"good luck"}', prefix=b"707722b803182950") == REPLY_CIPHERTEXT
    signature = crypto.signature("1713424427", "415670741", REPLY_CIPHERTEXT)
    assert signature == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@given(st.binary(max_size=300))
def test_round_trip(message: bytes) -> None:
    crypto = MessageCrypto("t", make_aes_key(), "")
    assert crypto.decrypt(crypto.encrypt(message)) == message


def test_another_app_cannot_read() -> None:
    sealed = MessageCrypto(TOKEN, KEY, "other").encrypt(b"hello")
    with pytest.raises(Unreadable):
        MessageCrypto(TOKEN, KEY, APP_ID).decrypt(sealed)


@pytest.mark.parametrize("broken", ["", "!!!", "QUJD", base64.b64encode(b"x" * 32).decode()])
def test_broken_ciphertext_is_unreadable(broken: str) -> None:
    with pytest.raises(Unreadable):
        MessageCrypto(TOKEN, KEY, APP_ID).decrypt(broken)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "*" * 43])
def test_bad_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        parse_aes_key(key)


def test_padding_fills_a_whole_block_when_nothing_is_missing() -> None:
    key = b"k" * 32
    assert len(encrypt_bytes(b"x" * 32, key)) == 64
    assert decrypt_bytes(encrypt_bytes(b"x" * 32, key), key) == b"x" * 32


def test_signatures_compare() -> None:
    assert same("abc", "abc")
    assert not same("abc", "abd")
