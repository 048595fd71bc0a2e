"""A case that nobody takes, through the whole service on the sandbox's clock: 蓝→黄→橙→红 through four levels' groups, and its end."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from storage.loop_tables import Sheet
from tests.ears import number_in, until
from tests.house import CHIEF, COMMUNITY, DUTY, ESTATE, GRID, STREET, STREET_CHIEF, WANG, House, open_house

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

DISTRICT = "district-230803"
# Opened at 9:00 and to be accepted by 11:00; the yellow sheet is ignored over lunch, the red one comes at twice the limit.
CLIMB = ((96, GRID, "蓝"), (24, COMMUNITY, "黄"), (125, STREET, "橙"), (60, DISTRICT, "红"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def four(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    groups = (GRID, COMMUNITY, STREET, DISTRICT, DUTY)
    async with open_house(tmp_path_factory.mktemp("four"), groups=groups) as opened:
        yield opened


async def test_a_case_that_nobody_takes_climbs_through_four_levels(four: House) -> None:
    chats = {name: await four.group(name) for name in (GRID, COMMUNITY, STREET, DISTRICT)}
    number = number_in(await (await four.resident("lin")).says(f"{ESTATE}3号楼楼道堆物"))
    await chats[GRID].card_of(number)
    for minutes, chat, colour in CLIMB:
        await four.advance(minutes * 60)
        heard = await chats[chat].hears(f"【督办·{colour}】", f"【工单 {number}】", "王芳")
        assert "督1123-0" in heard["text"]
    sheets = sorted(await four.all_rows(Sheet), key=lambda sheet: sheet.number)
    assert [sheet.colour.value for sheet in sheets] == ["blue", "yellow", "orange", "red"]
    assert [sheet.level for sheet in sheets] == ["grid", "community", "street", "district"]
    assert [sheet.state.value for sheet in sheets] == ["reissued", "reissued", "reissued", "issued"]

    red = sheets[-1].number
    chief = chats[DISTRICT]
    await chief.hears_from(CHIEF, f"签收 {red}", f"已签收 {red}")
    await chief.hears_from(CHIEF, f"销号 {red}", "还没有回复")
    await chats[GRID].hears_from(WANG, f"接单 {number}", "已接单")
    await chief.hears("事项已完成", f"销号 {red}")
    await chats[STREET].hears_from(STREET_CHIEF, f"回复督办 {red} 已接单处置", "不归本群办理")
    await chief.hears_from(CHIEF, f"回复督办 {red} 已督促网格接单", f"已回复 {red}")

    async def is_written_off() -> bool:
        (row,) = await four.all_rows(Sheet, number=red)
        return bool(row.state.value == "written_off")

    await until(four.driver, is_written_off, "written off")
    case = await four.case(number)
    kinds = [event.kind for event in await four.service.books.list_events(case.id)]
    assert kinds.count("sheet_issued") == 4
    assert kinds[-2:] == ["sheet_answered", "sheet_written_off"]
