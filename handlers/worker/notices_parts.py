"""Small pieces that all handlers of notices share."""

from collections.abc import Iterator

from grid.desk import Actor
from grid.notices.reading import Reading
from grid.notices.scope import Scope, find_scope_refusal, parse_scope
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse
from handlers.worker.notices_words import NoticeCommand
from storage.columns import PostRole
from storage.notice_tables import Notice

_IDS = 24
_SHORTEST_PLACE = 2


def actor_of(talk: WorkerTalk) -> Actor:
    """The speaker as somebody who acts on notices."""
    assert talk.person is not None, "strangers are refused before"
    return Actor(f"worker:{talk.person.id}", talk.person.name, talk.person.id)


async def take_ids(talk: WorkerTalk) -> Iterator[int]:
    """Row ids for one decision."""
    return iter(await talk.numbers.take(_IDS))


def find_home(talk: WorkerTalk) -> str | None:
    """Where the speaker speaks from: his group's area, in single chat that of his highest post."""
    if talk.group is not None:
        return talk.group.area
    seats = talk.desk.city.posts_of.get(talk.person.id, ()) if talk.person else ()
    steering = [seat.area for seat in seats if seat.role in (PostRole.COORDINATOR, PostRole.DEPARTMENT)]
    areas = [area for area in steering or [seat.area for seat in seats] if area in talk.desk.city.areas]
    return min(areas, key=lambda area: len(talk.desk.city.areas[area].chain), default=None)


def reading_of(talk: WorkerTalk) -> Reading:
    """What reading of a line needs."""
    return Reading(talk.desk, find_home(talk), lambda word: _find_grid(talk, word))


def _find_grid(talk: WorkerTalk, word: str) -> str | None:
    if len(word) < _SHORTEST_PLACE:
        return None
    place = talk.reader.read(word).place
    mention = place.mention if place is not None else None
    # A word that only holds a place is a text, not a scope.
    is_whole = mention is not None and mention.start == 0 and mention.end == len(word)
    return (
        place.area if place is not None and is_whole and not place.ask and place.area in talk.desk.city.areas else None
    )


async def find_named(talk: WorkerTalk, command: NoticeCommand, example: str) -> Notice | Said:
    """The notice that a command names; without a number the answer says how to name it."""
    if command.number is None:
        return refuse(f"请写明通知编号，例如：{how_to(talk, example)}；编号见{how_to(talk, '通知 列表')}。")
    notice = await talk.books.notices.find(command.number)
    return notice if notice is not None else refuse(f"没有找到通知 {command.number}，请核对编号。")


async def count_readers(talk: WorkerTalk, scope: Scope) -> tuple[int, int]:
    """Residents in a scope: all, and those who follow the account still; none where the scope leaves them out."""
    if not scope.residents or not scope.areas:
        return 0, 0
    return await talk.books.notices.count_readers(scope.areas, scope.kinds)


async def find_reach_refusal(talk: WorkerTalk, notice: Notice) -> Refusal | None:
    """Why the notice would reach nobody."""
    scope = parse_scope(notice.scope)
    return find_scope_refusal(talk.desk.city, scope, (await count_readers(talk, scope))[1])
