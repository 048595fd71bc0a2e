"""The one file of a multipart upload, and what the platform dislikes about its name.

Source: developers.weixin.qq.com/doc/subscription/api/material
"""

import re
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from sandbox.errors import Refused

_HAS_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass(frozen=True, slots=True)
class FilePart:
    """An uploaded file, with the text fields that came beside it."""

    data: bytes
    filename: str
    fields: dict[str, str]


async def read_file(request: web.Request, needs_ascii_name: bool = True) -> FilePart:
    """The part named `media`.

    Raises Refused 41005 (no form, no such part, a name without extension or as `filename*=`), 44001 (no bytes).
    """
    if not request.content_type.startswith("multipart/"):
        raise Refused(41005)
    data, filename, fields = b"", "", {}
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "media":
                filename = _checked_name(part, needs_ascii_name)
                data = bytes(await part.read(decode=False))
            elif isinstance(part, BodyPartReader):
                fields[part.name or ""] = await part.text()
    except ValueError:
        raise Refused(41005) from None
    if not filename:
        raise Refused(41005)
    if not data:
        raise Refused(44001)
    return FilePart(data, filename, fields)


def _checked_name(part: BodyPartReader, needs_ascii_name: bool) -> str:
    disposition = part.headers.get("Content-Disposition", "")
    filename = part.filename or ""
    if needs_ascii_name and ("filename*" in disposition or not _HAS_EXTENSION.search(filename)):
        raise Refused(41005)
    return filename
