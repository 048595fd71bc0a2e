"""Files: what arrived and was uploaded, how long it lives, and whether it really is what it says."""

import hashlib
import io
import secrets
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from sandbox.clock import DAY_SECONDS, SandboxClock
from sandbox.fields import Json

MEDIA_LIFE_SECONDS = 3 * DAY_SECONDS

CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"#!AMR", "amr"),
    (b"ID3", "mp3"),
    (b"RIFF", "wav"),
)
_PICTURES = frozenset({"png", "jpg", "gif", "bmp"})


def sniff(data: bytes) -> str:
    """The format by its first bytes (`png`, `jpg`, `amr`, …), `` when unknown."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data[4:8] == b"ftyp":
        return "mp4"
    is_mpeg_frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
    return "mp3" if is_mpeg_frame else ""


def is_picture(data: bytes) -> bool:
    """Whether Pillow can read it as a picture: a right first byte is not enough for the platform."""
    if sniff(data) not in _PICTURES:
        return False
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Medium:
    """One media id. `expires_at` is None for permanent material; `owner` alone may use it."""

    media_id: str
    kind: str
    form: str
    filename: str
    sha256: str
    size_bytes: int
    owner: str
    created_at: float
    expires_at: float | None

    @property
    def content_type(self) -> str:
        """The MIME type by what the bytes are."""
        return CONTENT_TYPES.get(self.form, "application/octet-stream")


class MediaStore:
    """Media ids and their bytes; equal bytes are kept once, since one notice's picture goes to thousands of groups."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._blobs: dict[str, bytes] = {}
        self._media: dict[str, Medium] = {}
        self._pictures: dict[str, bool] = {}

    def keep(self, data: bytes) -> str:
        """Keeps the bytes and returns their sha256 in hex."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs.setdefault(sha256, data)
        return sha256

    def blob(self, sha256: str) -> bytes | None:
        """The bytes kept under that hash."""
        return self._blobs.get(sha256)

    def is_picture(self, data: bytes) -> bool:
        """As the function of that name, each picture being looked at once."""
        sha256 = self.keep(data)
        if sha256 not in self._pictures:
            self._pictures[sha256] = is_picture(data)
        return self._pictures[sha256]

    def add(self, kind: str, data: bytes, owner: str, filename: str = "", permanent: bool = False) -> Medium:
        """A new media id for these bytes; it lives three days unless `permanent`."""
        now = self._clock.now()
        medium = Medium(
            media_id=secrets.token_urlsafe(48),
            kind=kind,
            form=sniff(data),
            filename=filename,
            sha256=self.keep(data),
            size_bytes=len(data),
            owner=owner,
            created_at=now,
            expires_at=None if permanent else now + MEDIA_LIFE_SECONDS,
        )
        self._media[medium.media_id] = medium
        return medium

    def find(self, media_id: str, owner: str) -> Medium | None:
        """The medium, None when unknown, another's, or older than three days."""
        medium = self._media.get(media_id)
        if medium is None or medium.owner != owner:
            return None
        if medium.expires_at is not None and medium.expires_at <= self._clock.now():
            del self._media[media_id]
            return None
        return medium

    def drop(self, media_id: str) -> bool:
        """Forgets a media id; whether there was one."""
        return self._media.pop(media_id, None) is not None

    def data_of(self, medium: Medium) -> bytes:
        """The bytes of a medium."""
        return self._blobs[medium.sha256]

    def as_json(self, sha256: str, base_url: str, kind: str = "image", filename: str = "") -> Json:
        """How a row shows a file: an address of the sandbox and the hash of its bytes."""
        found: Json = {"url": f"{base_url}/sandbox/media/{sha256}", "sha256": sha256, "kind": kind}
        return found | {"filename": filename} if filename else found
