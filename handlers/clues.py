"""What residents' and workers' handlers of clues share: who gives one, where an answer finds him, what came along."""

import re
from collections.abc import Iterable, Sequence

from grid.city import City
from grid.notices.clues import Given, Giver, find_collecting_refusal, give_clue
from grid.notices.wording import find_notice_numbers
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.talk import ResidentTalk, WorkerTalk
from handlers.update import MediaRef
from storage.columns import MediaState
from storage.notice_tables import Clue, Notice
from storage.plan import Change, Plan
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Media, Resident

MOST_MEDIA = 9
_IDS = 8
_EDGES = " \t\r\n,，.。、;；:：!！"
_BEGINS = re.compile(r"(?:线索)?[\s【\[]*(?=通\s*\d{4}\s*[-－—–]\s*\d)")


def giver_of_worker(city: City, worker_id: int, group_id: int | None) -> Giver:
    """A worker who gives a clue; the station may know his name, phone and group."""
    person = city.people[worker_id]
    group = city.groups.get(group_id) if group_id is not None else None
    where = f"（{group.name}）" if group is not None else ""
    phone = f"，电话{person.phone}" if person.phone else ""
    return Giver(f"worker:{worker_id}", f"{person.name}{where}{phone}", group_id)


def giver_of_resident(resident: Resident) -> Giver:
    """A resident who gives a clue; the station may know what he has told of himself."""
    phone = f"，电话{resident.phone}" if resident.phone else "，未留电话"
    return Giver(f"resident:{resident.id}", f"居民{resident.name}{phone}")


async def find_targets(books: Books, city: City, persons: Iterable[str]) -> dict[str, str]:
    """Where each of these people (`resident:7`, `worker:12`) can be told something; who cannot is left out."""
    found = {}
    for person in dict.fromkeys(persons):
        target = await _find_target(books, city, person)
        if target:
            found[person] = target
    return found


async def _find_target(books: Books, city: City, person: str) -> str:
    kind, _, number = person.partition(":")
    if not number.isdigit():
        return ""
    if kind == "worker":
        worker = city.people.get(int(number))
        return f"worker:{worker.userid}" if worker is not None and worker.userid else ""
    resident = await books.find(Resident, int(number))
    return f"oa:{resident.openid}" if resident is not None and resident.openid else ""


async def make_clue_media(talk: ResidentTalk | WorkerTalk, media: Sequence[MediaRef], by: str) -> list[Media] | Refusal:
    """The rows that make the media job fetch what came along before the platform forgets it."""
    if len(media) > MOST_MEDIA:
        return Refusal(f"一次最多附{MOST_MEDIA}张照片。")
    return [
        fresh(
            Media,
            id=await talk.numbers.take_id(),
            kind=one.kind,
            origin={
                "door": talk.update.door.value,
                "media_id": one.media_id,
                "url": one.url,
                "aes_key": one.aes_key,
                "name": one.name,
            },
            by=by,
            state=MediaState.WANTED,
            due_at=talk.desk.now,
            created_at=talk.desk.now,
        )
        for one in media
    ]


def split_by_notice(text: str) -> list[str]:
    """A text with clues to several notices, one piece for each; whole where it names one notice at most."""
    if len(find_notice_numbers(text)) < 2:
        return [text]
    starts = [match.start() for match in _BEGINS.finditer(text)]
    ends = [*starts[1:], len(text)]
    pieces = [text[start:end].strip(_EDGES) for start, end in zip(starts, ends, strict=True)]
    return [piece for piece in pieces if find_notice_numbers(piece)]


async def take_clue(
    talk: ResidentTalk | WorkerTalk, notice: Notice, giver: Giver, text: str, media: Sequence[int]
) -> Given | Refusal:
    """One clue to one notice, with the number that it is called by from now on."""
    refusal = find_collecting_refusal(notice)
    if refusal is not None:
        return refusal
    number = await talk.books.clues.take_number(talk.desk.today)
    ids = iter(await talk.numbers.take(_IDS))
    return give_clue(talk.desk, notice, giver, text, media, next(ids), number, ids)


def add_pictures(clue: Clue, rows: Sequence[Media]) -> Said:
    """More pictures to a clue that was just given: they follow it to the station."""
    pictures = [*clue.pictures, *(row.id for row in rows)]
    plan = Plan(rows=list(rows), changes=[Change(Clue, clue.id, None, {"pictures": pictures})])
    return Said(Reply(f"照片已附到线索 {clue.number}，一并转交，请勿外传。"), "clue_pictured", plan)
