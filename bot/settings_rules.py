"""What a single setting must be like.

Each check returns the value or raises `ValueError` with a Chinese sentence that never shows a secret.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
_TOKEN = re.compile(r"[0-9A-Za-z]{3,32}")
_PHONE = re.compile(r"[0-9][0-9\- ]{1,19}|")
# wechat.md §2.6: the types of menu buttons, and how long names, keys and addresses may be in bytes.
_KEY_TYPES = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)
_MENU_TYPES = (*_KEY_TYPES, "view")
_TOP_BUTTONS, _SUB_BUTTONS = 3, 5
_NAME_BYTES, _SUB_NAME_BYTES, _KEY_BYTES, _URL_BYTES = 16, 60, 128, 1024


class Button(Protocol):
    """A menu button, as far as its limits go."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def sub_button(self) -> "Sequence[Button]": ...


ButtonT = TypeVar("ButtonT", bound=Button)


def is_loopback(address: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_address(address: str, schemes: tuple[str, ...]) -> str:
    # An address that urlsplit itself cannot take ends in ValueError too, with an English text.
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or re.search(r"\s", address):
        raise ValueError(f"应为完整地址，以 {' 或 '.join(f'{scheme}://' for scheme in schemes)} 开头。")
    return address.rstrip("/")


def check_web_address(address: str) -> str:
    """An http or https address without its last slash; empty stays empty."""
    return _check_address(address, ("http", "https")) if address else ""


def check_safe_web_address(address: str) -> str:
    """An address that tokens travel to: https, except on this machine."""
    address = _check_address(address, ("http", "https"))
    if not address.startswith("https://") and not is_loopback(address):
        raise ValueError("密钥会发往这个地址，除本机外必须使用 https://。")
    return address


def check_socket_address(address: str) -> str:
    """A WebSocket address: wss, except on this machine."""
    address = _check_address(address, ("ws", "wss"))
    if not address.startswith("wss://") and not is_loopback(address):
        raise ValueError("密钥会发往这个地址，除本机外必须使用 wss://。")
    return address


def check_timezone(name: str) -> str:
    """A name of the time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("没有这个时区，例如 Asia/Shanghai。") from None
    return name


def check_database_url(url: str) -> str:
    """An address that `storage.engine` can open."""
    try:
        driver = make_url(url).drivername
    except (ArgumentError, ValueError):
        driver = ""
    if driver not in _DRIVERS:
        raise ValueError("应为 sqlite+aiosqlite:///文件 或 postgresql+asyncpg://用户:密码@主机/库名。")
    return url


def check_phone(number: str) -> str:
    """Digits with dashes or spaces; empty when the place has none."""
    if not _PHONE.fullmatch(number):
        raise ValueError("应为电话号码：数字，可带“-”。")
    return number


def check_token(token: SecretStr) -> SecretStr:
    """The platform's rule for a callback token: 3 to 32 letters and digits."""
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("应为 3 至 32 个英文字母或数字，与公众平台后台填写的一致。")
    return token


def check_present(secret: SecretStr, *, is_needed: bool) -> SecretStr:
    """A secret that this mode cannot do without."""
    if is_needed and not secret.get_secret_value():
        raise ValueError("当前 mode 下必须填写。")
    return secret


def check_aes_key(key: SecretStr, *, is_needed: bool) -> SecretStr:
    """EncodingAESKey: 43 characters of base64 (wechat.md §1.1)."""
    check_present(key, is_needed=is_needed)
    text = key.get_secret_value()
    if text and not _is_aes_key(text):
        raise ValueError("应为 43 个字符的 EncodingAESKey，请从后台整段复制。")
    return key


def _is_aes_key(text: str) -> bool:
    try:
        return len(text) == 43 and len(base64.b64decode(text + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def check_menu_type(kind: str) -> str:
    """A kind of menu button that we know how to answer."""
    if kind not in _MENU_TYPES:
        raise ValueError(f"没有这种按钮，可用：{'、'.join(_MENU_TYPES)}。")
    return kind


def check_menu(buttons: tuple[ButtonT, ...]) -> tuple[ButtonT, ...]:
    """The platform's limits on a whole menu, all faults in one `ValueError`, a line each."""
    faults = [f"一级菜单最多 {_TOP_BUTTONS} 个。"] if len(buttons) > _TOP_BUTTONS else []
    for button in buttons:
        faults += _list_button_faults(button, _NAME_BYTES)
        if len(button.sub_button) > _SUB_BUTTONS:
            faults.append(f"“{button.name}”的二级菜单最多 {_SUB_BUTTONS} 个。")
        for sub in button.sub_button:
            faults += _list_button_faults(sub, _SUB_NAME_BYTES)
            faults += [f"“{sub.name}”不能再有下级。"] if sub.sub_button else []
    if faults:
        raise ValueError("\n".join(faults))
    return buttons


def _list_button_faults(button: Button, name_bytes: int) -> list[str]:
    faults = []
    if len(button.name.encode()) > name_bytes:
        faults.append(f"“{button.name}”名称太长，最多 {name_bytes} 字节（汉字每个 3 字节）。")
    if button.sub_button:
        return faults
    if button.type == "view" and not 1 <= len(button.url.encode()) <= _URL_BYTES:
        faults.append(f"“{button.name}”要填 url，最多 {_URL_BYTES} 字节。")
    if button.type != "view" and not 1 <= len(button.key.encode()) <= _KEY_BYTES:
        faults.append(f"“{button.name}”要填 key，最多 {_KEY_BYTES} 字节。")
    return faults
