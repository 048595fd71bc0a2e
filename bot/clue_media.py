"""What came with a clue has been made safe: it follows the clue to the station, and nowhere else."""

from datetime import timedelta

from bot.cityhall import CityHall
from grid.actions.steps import say
from grid.message import Message
from grid.notices.clue_wording import PICTURE_KIND, picture_message
from handlers.clues import find_targets
from storage.notice_tables import Clue
from storage.plan import Plan
from storage.queries import Books
from storage.tables import Media

_LOOK_BACK = timedelta(days=7)


class ClueTeller:
    """`on_kept` and `on_lost` of the media job for what belongs to no case."""

    def __init__(self, books: Books, hall: CityHall) -> None:
        self._books, self._hall = books, hall

    async def on_kept(self, media: Media) -> Plan | None:
        """The message that carries it to the station; None when it belongs to no clue."""
        clue = await self._find_clue(media)
        if clue is None or not clue.passed_to:
            return None
        message = picture_message(clue, media.id, media.kind == "image")
        return Plan(outbox=[say(clue.passed_to, message, None, self._hall.desk().now)])

    async def on_lost(self, media: Media) -> Plan | None:
        """It is no picture, or cannot be had: the giver alone hears so, and why; his words stay where they went."""
        clue = await self._find_clue(media)
        if clue is None:
            return None
        desk = self._hall.desk()
        target = (await find_targets(self._books, desk.city, [clue.person])).get(clue.person)
        if target is None:
            return None
        why = str(media.origin.get("lost", ""))
        text = f"线索 {clue.number} 的照片没有收到：{why}。请重新发送照片，文字已经转交。"
        return Plan(outbox=[say(target, Message(PICTURE_KIND, text), None, desk.now)])

    async def _find_clue(self, media: Media) -> Clue | None:
        if media.case_id is not None:
            return None
        return await self._books.clues.find_of_media(media.by, media.id, media.created_at - _LOOK_BACK)
