"""Reading a posted form: texts first, then pictures, each with its limit; nothing is believed but its length."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, web

from console.ports import UploadLimits

_FIELD_BYTES = 16 * 1024
_MOST_PARTS = 40
_CHUNK_BYTES = 64 * 1024
PHOTOS = "photos"


class BadForm(Exception):
    """A form that is none of ours or brings too much: an HTTP status, and one Chinese sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(slots=True)
class Submission:
    """What was posted: texts by the name of their field, trimmed; and the bytes of each picture, as they came."""

    texts: dict[str, str] = field(default_factory=dict)
    photos: list[bytes] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A field's text; empty when it is not there."""
        return self.texts.get(name, "")


Check = Callable[[Submission], None]
"""Looks at the texts before the first picture is read; raises `BadForm`."""


async def read_submission(request: web.Request, limits: UploadLimits, check: Check) -> Submission:
    """The form of a request. Raises `BadForm`; a stranger's gigabytes are not read to their end."""
    if request.content_type != "multipart/form-data":
        raise BadForm(400, "这不是本页面的表单，请返回页面重新填写。")
    reading = _Reading(limits, check)
    try:
        parts = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await parts.next()
            if part is None:
                check(reading.submission)
                return reading.submission
            await reading.take(part)
    except ValueError:
        raise BadForm(400, "表单没有传完整，请返回页面再试一次。") from None
    raise BadForm(400, "这不是本页面的表单，请返回页面重新填写。")


class _Reading:
    def __init__(self, limits: UploadLimits, check: Check) -> None:
        self._limits, self._check = limits, check
        self._bytes = 0
        self.submission = Submission()

    async def take(self, part: BodyPartReader | MultipartReader) -> None:
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("not a field")
        if part.name == PHOTOS:
            await self._take_photo(part)
        else:
            content = await self._read(part, _FIELD_BYTES, "文字太长，请分几次提交。")
            self.submission.texts[part.name] = content.decode("utf-8", "replace").replace("\r\n", "\n").strip()

    async def _take_photo(self, part: BodyPartReader) -> None:
        if not self.submission.photos:
            # Whoever cannot sign a form does not make us hold megabytes for him.
            self._check(self.submission)
        content = await self._read(part, self._limits.picture_bytes, self._too_large())
        if not content:
            # What a browser sends for a file field that was left empty.
            return
        if len(self.submission.photos) >= self._limits.pictures:
            raise BadForm(413, f"一次最多{self._limits.pictures}张照片，其余的请再提交一次。")
        self.submission.photos.append(content)

    def _too_large(self) -> str:
        return f"照片太大：每张不超过{self._limits.picture_bytes >> 20} MB。"

    async def _read(self, part: BodyPartReader, most: int, sentence: str) -> bytes:
        content = bytearray()
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            content += chunk
            self._bytes += len(chunk)
            if len(content) > most:
                raise BadForm(413, sentence)
            if self._bytes > self._limits.form_bytes:
                raise BadForm(413, f"照片一共太大，请分几次提交，每次不超过{self._limits.form_bytes >> 20} MB。")
        return bytes(content)
