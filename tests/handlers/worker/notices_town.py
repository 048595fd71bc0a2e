"""What tests of notices share: the jobs on the made town, a delivery that always succeeds, looking a notice up."""

from sqlmodel import col, select

from bot.cityhall import CityHall
from bot.notices import NoticeJobs
from grid.deadlines import Deadlines
from grid.notices.sending import finish_sending
from grid.workflow import Refusal
from storage.notice_columns import NoticeState, TargetState
from storage.notice_tables import Notice, NoticeEvent, NoticeTarget
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Resident
from tests.handlers.worker.talk import ZONE, Town

FIRST, SECOND, THIRD = "通1123-01", "通1123-02", "通1123-03"


async def notice_of(town: Town, number: str = FIRST) -> Notice:
    """The notice as it stands."""
    found = await town.books.notices.find(number)
    assert found is not None, number
    return found


async def make_jobs(town: Town) -> NoticeJobs:
    """The timed side, at the town's clock."""
    hall = CityHall(town.books, Deadlines(), ZONE, town.house, town.clock)
    await hall.load()
    return NoticeJobs(town.archive, town.books, hall)


async def targets_of(town: Town, number: str = FIRST) -> dict[str, NoticeTarget]:
    """A notice's targets by their keys."""
    rows = await town.books.notices.list_targets((await notice_of(town, number)).id)
    return {row.target: row for row in rows}


async def deliver(town: Town, number: str = FIRST) -> None:
    """What the fan-out and the platforms do on a good day: everything that waits is sent, then the notice is."""
    rows = [row for row in (await targets_of(town, number)).values() if row.state is TargetState.WAITING]
    sent = {"state": TargetState.SENT, "sent_at": town.clock()}
    await town.write(Plan(changes=[Change(NoticeTarget, row.id, None, sent) for row in rows]))
    notice = await notice_of(town, number)
    moved = finish_sending(await town.desk(), notice, iter(await town.archive.numbers.take(5)), sent=len(rows))
    assert not isinstance(moved, Refusal)
    await town.write(moved[1])


async def send_out(town: Town, number: str = FIRST) -> NoticeJobs:
    """The time of an approved notice comes, and it is delivered."""
    jobs = await make_jobs(town)
    assert await jobs.send_due() == 1
    assert (await notice_of(town, number)).state is NoticeState.SENDING
    await deliver(town, number)
    return jobs


async def event_kinds(town: Town, number: str = FIRST) -> list[str]:
    """The kinds of a notice's steps, in order of their writing."""
    notice = await notice_of(town, number)
    query = select(NoticeEvent).where(col(NoticeEvent.notice_id) == notice.id).order_by(col(NoticeEvent.at))
    async with town.archive.reads() as session:
        return [row.kind for row in (await session.execute(query)).scalars()]


async def settle(town: Town, openid: str, area: str, *, follows: bool = True) -> None:
    """A resident who is bound to a grid."""
    row_id = await town.archive.numbers.take_id()
    row = fresh(Resident, id=row_id, openid=openid, area_code=area, first_seen_at=town.clock(), follows=follows)
    await town.write(Plan(rows=[row]))
