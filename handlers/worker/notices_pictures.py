"""Pictures sent while a notice is made: they wait as media, named in the draft, until they are sealed as the notice's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grid.notices.approval import ARRIVING
from grid.notices.reading import Content
from grid.workflow import Refusal
from handlers.talk import WorkerTalk
from handlers.worker.pictures import list_media
from storage.columns import MediaState
from storage.rows import fresh
from storage.tables import Media

MOST_PICTURES = 9


@dataclass(slots=True)
class Pictured:
    """The content with the pictures that came along, and their rows."""

    content: Content
    rows: list[Media] = field(default_factory=list)


def count_waiting(fields: object) -> int:
    """How many pictures of a draft are still on their way."""
    waiting = fields.get(ARRIVING) if isinstance(fields, dict) else None
    return len(waiting) if isinstance(waiting, Sequence) else 0


async def with_pictures(talk: WorkerTalk, content: Content, kept: int = 0) -> Pictured | Refusal:
    """The content with what came with the message, in it or quoted; `kept`: how many the notice has already."""
    media = list_media(talk)
    if not media:
        return Pictured(content)
    if any(one.kind != "image" for one in media):
        return Refusal("通知只能附图片，请发照片（JPG、PNG）。")
    waiting = list(content.fields.get(ARRIVING, ()))
    if kept + len(waiting) + len(media) > MOST_PICTURES:
        return Refusal(f"一件通知最多附{MOST_PICTURES}张图片。")
    ids = [await talk.numbers.take_id() for _ in media]
    rows = [
        fresh(
            Media,
            id=row_id,
            kind=one.kind,
            origin={"door": talk.update.door.value, "url": one.url, "aes_key": one.aes_key, "name": one.name},
            by=f"worker:{talk.person.id}" if talk.person else "",
            state=MediaState.WANTED,
            due_at=talk.desk.now,
            created_at=talk.desk.now,
        )
        for row_id, one in zip(ids, media, strict=True)
    ]
    return Pictured(replace(content, fields={**content.fields, ARRIVING: [*waiting, *ids]}), rows)
