"""XML of the official account: pushes as WeChat writes them, replies read as strictly as WeChat reads them."""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

from sandbox.account import Account
from sandbox.crypto import Unreadable, same
from sandbox.fields import byte_length

REPLY_TEXT_BYTES = 2048
Value = str | int | float | list["Pair"]
Pair = tuple[str, Value]

# XML 1.0 allows no other control characters; WeChat drops them.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Malformed(Exception):
    """The service's answer is not one that WeChat accepts; the person is shown the fault sentence."""


@dataclass(frozen=True, slots=True)
class PassiveReply:
    """A passive reply: its kind, what a phone shows as text, the media ids it carries, and the XML."""

    msgtype: str
    text: str
    media_ids: tuple[str, ...] = field(default=())
    xml: str = ""


def render_pairs(pairs: list[Pair]) -> str:
    """Elements in order: texts as CDATA, numbers bare, lists nested."""
    return "\n".join(_render_pair(name, value) for name, value in pairs)


def _render_pair(name: str, value: Value) -> str:
    if isinstance(value, list):
        return f"<{name}>{render_pairs(value)}</{name}>"
    if isinstance(value, str):
        return f"<{name}>{_cdata(value)}</{name}>"
    return f"<{name}>{value}</{name}>"


def _cdata(text: str) -> str:
    return "<![CDATA[" + _FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def render_push(account: Account, openid: str, created_at: int, pairs: list[Pair]) -> str:
    """A push's XML, in the field order of the platform."""
    head: list[Pair] = [("ToUserName", account.gh_id), ("FromUserName", openid), ("CreateTime", created_at)]
    return f"<xml>{render_pairs(head + pairs)}\n</xml>"


def seal_body(account: Account, inner: str) -> tuple[str, str]:
    """The body to post and its ciphertext (empty in plain mode). Raises ValueError for a bad key."""
    if account.mode == "plain":
        return inner, ""
    ciphertext = account.crypto().encrypt(inner.encode())
    if account.mode == "compatible":
        return inner.removesuffix("</xml>") + f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt>\n</xml>", ciphertext
    head = f"<ToUserName><![CDATA[{account.gh_id}]]></ToUserName>"
    return f"<xml>{head}<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>", ciphertext


def parse_reply(account: Account, openid: str, body: bytes) -> PassiveReply | None:
    """What the service answered; None for `success` and an empty body. Raises Malformed."""
    if body in (b"", b"success"):
        return None
    root = _parse_xml(body)
    if root.find("Encrypt") is not None:
        if account.mode == "plain":
            raise Malformed("encrypted answer in plain mode")
        body = _open_envelope(account, root)
        root = _parse_xml(body)
    elif account.mode == "safe":
        raise Malformed("plain answer in safe mode")
    return _read_reply(account, openid, root, body.decode())


def _parse_xml(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Malformed("document type in an answer")
    try:
        root = ElementTree.fromstring(body)
        body.decode()
    except (ElementTree.ParseError, ValueError, UnicodeDecodeError) as error:
        raise Malformed("answer is not XML") from error
    if root.tag != "xml":
        raise Malformed("root element is not xml")
    return root


def _open_envelope(account: Account, root: ElementTree.Element) -> bytes:
    ciphertext, timestamp, nonce = (_text(root, name) for name in ("Encrypt", "TimeStamp", "Nonce"))
    crypto = account.crypto()
    if not same(_text(root, "MsgSignature"), crypto.signature(timestamp, nonce, ciphertext)):
        raise Malformed("MsgSignature wrong")
    try:
        return crypto.decrypt(ciphertext)
    except Unreadable as error:
        raise Malformed("answer cannot be decrypted") from error


def _text(root: ElementTree.Element, path: str) -> str:
    found = root.findall(path)
    if len(found) != 1 or len(found[0]):
        raise Malformed(f"{path} missing, repeated or not plain")
    return found[0].text or ""


def _read_reply(account: Account, openid: str, root: ElementTree.Element, xml: str) -> PassiveReply:
    if _text(root, "ToUserName") != openid or _text(root, "FromUserName") != account.gh_id:
        raise Malformed("addressee or sender wrong")
    if not _text(root, "CreateTime").strip().isdigit():
        raise Malformed("CreateTime is not a number")
    msgtype = _text(root, "MsgType")
    if msgtype == "text":
        return PassiveReply("text", _checked_text(root), xml=xml)
    if msgtype in ("image", "voice", "video"):
        media_id = _text(root, f"{msgtype.capitalize()}/MediaId")
        return PassiveReply(msgtype, _caption(root, msgtype), (media_id,), xml)
    if msgtype == "music":
        return PassiveReply("music", _text(root, "Music/Title"), xml=xml)
    if msgtype == "news":
        return PassiveReply("news", _news_text(root), xml=xml)
    if msgtype in ("transfer_customer_service", "transfer_biz_ai_ivr"):
        return PassiveReply(msgtype, "", xml=xml)
    raise Malformed("MsgType unknown")


def _checked_text(root: ElementTree.Element) -> str:
    content = _text(root, "Content")
    if not content or byte_length(content) > REPLY_TEXT_BYTES:
        raise Malformed("Content empty or longer than 2048 bytes")
    return content


def _caption(root: ElementTree.Element, msgtype: str) -> str:
    title = root.find("Video/Title") if msgtype == "video" else None
    return (title.text or "") if title is not None else ""


def _news_text(root: ElementTree.Element) -> str:
    count, items = _text(root, "ArticleCount"), root.findall("Articles/item")
    if not count.isdigit() or int(count) != len(items) or not 1 <= len(items) <= 8:
        raise Malformed("ArticleCount does not fit the articles")
    return "\n".join(f"{_text(item, 'Title')} {_text(item, 'Url')}".strip() for item in items)
