"""Pictures at rest: AES-256-GCM under one key of the service, so that a copied media folder shows nobody's face.

The key lies beside the media folder (`media.key`, 0600, made at the first start), or comes from the environment.
"""

import base64
import binascii
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

log = logging.getLogger(__name__)

KEY_BYTES = 32
NONCE_BYTES = 12
_OTHERS = 0o077


class BadKey(ValueError):
    """What should be the key is none; the text says in Chinese what to do."""


class BadSeal(OSError):
    """The sealed bytes were changed, or belong to another key or another picture."""


class Seal:
    """One key. `name` binds sealed bytes to what they belong to: moved under another name they do not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, content: bytes, name: str) -> tuple[bytes, bytes]:
        """Nonce and sealed bytes; a new nonce each time."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce, self._cipher.encrypt(nonce, content, name.encode())

    def open(self, nonce: bytes, sealed: bytes, name: str) -> bytes:
        """The bytes as they were. Raises `BadSeal`."""
        try:
            return self._cipher.decrypt(nonce, sealed, name.encode())
        except (InvalidTag, ValueError):
            raise BadSeal("sealed picture was changed, or sealed with another key") from None


def key_path(media_folder: Path) -> Path:
    """Where the key lies: beside the folder, never in it, so that a copy of the folder is not a copy of the key."""
    return media_folder.with_name(f"{media_folder.name}.key")


def load_seal(media_folder: Path, given: str = "") -> Seal:
    """The seal with the key `given` (base64 of 32 bytes), else with that of the key file, which is made when there is none.

    Blocks. Raises `BadKey`, `OSError`.
    """
    return Seal(parse_key(given) if given else _read_key(key_path(media_folder)))


def parse_key(text: str) -> bytes:
    """A key out of its base64. Raises `BadKey`."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKey("图片密钥应为 32 字节的 Base64。")
    return key


def _read_key(path: Path) -> bytes:
    if not path.exists():
        _make_key(path)
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        log.warning("the picture key can be read by others: chmod 600")
    return parse_key(path.read_text(encoding="ascii", errors="replace"))


def _make_key(path: Path) -> None:
    """Made whole under another name first: of two processes that start together both end with the key of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)
