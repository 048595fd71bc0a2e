"""Fetching what a message carried: the platform holds it for five minutes, encrypted with a key of its own (wechat.md §3.3)."""

import base64
import binascii

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.ports import BadAnswer, Refused, Unreachable
from bot.workgroup.pace import Pace, RealPace, within
from handlers.update import MediaRef

# The platform allows files of 100 MB; evidence photos are a few. What is larger is refused before it fills the disk.
MAX_BYTES = 20 << 20
FETCH_SECONDS = 30.0
_PAD_BYTES = 32
_REDIRECTS = 3


class TooLarge(BadAnswer):
    """The file is larger than we keep."""


async def fetch_media(
    session: aiohttp.ClientSession,
    ref: MediaRef,
    *,
    max_bytes: int = MAX_BYTES,
    seconds: float = FETCH_SECONDS,
    pace: Pace | None = None,
) -> bytes:
    """The decrypted bytes of `ref` (by url and aes_key).

    Raises `Refused` with the HTTP status (after five minutes the link is dead: do not retry), `Unreachable`, `TooLarge`, `BadAnswer`.
    """
    work = _download(session, ref.url, max_bytes + _PAD_BYTES)
    sealed = await within(pace or RealPace(), seconds, work, "fetching media")
    plain = decrypt_media(sealed, ref.aes_key) if ref.aes_key else sealed
    if len(plain) > max_bytes:
        raise TooLarge(f"more than {max_bytes} bytes")
    return plain


async def _download(session: aiohttp.ClientSession, url: str, max_bytes: int) -> bytes:
    try:
        async with session.get(url, max_redirects=_REDIRECTS) as response:
            if 400 <= response.status < 500:
                raise Refused(response.status, "media link")
            if response.status != 200:
                raise BadAnswer(f"media link answered HTTP {response.status}")
            return await _read_bounded(response.content, max_bytes)
    except (aiohttp.InvalidURL, aiohttp.TooManyRedirects, ValueError):
        raise BadAnswer("not a usable media link") from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unreachable(f"media not fetched: {type(error).__name__}") from None


async def _read_bounded(stream: aiohttp.StreamReader, max_bytes: int) -> bytes:
    """Counted while it comes in: a Content-Length may lie."""
    held = bytearray()
    async for chunk in stream.iter_chunked(1 << 16):
        held += chunk
        if len(held) > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
    return bytes(held)


def decrypt_media(sealed: bytes, aes_key: str) -> bytes:
    """AES-256-CBC, IV = key[:16], PKCS#7 to 32 bytes. Raises `BadAnswer` for a wrong key, length or padding."""
    key = _parse_key(aes_key)
    if not sealed or len(sealed) % 16:
        raise BadAnswer("media is not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= min(_PAD_BYTES, len(padded)) or padded[-count:] != bytes([count]) * count:
        raise BadAnswer("media does not decrypt with its key")
    return padded[:-count]


def _parse_key(aes_key: str) -> bytes:
    """The platform leaves the base64 padding out at times."""
    try:
        key = base64.b64decode(aes_key + "=" * (-len(aes_key) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadAnswer("media key is not base64") from None
    if len(key) != 32:
        raise BadAnswer("media key is not 32 bytes")
    return key
