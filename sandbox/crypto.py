"""The platforms' signatures and AES, written from the specification only.

AES-256-CBC, key = base64(EncodingAESKey + "="), IV = key[:16], plaintext = 16 random bytes + big-endian length +
message + receive id, PKCS#7 to a 32-byte block.

Source: developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 32


class Unreadable(Exception):
    """What arrived cannot be verified or decrypted."""


def sign(*parts: str) -> str:
    """sha1 hex of the parts, sorted and joined: both `signature` and `msg_signature`."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two signatures agree, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def parse_aes_key(encoding_aes_key: str) -> bytes:
    """The 32-byte key of a 43-character EncodingAESKey. Raises ValueError."""
    try:
        key = base64.b64decode(encoding_aes_key + "=")
    except binascii.Error as error:
        raise ValueError("EncodingAESKey is not base64") from error
    if len(encoding_aes_key) != 43 or len(key) != 32:
        raise ValueError("EncodingAESKey must have 43 characters")
    return key


def make_aes_key() -> str:
    """A fresh EncodingAESKey of 43 characters."""
    return base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _pad(plain: bytes) -> bytes:
    count = BLOCK_BYTES - len(plain) % BLOCK_BYTES
    return plain + bytes([count]) * count


def _unpad(padded: bytes) -> bytes:
    count = padded[-1] if padded else 0
    if not 1 <= count <= BLOCK_BYTES or padded[-count:] != bytes([count]) * count:
        raise Unreadable("bad padding")
    return padded[:-count]


def encrypt_bytes(data: bytes, key: bytes) -> bytes:
    """Pads and encrypts `data`; files of the AI bot are sent like this, without any envelope."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return encryptor.update(_pad(data)) + encryptor.finalize()


def decrypt_bytes(data: bytes, key: bytes) -> bytes:
    """Decrypts and unpads. Raises Unreadable."""
    if not data or len(data) % 16:
        raise Unreadable("ciphertext is not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    return _unpad(decryptor.update(data) + decryptor.finalize())


class MessageCrypto:
    """Seals and opens messages between one callback and the platform.

    `receive_id` is the app id of an official account and empty for an AI bot. Raises ValueError for a bad key.
    """

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        self._token = token
        self._key = parse_aes_key(encoding_aes_key)
        self._receive_id = receive_id.encode()

    def encrypt(self, message: bytes, prefix: bytes | None = None) -> str:
        """Base64 ciphertext; `prefix` fixes the 16 random bytes for known-answer tests."""
        head = secrets.token_bytes(16) if prefix is None else prefix
        plain = head + struct.pack(">I", len(message)) + message + self._receive_id
        return base64.b64encode(encrypt_bytes(plain, self._key)).decode()

    def decrypt(self, ciphertext: str) -> bytes:
        """The message inside. Raises Unreadable: not base64, bad padding, bad length, another receive id."""
        try:
            raw = base64.b64decode(ciphertext, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unreadable("ciphertext is not base64") from error
        plain = decrypt_bytes(raw, self._key)
        if len(plain) < 20:
            raise Unreadable("plaintext too short")
        (length,) = struct.unpack(">I", plain[16:20])
        message, receive_id = plain[20 : 20 + length], plain[20 + length :]
        if len(message) != length or receive_id != self._receive_id:
            raise Unreadable("length or receive id wrong")
        return message

    def signature(self, timestamp: str, nonce: str, ciphertext: str) -> str:
        """`msg_signature` over a ciphertext."""
        return sign(self._token, timestamp, nonce, ciphertext)
