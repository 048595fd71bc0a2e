"""A street where hardly any group is bound: nothing is lost, the duty group hears."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.ears import number_in
from tests.house import CHIEF, DUTY, GRID, NEXT_ESTATE, NEXT_GRID, House, open_house

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("bare"), groups=(GRID, DUTY)) as opened:
        yield opened


async def test_a_case_of_an_unbound_group_is_heard_by_the_duty_group(bare: House) -> None:
    duty = await bare.group(DUTY)
    reply = await (await bare.resident("han")).says(f"{NEXT_ESTATE}3号楼楼道堆物")
    number = number_in(reply)
    assert "已转值班人员派单" in reply
    await duty.hears(f"【工单 {number}】", "无法派单", f"指派 {number}")
    assert await bare.told(number) == {DUTY}
    assert (await bare.case(number)).status == "triage"


async def test_binding_the_group_lets_the_duty_group_send_it_on(bare: House) -> None:
    duty = await bare.group(DUTY)
    number = number_in(await (await bare.resident("yang")).says(f"{NEXT_ESTATE}5号楼楼道灯不亮"))
    await duty.hears(f"【工单 {number}】", "无法派单")
    await bare.bind([NEXT_GRID])
    await duty.hears_from(CHIEF, f"指派 {number} 文采社区第四网格", "已指派到")
    await (await bare.group(NEXT_GRID)).card_of(number)
