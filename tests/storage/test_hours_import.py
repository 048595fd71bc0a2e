"""Service hours in an areas file: deadlines are counted in them, so a phrase is a fault."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import make_engine
from storage.imports import ImportRefused, import_file
from storage.imports.ids import ConnectionIds
from storage.tables import Area
from storage.writing import writing
from tests.clock import START
from tests.storage.builders import list_rows

HEAD = "code,parent_code,level,name,service_hours\n"


async def import_hours(engine: AsyncEngine, text: str) -> None:
    content = f'{HEAD}1,,city,佳木斯市,"{text}"\n'.encode()
    async with writing(engine) as connection:
        await import_file(
            connection, "areas", "areas.csv", content, categories={}, ids=ConnectionIds(connection), now=START
        )


@pytest.mark.parametrize("text", ["", "8:30-12:00,13:00-17:00", "8:30-17:00", "0:00-24:00", "8:30-12:00，13:00-17:00"])
async def test_hours_that_can_be_counted(sqlite_database: str, text: str) -> None:
    engine = make_engine(sqlite_database)
    await import_hours(engine, text)
    (row,) = await list_rows(engine, Area)
    await engine.dispose()
    assert row.service_hours == text.replace("，", ",")


@pytest.mark.parametrize(
    "text", ["每天", "8点到17点", "8:30", "12:00-8:00", "8:00-12:00,11:00-17:00", "8:00-25:00", "8:60-9:00"]
)
async def test_phrases_are_refused(sqlite_database: str, text: str) -> None:
    engine = make_engine(sqlite_database)
    with pytest.raises(ImportRefused) as refused:
        await import_hours(engine, text)
    await engine.dispose()
    assert [fault.column for fault in refused.value.faults] == ["服务时间"] or "service_hours" in str(
        refused.value.faults
    )
