"""A picture has arrived: the other side sees it. The resident's goes to the group, the worker's to the resident."""

from bot.cityhall import CityHall
from grid.actions.reporter import picture_message
from grid.actions.steps import say
from grid.city import Person
from grid.message import Message
from grid.wording import tag
from storage.plan import Plan
from storage.queries import Books
from storage.tables import Case, Media


class PictureTeller:
    """`on_kept` and `on_lost` of the media job."""

    def __init__(self, books: Books, hall: CityHall) -> None:
        self._books, self._hall = books, hall

    async def on_kept(self, media: Media) -> Plan | None:
        """The messages that carry a kept picture on; None when it belongs to no case yet or is no picture."""
        case = await self._books.find(Case, media.case_id)
        if case is None or media.kind != "image":
            return None
        by_resident = media.by.startswith("resident:")
        targets = await self._targets(case, by_resident)
        message = picture_message(case, media, by_resident)
        return Plan(outbox=[say(target, message, case, self._hall.desk().now) for target in targets])

    async def on_lost(self, media: Media) -> Plan | None:
        """A picture that is none, or cannot be had: whoever sent it hears so, and why; the case stays as it is."""
        case = await self._books.find(Case, media.case_id)
        worker = self._find_worker(media.by)
        if case is None or media.kind != "image" or worker is None or not worker.userid:
            return None
        why = str(media.origin.get("lost", ""))
        text = f"{tag(case)}您发的照片没有附上：{why}。请重新发送一张照片，工单没有改动。"
        target = f"worker:{worker.userid}"
        return Plan(outbox=[say(target, Message("picture_lost", text), case, self._hall.desk().now)])

    def _find_worker(self, key: str) -> Person | None:
        kind, _, number = key.partition(":")
        return self._hall.city.people.get(int(number)) if kind == "worker" and number.isdigit() else None

    async def _targets(self, case: Case, by_resident: bool) -> list[str]:
        if not by_resident:
            return [f"oa:{resident.openid}" for resident in await self._books.likeness.list_reporters(case)]
        if case.group_id is not None:
            return [f"group:{case.group_id}"]
        contact = self._hall.city.people.get(case.handler_id) if case.handler_id else None
        return [f"worker:{contact.userid}"] if contact and contact.userid else []
