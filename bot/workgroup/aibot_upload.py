"""Uploading over the long connection: init, chunks, finish; and a shelf, so that one picture for thousands of groups goes up once."""

import asyncio
import base64
import hashlib
from collections import OrderedDict, deque
from collections.abc import Awaitable, Iterable
from typing import Protocol

from bot.ports import Attachment, BadAnswer, Paced, Recording
from bot.workgroup.frames import UPLOAD_CHUNK, UPLOAD_FINISH, UPLOAD_INIT, Body
from bot.workgroup.layout import IMAGE_TYPES, PictureUnfit
from bot.workgroup.pace import Pace

# wechat.md §3.4: chunks ≤ 512 KB before base64, at most 100; a media id lives three days; 30 uploads a minute.
CHUNK_BYTES = 512 << 10
# The size of an image is not in our sources; 10 MB is what other clients of this gateway keep to.
IMAGE_BYTES = 10 << 20
# wechat.md §3.4: voice is AMR of at most 2 MB, a file has at most 20 MB.
_MAX_BYTES = {"image": IMAGE_BYTES, "voice": 2 << 20, "file": 20 << 20}
_IMAGE_NAMES = {"image/png": "picture.png", "image/jpeg": "picture.jpg"}
SHELF_SECONDS = 2.5 * 86_400
UPLOAD_PACES = ((30, 60.0), (1000, 3600.0))
_TOO_OFTEN = 45009
SHELF_SIZE = 512


class Line(Protocol):
    """What an upload needs of a connection."""

    def request(self, cmd: str, body: Body, req_id: str | None = None) -> Awaitable[Body]:
        """The ack's body."""
        ...


def kind_of(picture: Attachment) -> str:
    """The platform's name for what it is: `image`, `voice` (AMR), `file`."""
    if not isinstance(picture, Recording):
        return "image"
    return "voice" if picture.mime == "audio/amr" else "file"


async def upload_picture(line: Line, picture: Attachment) -> str:
    """The media id of a freshly uploaded picture or recording. Raises `PictureUnfit`, `Refused`, `Unreachable`, `BadAnswer`."""
    content, kind = picture.content, kind_of(picture)
    is_known = picture.mime in IMAGE_TYPES or kind != "image"
    if not is_known or not 5 < len(content) <= _MAX_BYTES[kind]:
        raise PictureUnfit(f"{picture.mime}, {len(content)} bytes")
    chunks = [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    opened = await line.request(UPLOAD_INIT, _render_init(picture, len(chunks)))
    upload_id = _word(opened, "upload_id")
    for index, chunk in enumerate(chunks):
        part = {"upload_id": upload_id, "chunk_index": index, "base64_data": base64.b64encode(chunk).decode()}
        await line.request(UPLOAD_CHUNK, part)
    return _word(await line.request(UPLOAD_FINISH, {"upload_id": upload_id}), "media_id")


def _render_init(picture: Attachment, total_chunks: int) -> Body:
    # Names with Chinese or without an ending are refused elsewhere on this platform; the real one says nothing to the group.
    name = picture.name if isinstance(picture, Recording) else _IMAGE_NAMES[picture.mime]
    digest = hashlib.md5(picture.content, usedforsecurity=False).hexdigest()
    size = len(picture.content)
    return {"type": kind_of(picture), "filename": name, "total_size": size, "total_chunks": total_chunks, "md5": digest}


def _word(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"the ack lacks {key}")
    return value


class MediaShelf:
    """Media ids by content, for as long as the platform keeps them; who asks for a picture that is on its way up waits for it.

    More uploads than the platform takes are not begun: `Paced` says when there is room again.
    """

    def __init__(self, line: Line, pace: Pace, size: int = SHELF_SIZE) -> None:
        self._line, self._pace, self._size = line, pace, size
        self._ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._uploaded: deque[float] = deque()
        self._lock = asyncio.Lock()

    def check_room(self, pictures: Iterable[Attachment]) -> None:
        """Raises `Paced` while these would need an upload for which there is no room: then not even the text should go."""
        if any(self._find(_name(picture)) is None for picture in pictures):
            self._check_pace()

    async def media_id(self, picture: Attachment) -> str:
        """The picture's media id, uploaded now if it is not there any more. Raises as `upload_picture`, and `Paced`."""
        name = _name(picture)
        # One upload at a time: 30 a minute are allowed, and chunks side by side would only share one line.
        async with self._lock:
            found = self._find(name)
            if found is not None:
                return found
            self._check_pace()
            self._uploaded.append(self._pace.monotonic())
            media_id = await upload_picture(self._line, picture)
            self._ids[name] = (media_id, self._pace.monotonic() + SHELF_SECONDS)
            self._ids.move_to_end(name)
            if len(self._ids) > self._size:
                self._ids.popitem(last=False)
            return media_id

    def forget(self, picture: Attachment) -> None:
        """After the platform refused the id: the next one asks anew."""
        self._ids.pop(_name(picture), None)

    def _find(self, name: str) -> str | None:
        found = self._ids.get(name)
        return found[0] if found is not None and self._pace.monotonic() < found[1] else None

    def _check_pace(self) -> None:
        now = self._pace.monotonic()
        while self._uploaded and self._uploaded[0] + UPLOAD_PACES[-1][1] <= now:
            self._uploaded.popleft()
        for most, seconds in UPLOAD_PACES:
            if len(self._uploaded) >= most and self._uploaded[-most] + seconds > now:
                raise Paced(_TOO_OFTEN, self._uploaded[-most] + seconds - now)


def _name(picture: Attachment) -> str:
    return hashlib.sha256(picture.content).hexdigest()
