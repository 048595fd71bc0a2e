"""Reading untrusted JSON: each function takes what it is told to, or refuses as the platform does."""

import base64
import binascii
import json
import math
import re

from sandbox.errors import Refused

Json = dict[str, object]

# The platform refuses escaped Chinese (40033); control characters can only travel escaped, so they pass.
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_object(raw: bytes) -> Json:
    """A JSON object whatever the Content-Type said. Raises Refused 44002 (empty), 47001 (not an object)."""
    if not raw.strip():
        raise Refused(44002)
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(47001) from None
    if not isinstance(value, dict) or _has_half_characters(raw):
        raise Refused(47001)
    return value


def _has_half_characters(raw: bytes) -> bool:
    """Whether an escape leaves half of a surrogate pair, which no UTF-8 can carry on."""
    if _SURROGATE.search(raw) is None:
        return False
    try:
        json.dumps(json.loads(raw), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def check_unescaped(raw: bytes) -> None:
    """Raises Refused 40033 when text was sent as \\uXXXX instead of UTF-8.

    Source: developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
    """
    if _ESCAPED.search(raw):
        raise Refused(40033)


def text_of(body: Json, key: str, default: str = "") -> str:
    """The string under `key`, else `default`; a number becomes its digits, since the platform is lenient there."""
    value = body.get(key)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return default


def object_of(body: Json, key: str) -> Json:
    """The object under `key`, else an empty one."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def list_of(body: Json, key: str) -> list[object]:
    """The list under `key`, else an empty one."""
    value = body.get(key)
    return value if isinstance(value, list) else []


def texts_of(body: Json, key: str) -> list[str]:
    """The strings of the list under `key`; what is not a string is left out."""
    return [item for item in list_of(body, key) if isinstance(item, str)]


def objects_of(body: Json, key: str) -> list[Json]:
    """The objects of the list under `key`; what is not an object is left out."""
    return [item for item in list_of(body, key) if isinstance(item, dict)]


def number_of(body: Json, key: str, default: float = 0.0) -> float:
    """The number under `key` (a numeric string counts), else `default`."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default


def whole_of(body: Json, key: str, default: int = 0) -> int:
    """The whole number under `key`, else `default`."""
    return int(number_of(body, key, float(default)))


def flag_of(body: Json, key: str, default: bool = False) -> bool:
    """The boolean under `key` (0 and 1 count), else `default`."""
    value = body.get(key)
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) else default


def decode_base64(value: object) -> bytes:
    """The bytes of a base64 text, a `data:` URL included. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("base64 text expected")
    payload = value.split(",", 1)[1] if value.startswith("data:") else value
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def byte_length(text: str) -> int:
    """Bytes of `text` in UTF-8, the unit of most of the platform's limits; a lone surrogate counts as three."""
    return len(text.encode("utf-8", "surrogatepass"))
