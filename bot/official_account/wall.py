"""The wall between the house and wechatpy: signatures, AES and XML of the message push.

Nothing but this file imports wechatpy, and of wechatpy only the cipher and the padding are let in. Its envelope, parser and
replies are not: they raise six kinds of error on hostile bytes, compare signatures with `!=` and let `]]>` in a reply inject
elements (docs/adr/0005-wechatpy-behind-a-wall.md). Tests hold the results here equal to wechatpy's own.

Source of the format: developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

_RANDOM_BYTES = 16
_HEAD_BYTES = _RANDOM_BYTES + 4
_PAD_BYTES = 32
_AES_BLOCK_BYTES = 16
_NESTED_LEVELS = 6

# Possessive: a stranger's blanks would otherwise be tried in every division, which takes half a minute for 64 KB.
_ENCRYPTED = re.compile(rb"<Encrypt>\s*+(?:<!\[CDATA\[\s*+)?([A-Za-z0-9+/=]++)\s*+(?:\]\]>\s*+)?</Encrypt>")
# What XML 1.0 does not allow at all, raw or as a character reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ILLEGAL_REFERENCE = re.compile(r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE)
# Elements that the platform repeats; they are numbered even when there is only one of them.
_NUMBERED = frozenset({"List", "item"})
# Elements that mean one thing each: two of them are nobody's honest message.
_SINGLE = frozenset(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "MsgId",
        "MsgID",
        "Content",
        "Event",
        "EventKey",
        "MediaId",
        "MediaId16K",
        "bizmsgmenuid",
        "Location_X",
        "Location_Y",
        "Label",
    ]
)


class NotFromPlatform(Exception):
    """Unsigned, tampered, stale, replayed, for another account, not decryptable, or plain in safe mode: answer 403.

    `reason` is one word for logs and metrics; it never holds anything that came with the request.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """Genuinely signed, but not a message that anybody can read: answer `success`, or WeChat sends it three times.

    `reason` is one word for logs and metrics; it never holds anything that came with the request.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(*parts: str) -> str:
    """SHA-1 hex over the sorted, joined parts; `parts` must be ASCII (ciphertext, timestamp, nonce and token are)."""
    return hashlib.sha1("".join(sorted(parts)).encode("ascii"), usedforsecurity=False).hexdigest()


def is_same(expected: str, given: str) -> bool:
    """Compare in constant time; anything outside ASCII is different."""
    return given.isascii() and hmac.compare_digest(expected, given)


class Sealer:
    """AES-256-CBC of the message push; the key schedule and the library's objects are made once."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        """`encoding_aes_key` has 43 characters; raises `ValueError` (without the key in it) for anything else."""
        self._cipher: Any = WeChatCipher(_parse_key(encoding_aes_key))
        self._app_id = app_id.encode()

    def open(self, encrypted: str) -> str:
        """The message inside; raises `NotFromPlatform` if it is not for this key and app id."""
        plain = self._decrypt(encrypted)
        end = _HEAD_BYTES + int.from_bytes(plain[_RANDOM_BYTES:_HEAD_BYTES], "big")
        padding = plain[-1]
        if not 1 <= padding <= _PAD_BYTES or end > len(plain) - padding:
            raise NotFromPlatform("undecryptable")
        if plain[end:-padding] != self._app_id:
            raise NotFromPlatform("app_id")
        return plain[_HEAD_BYTES:end].decode("utf-8", "replace")

    def _decrypt(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise NotFromPlatform("undecryptable") from None
        if len(sealed) < _PAD_BYTES or len(sealed) % _AES_BLOCK_BYTES:
            raise NotFromPlatform("undecryptable")
        plain: bytes = self._cipher.decrypt(sealed)
        return plain

    def seal(self, message: str, random: bytes = b"") -> str:
        """Encrypt `message` to base64; `random` (16 bytes) is given by known-answer tests only."""
        content = message.encode()
        head = (random or os.urandom(_RANDOM_BYTES)) + len(content).to_bytes(4, "big")
        sealed: bytes = self._cipher.encrypt(PKCS7Encoder.encode(head + content + self._app_id))
        return base64.b64encode(sealed).decode("ascii")


def _parse_key(encoding_aes_key: str) -> bytes:
    try:
        key = base64.b64decode(encoding_aes_key + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ValueError("encoding_aes_key must be 43 characters of base64")
    return key


def find_encrypted(body: bytes) -> Iterator[str]:
    """Every `Encrypt` in an envelope, unparsed: in compatible mode a resident's own words may hold one as well."""
    root = body.find(b"<xml")
    if root < 0 or body.find(b"<!DOCTYPE", 0, root) >= 0:
        return
    for found in _ENCRYPTED.finditer(body, root):
        yield found[1].decode("ascii")


@dataclass(frozen=True, slots=True)
class Fields:
    """A message's elements: `top` by name, `nested` by dotted path (`ScanCodeInfo.ScanType`, `…List.0.TemplateId`)."""

    top: dict[str, str]
    nested: dict[str, str]


def parse_fields(xml: str) -> Fields:
    """The elements of one push, stripped as wechatpy strips them; raises `Unreadable`.

    Control characters that XML forbids are dropped, since residents paste them and mean the rest.
    """
    root = _parse_tree(xml)
    if root.tag != "xml":
        raise Unreadable("root")
    top: dict[str, str] = {}
    nested: dict[str, str] = {}
    for child in root:
        tag = child.tag
        if tag in top:
            if tag in _SINGLE:
                raise Unreadable("repeated")
            continue
        if len(child):
            top[tag] = "".join(child.itertext()).strip()
            _flatten(child, tag, nested, _NESTED_LEVELS)
        else:
            top[tag] = (child.text or "").strip()
    return Fields(top, nested)


def _parse_tree(xml: str) -> ElementTree.Element:
    if "<!DOCTYPE" in xml:
        _check_no_doctype(xml)
    try:
        return ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):
        return _parse_cleaned(xml)


def _parse_cleaned(xml: str) -> ElementTree.Element:
    cleaned = _ILLEGAL_REFERENCE.sub("", _ILLEGAL.sub("", xml))
    try:
        return ElementTree.fromstring(cleaned)
    except (ElementTree.ParseError, ValueError):
        raise Unreadable("xml") from None


def _check_no_doctype(xml: str) -> None:
    # A resident may write these letters inside CDATA: only a parser can tell. It stops at the first declaration.
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(_ILLEGAL.sub("", xml), True)
    except expat.ExpatError:
        raise Unreadable("xml") from None


def _refuse_doctype(*_declaration: object) -> NoReturn:
    raise Unreadable("doctype")


def _flatten(parent: ElementTree.Element, path: str, into: dict[str, str], levels: int) -> None:
    counts: dict[str, int] = {}
    for child in parent:
        index = counts.get(child.tag, 0)
        counts[child.tag] = index + 1
        numbered = index or child.tag in _NUMBERED
        name = f"{path}.{child.tag}.{index}" if numbered else f"{path}.{child.tag}"
        if len(child) and levels > 1:
            _flatten(child, name, into, levels - 1)
        elif not len(child):
            into[name] = (child.text or "").strip()


def render_text(to: str, sender: str, created_at: int, text: str) -> str:
    """A passive text reply; whatever is in `text` stays text. `created_at` in seconds since 1970."""
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{created_at}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{_cdata(text)}</Content></xml>"
    )


def render_envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    """The encrypted reply around its ciphertext."""
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{drop_illegal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def drop_illegal(text: str) -> str:
    """The text without characters that XML 1.0 cannot carry."""
    return _ILLEGAL.sub("", text)
