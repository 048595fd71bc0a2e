"""Deciding on one update: who speaks, what is known of him, what his handlers say to it. Nothing is written here."""

from datetime import datetime, timedelta
from typing import Any

from bot.cityhall import CityHall
from bot.delivery.parked import requeue_parked, target_of_resident
from bot.notices_results import NoticeResults
from bot.people import People
from bot.voice.recordings import RecordingTeller
from grid.questions import parse_conversation, render_conversation
from handlers.reply import Said
from handlers.resident import hear_resident
from handlers.talk import ResidentTalk, WorkerTalk
from handlers.update import Door, Update, UpdateKind
from handlers.worker import hear_worker
from storage.archive import Archive
from storage.plan import Change
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Resident

# wechat.md §2.2: a message opens 5 answers in 48 h; following, scanning or a menu click opens 3 in one minute.
MESSAGE_WINDOW = (5, timedelta(hours=48))
CLICK_WINDOW = (3, timedelta(minutes=1))
_CLICKS = frozenset({"SUBSCRIBE", "SCAN", "CLICK", "SCANCODE_PUSH", "SCANCODE_WAITMSG"})


class Decider:
    """Brings an update before its handlers, with the desk of this moment."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall
        self._people = People(archive)
        self._recordings = RecordingTeller(books, hall)
        self._results = NoticeResults(archive, lambda: hall.desk().now)

    async def decide(self, update: Update) -> Said:
        """What is answered and written; raises whatever a handler or the archive raises."""
        if (result := await self._results.read(update)) is not None:
            # The platform speaks of a sending of ours: nobody becomes a resident by that.
            return result
        is_resident = update.door is Door.OFFICIAL_ACCOUNT
        said = await (self._decide_for_resident(update) if is_resident else self._decide_for_worker(update))
        said.plan.outbox += await self._recordings.follow(said.plan)
        return said

    async def _decide_for_worker(self, update: Update) -> Said:
        desk = self._hall.desk()
        talk = WorkerTalk(
            update=update,
            desk=desk,
            books=self._books,
            reader=self._hall.reader,
            numbers=self._archive.numbers,
            person=desk.city.by_userid.get(update.person),
            worker=await self._books.find_worker(update.person),
            group=desk.city.by_chat.get(update.chat) if update.chat else None,
        )
        said = await hear_worker(talk)
        return await self._take_up_parked(said, _target_of(talk), desk.now)

    async def _decide_for_resident(self, update: Update) -> Said:
        desk = self._hall.desk()
        known = await self._people.find(update.person, desk.now)
        resident = known.resident if known else await self._new_resident(update)
        talk = ResidentTalk(
            update=update,
            desk=desk,
            books=self._books,
            reader=self._hall.reader,
            numbers=self._archive.numbers,
            resident=resident,
            conversation=parse_conversation(resident.conversation, desk.now),
            cases=known.cases if known else (),
            joint=known.joint if known else {},
            is_new=known is None,
        )
        said = await hear_resident(talk)
        self._write_resident(talk, said)
        if known is not None and known.has_parked and update.kind is not UpdateKind.EVENT and update.spoken is None:
            return await self._take_up_parked(said, target_of_resident(update.person), desk.now)
        return said

    async def _take_up_parked(self, said: Said, target: str | None, now: datetime) -> Said:
        """What waited for somebody to speak there goes out now."""
        if target is not None:
            said.plan = said.plan.merge(await requeue_parked(self._archive, target, now))
        return said

    async def _new_resident(self, update: Update) -> Resident:
        row_id = await self._archive.numbers.take_id()
        return fresh(Resident, id=row_id, openid=update.person, first_seen_at=self._hall.desk().now)

    def _write_resident(self, talk: ResidentTalk, said: Said) -> None:
        values: dict[str, Any] = {**talk.learned, "conversation": render_conversation(talk.conversation)}
        window = _window_of(talk.update)
        if window is not None and _is_wider(talk, window):
            values.update(window_opened_at=talk.desk.now, window_limit=window[0], window_used=0, follows=True)
        if talk.is_new:
            talk.resident.__dict__.update(values)
            said.plan.rows.insert(0, talk.resident)
        else:
            said.plan.changes.append(Change(Resident, talk.resident.id, talk.resident.version, values))


def _target_of(talk: WorkerTalk) -> str | None:
    """The outbox target that can be written to again since somebody spoke there."""
    if talk.update.chat is None:
        return f"worker:{talk.update.person}"
    return f"group:{talk.group.id}" if talk.group else None


def _window_of(update: Update) -> tuple[int, timedelta] | None:
    if update.spoken is not None:
        # The recording opened it when it was sent; that somebody has made text of it opens nothing.
        return None
    if update.kind is UpdateKind.EVENT:
        return CLICK_WINDOW if update.event is not None and update.event.name in _CLICKS else None
    return MESSAGE_WINDOW


def _is_wider(talk: ResidentTalk, window: tuple[int, timedelta]) -> bool:
    # A click's short window must not close the longer one that a message opened.
    opened, limit = talk.resident.window_opened_at, talk.resident.window_limit
    if window == MESSAGE_WINDOW or opened is None:
        return True
    length = MESSAGE_WINDOW[1] if limit == MESSAGE_WINDOW[0] else CLICK_WINDOW[1]
    return opened + length <= talk.desk.now
