"""Pushes as WeChat sends them, signed and sealed by wechatpy: an implementation that shares no code with ours."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.official_account.door import AccountDoor, AccountKeys, Mode

APP_ID, TOKEN, AES_KEY = "wxba5fad812f8e6fb9", "AAAAA", "A" * 43
ACCOUNT, OPENID = "gh_97417a04a28d", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def make_keys(mode: Mode = Mode.SAFE, **more: str) -> AccountKeys:
    return AccountKeys(APP_ID, TOKEN, "" if mode is Mode.PLAIN else AES_KEY, mode, **more)


def make_door(mode: Mode = Mode.SAFE, **more: str) -> AccountDoor:
    return AccountDoor(make_keys(mode, **more))


def make_xml(*elements: str, msg_type: str = "text", account: str = ACCOUNT, openid: str = OPENID) -> str:
    head = (
        f"<ToUserName><![CDATA[{account}]]></ToUserName>\n<FromUserName><![CDATA[{openid}]]></FromUserName>\n"
        f"<CreateTime>{SECONDS}</CreateTime>\n<MsgType><![CDATA[{msg_type}]]></MsgType>\n"
    )
    return "<xml>" + head + "\n".join(elements) + "\n</xml>"


def make_text(content: str = "楼道堆物", msg_id: int = 24_512_345_678_901_234) -> str:
    return make_xml(f"<Content><![CDATA[{content}]]></Content>", f"<MsgId>{msg_id}</MsgId>")


def make_event(name: str, *elements: str) -> str:
    return make_xml(f"<Event><![CDATA[{name}]]></Event>", *elements, msg_type="event")


def sign_with_wechatpy(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


@dataclass(frozen=True)
class Push:
    """One request: its query and its body; `with_…` makes the tampered ones."""

    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def with_query(self, **changes: str) -> "Push":
        return replace(self, query=self.query | changes)

    def without(self, name: str) -> "Push":
        return replace(self, query={key: text for key, text in self.query.items() if key != name})

    def with_body(self, body: bytes) -> "Push":
        return replace(self, body=body)


def push_plain(xml: str | bytes, seconds: int = SECONDS, nonce: str = "486452656") -> Push:
    timestamp = str(seconds)
    query = {"signature": sign_with_wechatpy(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    return Push(query | {"openid": OPENID}, xml if isinstance(xml, bytes) else xml.encode())


def push_sealed(
    xml: str | bytes,
    seconds: int = SECONDS,
    nonce: str = "415670741",
    *,
    app_id: str = APP_ID,
    aes_key: str = AES_KEY,
    token: str = TOKEN,
    beside: str = "",
) -> Push:
    """A push in safe mode; `beside` are the plain elements that compatible mode adds."""
    encrypted = PrpCrypto(WeChatCrypto(token, aes_key, app_id).key).encrypt(xml, app_id).decode()
    return push_encrypted(encrypted, seconds, nonce, token=token, beside=beside)


def push_encrypted(
    encrypted: str, seconds: int = SECONDS, nonce: str = "415670741", *, token: str = TOKEN, beside: str = ""
) -> Push:
    timestamp = str(seconds)
    query = {
        "signature": sign_with_wechatpy(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": OPENID,
        "encrypt_type": "aes",
        "msg_signature": sign_with_wechatpy(token, timestamp, nonce, encrypted),
    }
    head = beside or f"<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>"
    return Push(query, f"<xml>\n{head}\n<Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>".encode())
