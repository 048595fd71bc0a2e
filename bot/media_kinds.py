"""What a file is, read from its bytes; names and declared types are never believed. Pure."""

from collections.abc import Callable

# WeChat's recordings may begin with one odd byte before SILK's own mark.
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!SILK_V3", "audio/silk"),
    (b"\x02#!SILK_V3", "audio/silk"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
    # Word, Excel and PowerPoint since 2007, and plain archives.
    (b"PK\x03\x04", "application/zip"),
    # The same before 2007.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B "})
_HEAD_BYTES = 32

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp"})

# By what the message called it; a file may be anything that we know.
_ACCEPTS: dict[str, Callable[[str], bool]] = {
    "image": PICTURES.__contains__,
    "voice": lambda mime: mime.startswith("audio/"),
    "video": lambda mime: mime == "video/mp4",
    "shortvideo": lambda mime: mime == "video/mp4",
    "file": lambda mime: True,
}


def find_mime(content: bytes) -> str | None:
    """The MIME type that the first bytes prove; None for what we do not keep (programs, pages, unknown things)."""
    head = content[:_HEAD_BYTES]
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:12] in _AUDIO_BRANDS else "video/mp4"
    return next((mime for start, mime in _STARTS if head.startswith(start)), None)


def is_expected(kind: str, mime: str) -> bool:
    """Whether a message of that kind (`image`, `voice`, `video`, `file`, …) may hold such content."""
    accepts = _ACCEPTS.get(kind)
    return accepts is not None and accepts(mime)
