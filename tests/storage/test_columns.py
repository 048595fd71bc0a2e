from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError
from sqlmodel import col

from storage.archive import Archive
from storage.columns import AreaLevel, InboundState, PostRole, Source
from storage.tables import Inbound, Lease, Resident
from tests.storage.builders import get_row, list_rows, make_inbound, make_resident

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 1, 2, 3, 456789, UTC),
        datetime(2026, 11, 23, 9, 2, 3, 456789, CHINA),
        datetime(2026, 1, 1, 0, 0, tzinfo=CHINA),
    ],
)
async def test_a_moment_comes_out_aware_and_the_same(archive: Archive, moment: datetime) -> None:
    async with archive.engine.begin() as connection:
        await connection.execute(insert(Lease), {"name": "a", "holder": "h", "until": moment, "epoch": 1})
    until = (await get_row(archive.engine, Lease, "a")).until
    assert until == moment
    assert until.utcoffset() == timedelta(0)


async def test_a_naive_moment_is_refused(archive: Archive) -> None:
    values = {"name": "a", "holder": "h", "until": datetime(2026, 1, 1), "epoch": 1}  # noqa: DTZ001  # what is refused
    with pytest.raises(StatementError, match="needs its zone"):
        async with archive.engine.begin() as connection:
            await connection.execute(insert(Lease), values)


async def test_moments_compare_in_the_database_as_they_do_in_life(archive: Archive) -> None:
    moments = [datetime(2026, 11, 23, 7, 59, tzinfo=CHINA), datetime(2026, 11, 23, 0, 0, tzinfo=UTC)]
    async with archive.engine.begin() as connection:
        rows = [{"name": str(n), "holder": "h", "until": at, "epoch": 1} for n, at in enumerate(moments)]
        await connection.execute(insert(Lease), rows)
    async with archive.reads() as session:
        past = (await session.scalars(select(Lease).where(col(Lease.until) < datetime(2026, 11, 23, tzinfo=UTC)))).all()
    assert [lease.name for lease in past] == ["0"]


async def test_an_enum_comes_out_as_its_member(archive: Archive) -> None:
    async with archive.engine.begin() as connection:
        row = make_inbound(1, "k", state=InboundState.PENDING)
        await connection.execute(insert(Inbound), row.model_dump())
    assert (await get_row(archive.engine, Inbound, 1)).state is InboundState.PENDING


async def test_an_unknown_enum_value_is_refused(archive: Archive) -> None:
    with pytest.raises(StatementError, match="not a valid InboundState"):
        async with archive.engine.begin() as connection:
            await connection.execute(insert(Inbound), {**make_inbound(1, "k").model_dump(), "state": "somehow"})


async def test_no_reply_is_a_database_null(archive: Archive) -> None:
    async with archive.engine.begin() as connection:
        await connection.execute(insert(Inbound), make_inbound(1, "k").model_dump())
    async with archive.reads() as session:
        without = (await session.scalars(select(Inbound).where(col(Inbound.reply).is_(None)))).all()
    assert [inbound.id for inbound in without] == [1]


async def test_reading_after_the_session_ended_is_fine(archive: Archive) -> None:
    async with archive.engine.begin() as connection:
        await connection.execute(insert(Resident), make_resident(1, "o1").model_dump())
    async with archive.reads() as session:
        resident = (await session.scalars(select(Resident))).one()
        await session.commit()
    assert resident.openid == "o1"
    assert (await list_rows(archive.engine, Resident))[0].conversation == {}


def test_labels_are_chinese() -> None:
    assert (AreaLevel.GRID.label, PostRole.LEAD.label, Source.HOTLINE.label) == ("网格", "网格长", "热线")
    assert all(member.label for kind in (AreaLevel, PostRole, Source) for member in kind)
