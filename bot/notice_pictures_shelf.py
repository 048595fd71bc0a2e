"""Notice pictures on their way out: opened once, marked for whoever receives them, forgotten soon."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bot.delivery.directory import VIA_AIBOT, VIA_WEBHOOK
from bot.media_pictures import MIME
from bot.notice_pictures import NoticePictures, common_mark, station_of
from bot.notice_pictures_marks import Base, make_base, mark
from bot.ports import Address, Attachment, Picture
from grid.city import City
from storage.archive import Archive
from storage.columns import AreaLevel
from storage.notice_tables import Notice, NoticePicture

# The row is asked again after so long: what another process has erased is not sent for longer than this.
_TRUST_SECONDS = 10.0
_FORGET_SECONDS = 60.0
_MOST_BASES = 24
_MOST_MARKED = 64
_MOST_STRANGERS = 4096
_AT_ONCE = 2


class NoticeShelf:
    """`dress` is what delivery asks for. `per_group`: pictures on webhooks name the group; otherwise station, number and date only."""

    def __init__(
        self,
        archive: Archive,
        pictures: NoticePictures,
        city: Callable[[], City],
        zone: ZoneInfo,
        *,
        font: str = "",
        per_group: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive, self._pictures, self._city, self._zone = archive, pictures, city, zone
        self._font, self._per_group, self._monotonic = font, per_group, monotonic
        self._bases: OrderedDict[int, tuple[Base, float]] = OrderedDict()
        self._marked: OrderedDict[tuple[int, str], Picture] = OrderedDict()
        # Ids are never given twice: what is no notice's picture today never will be one.
        self._strangers: OrderedDict[int, None] = OrderedDict()
        self._opening = asyncio.Lock()
        self._marking = asyncio.Semaphore(_AT_ONCE)
        # Whoever keeps such pictures in another form lets go of them with us.
        self.lets_go: list[Callable[[], None]] = []
        pictures.on_erased.append(self.forget)

    async def dress(self, picture_id: int, address: Address) -> Attachment | None:
        """The picture as this receiver may have it; None when the id is no notice's picture.

        Raises `LookupError` once it is erased, `OSError` when its file is damaged.
        """
        base = await self._find_base(picture_id)
        if base is None:
            return None
        return await self._draw(picture_id, base, self._label(address))

    async def show(self, picture_id: int, label: str) -> bytes:
        """The picture for a page, marked for its viewer. Raises `LookupError`, `OSError`."""
        base = await self._find_base(picture_id)
        if base is None:
            raise LookupError(f"no notice picture {picture_id}")
        return await asyncio.to_thread(mark, base, label)

    def holds(self, picture_id: int) -> bool:
        """Whether anything of this picture is in memory."""
        return picture_id in self._bases or any(key[0] == picture_id for key in self._marked)

    def forget(self, picture_ids: Sequence[int]) -> None:
        """These are erased."""
        for picture_id in picture_ids:
            self._bases.pop(picture_id, None)
        for key in [key for key in self._marked if key[0] in set(picture_ids)]:
            del self._marked[key]
        for let_go in self.lets_go if picture_ids else ():
            let_go()

    async def sweep(self) -> None:
        """Let go of what nobody asked for lately: faces do not lie about in memory."""
        before = self._monotonic() - _FORGET_SECONDS
        self.forget([picture_id for picture_id, (_, at) in self._bases.items() if at < before])

    def _label(self, address: Address) -> str:
        """Whom a leaked copy points to: the group on a webhook, its street over the bot (uploads are few), else nobody."""
        number = address.key.removeprefix("group:")
        group = self._city().groups.get(int(number)) if address.key.startswith("group:") and number.isdigit() else None
        if address.via == VIA_WEBHOOK and group is not None:
            return f"{group.name} #{group.id}" if self._per_group else ""
        if address.via == VIA_AIBOT and group is not None:
            return find_street(self._city(), group.area)
        return address.key.removeprefix("worker:") if address.via == VIA_AIBOT else ""

    async def _draw(self, picture_id: int, base: Base, label: str) -> Picture:
        kept = self._marked.get((picture_id, label))
        if kept is not None:
            return kept
        async with self._marking:
            content = await asyncio.to_thread(mark, base, label) if label else base.jpeg.join()
        # An ASCII name with the right ending: WeChat refuses others (41005).
        picture = Picture(f"{picture_id}.jpg", MIME, content)
        self._marked[picture_id, label] = picture
        if len(self._marked) > _MOST_MARKED:
            self._marked.popitem(last=False)
        return picture

    async def _find_base(self, picture_id: int) -> Base | None:
        if picture_id in self._strangers:
            return None
        held = self._bases.get(picture_id)
        if held is not None and self._monotonic() - held[1] < _TRUST_SECONDS:
            return held[0]
        # Thirty lanes that ask together wait for the one that opens it.
        async with self._opening:
            return await self._open(picture_id)

    async def _open(self, picture_id: int) -> Base | None:
        held = self._bases.get(picture_id)
        if held is not None and self._monotonic() - held[1] < _TRUST_SECONDS:
            return held[0]
        row = await self._pictures.find(picture_id)
        if row is None:
            self._note_stranger(picture_id)
            return None
        if row.erased_at is not None:
            self.forget([picture_id])
        base = held[0] if held is not None and row.erased_at is None else await self._make(row)
        self._bases[picture_id] = (base, self._monotonic())
        if len(self._bases) > _MOST_BASES:
            self.forget([next(iter(self._bases))])
        return base

    async def _make(self, row: NoticePicture) -> Base:
        content = await self._pictures.open(row)
        async with self._archive.reads() as session:
            notice = await session.get(Notice, row.notice_id)
        if notice is None:
            raise LookupError(f"notice picture {row.id} belongs to nothing")
        area = self._city().areas.get(notice.area_code or "")
        text = common_mark(
            notice,
            station_of(notice, area.name if area else ""),
            (notice.send_at or notice.made_at).astimezone(self._zone),
        )
        return await asyncio.to_thread(make_base, content, text, self._font)

    def _note_stranger(self, picture_id: int) -> None:
        self._strangers[picture_id] = None
        if len(self._strangers) > _MOST_STRANGERS:
            self._strangers.popitem(last=False)


def find_street(city: City, code: str) -> str:
    """The name of the street that an area lies in; of the area itself where there is none above it."""
    if code not in city.areas:
        return code
    found = next((node for node in city.list_chain(code) if node.level is AreaLevel.STREET), None)
    return found.name if found else city.area_name(code)
