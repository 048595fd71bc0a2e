"""The platform's own known answers, byte for byte."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.official_account.door import AccountDoor, AccountKeys, Mode, NotFromPlatform, Unreadable
from bot.official_account.wall import Sealer, sign

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
TOKEN, AES_KEY, APP_ID = VECTORS["token"], VECTORS["encoding_aes_key"], VECTORS["app_id"]


def _door(mode: Mode) -> AccountDoor:
    return AccountDoor(AccountKeys(APP_ID, TOKEN, AES_KEY, mode))


def test_the_echo_of_the_platform_is_accepted() -> None:
    known = VECTORS["get_verify"]
    assert _door(Mode.SAFE).check_echo(known) == known["echostr"]


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_an_echo_with_one_digit_changed_is_refused(name: str) -> None:
    known = VECTORS["get_verify"]
    turned = known[name][:-1] + ("2" if known[name][-1] == "1" else "1")
    with pytest.raises(NotFromPlatform):
        _door(Mode.SAFE).check_echo(known | {name: turned})


def test_an_echo_that_could_be_markup_is_not_reflected() -> None:
    known = VECTORS["get_verify"] | {"echostr": "<script>alert(1)</script>"}
    with pytest.raises(NotFromPlatform, match="echo"):
        _door(Mode.SAFE).check_echo(known)


def test_plain_signature() -> None:
    known = VECTORS["plain_post"]
    assert sign(TOKEN, known["timestamp"], known["nonce"]) == known["signature"]


def test_safe_signature_and_plaintext() -> None:
    known = VECTORS["safe_post"]
    assert sign(TOKEN, known["timestamp"], known["nonce"], known["encrypt"]) == known["msg_signature"]
    assert Sealer(AES_KEY, APP_ID).open(known["encrypt"]) == known["plaintext"]


def test_the_documented_safe_push_passes_every_check_but_is_json() -> None:
    known = VECTORS["safe_post"]
    body = f"<xml><Encrypt><![CDATA[{known['encrypt']}]]></Encrypt></xml>".encode()
    now = datetime.fromtimestamp(int(known["timestamp"]), UTC)
    with pytest.raises(Unreadable, match="xml"):
        _door(Mode.SAFE).open_update(known, body, now)


def test_reply_ciphertext_and_signature() -> None:
    known = VECTORS["reply"]
    encrypted = Sealer(AES_KEY, APP_ID).seal(known["plaintext"], known["random16"].encode())
    assert encrypted == known["encrypt"]
    assert sign(TOKEN, known["timestamp"], known["nonce"], encrypted) == known["msg_signature"]


def test_every_reply_is_sealed_with_fresh_randomness() -> None:
    sealer = Sealer(AES_KEY, APP_ID)
    assert sealer.seal("同一句话") != sealer.seal("同一句话")
