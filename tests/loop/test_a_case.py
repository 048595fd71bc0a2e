"""One case from the resident's words to the archive, through the doors of a running service."""

import pytest

from tests.ears import number_in
from tests.house import COMMUNITY, DUTY, ESTATE, GRID, NEXT_GRID, NEXT_LEAD, STREET, WANG, House

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_the_card_hangs_in_exactly_the_right_group(house: House) -> None:
    grid, others = await house.group(GRID), [await house.group(key) for key in (NEXT_GRID, COMMUNITY, STREET, DUTY)]
    li = await house.resident("li")
    reply = await li.says(f"{ESTATE}12号楼3单元下水道堵了，污水都冒出来了，电话13812345678")
    number = number_in(reply)
    assert reply.startswith(f"已受理，工单 {number}。")
    assert "王芳" in reply
    text = await grid.hears(f"【工单 {number}】", "居民 138＊＊＊＊5678", "接单请回复")
    assert "13812345678" not in text["text"]
    assert (await grid.card_of(number))["card"]["buttons"][0]["key"] == "accept"
    assert await house.told(number) == {GRID}
    assert [await other.texts() for other in others] == [[], [], [], []]
    assert not any("13812345678" in said for said in await grid.texts())


async def test_by_button_by_quote_by_number_and_by_the_only_open_case(house: House) -> None:
    grid = await house.group(NEXT_GRID)
    numbers = [
        number_in(await (await house.resident(f"four{n}")).says(f"金色居{n}号楼楼道灯不亮")) for n in (1, 2, 3, 4)
    ]
    cards = [await grid.card_of(number) for number in numbers]
    await house.driver.click(NEXT_GRID, NEXT_LEAD, cards[0]["card"]["task_id"], "accept")
    await (await house.resident("four1")).hears(f"工单 {numbers[0]}", "接单")
    await grid.hears_from(NEXT_LEAD, "接单", numbers[1], "已接单", quote=cards[1]["seq"])
    await grid.hears_from(NEXT_LEAD, f"接单 {numbers[2]}", numbers[2], "已接单")
    await grid.hears_from(NEXT_LEAD, "接单", numbers[3], "已接单")
    assert {(await house.case(number)).status for number in numbers} == {"accepted"}


async def test_a_stale_card_shows_how_things_stand_and_changes_nothing(house: House) -> None:
    grid = await house.group(GRID)
    number = number_in(await (await house.resident("stale")).says(f"{ESTATE}2号楼单元门坏了"))
    card = await grid.card_of(number)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    before = (await house.case(number)).version
    await house.driver.click(GRID, WANG, card["card"]["task_id"], "accept")
    await grid.finds(lambda row: row["seq"] == card["seq"] and bool(row["card"]["updates"]), "the card's present state")
    after = await house.case(number)
    assert (after.version, after.status) == (before, "accepted")


async def test_a_stranger_cannot_touch_it(house: House) -> None:
    grid = await house.group(GRID)
    number = number_in(await (await house.resident("lock")).says(f"{ESTATE}3号楼门禁坏了"))
    await grid.card_of(number)
    await house.driver.group_say("some-other-chat", "w99999", f"接单 {number}")
    other = await house.group(NEXT_GRID)
    await other.hears_from(NEXT_LEAD, f"接单 {number}", f"工单 {number} 不归本群办理")
    assert (await house.case(number)).status == "dispatched"


async def test_from_question_to_archive(house: House) -> None:
    grid, zhang = await house.group(GRID), await house.resident("zhang")
    number = number_in(await zhang.says(f"{ESTATE}7号楼水管漏水"))
    await grid.card_of(number)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await grid.hears_from(WANG, f"问 {number} 几单元几楼", "已转问居民")
    await zhang.hears("几单元几楼", number)
    assert "已转告网格员" in await zhang.says("2单元5楼")
    await grid.hears(f"【工单 {number}】", "居民回答：2单元5楼")
    await grid.hears_from(WANG, f"办结 {number} 已更换水管接头", "已办结")
    await zhang.hears(f"工单 {number} 已办结：已更换水管接头", "请您评价")
    assert f"谢谢您对工单 {number} 的评价" in await zhang.says("1")
    await grid.hears(f"【工单 {number}】", "居民评价：满意")
    code, facts = await house.run_command("cases", "--number", number)
    assert code == 0
    assert {key: facts[key] for key in ("number", "status", "status_name", "group", "rating")} == {
        "number": number, "status": "archived", "status_name": "已归档", "group": GRID, "rating": "good",
    }  # fmt: skip
    kinds = [event["kind"] for event in facts["events"] if event["kind"] != "told"]
    assert kinds == ["receive", "dispatch", "accept", "ask", "answer", "resolve", "rate", "archive"]


async def test_not_fixed_reopens(house: House) -> None:
    grid, zhao = await house.group(GRID), await house.resident("zhao")
    number = number_in(await zhao.says(f"{ESTATE}8号楼2单元楼道灯不亮"))
    await grid.card_of(number)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await grid.hears_from(WANG, f"办结 {number} 已更换灯泡", "已办结")
    await zhao.hears(f"工单 {number} 已办结")
    grid = await house.group(GRID)
    assert "已重新派单" in await zhao.says("没修好")
    await grid.hears(f"【工单 {number}】", "居民反映未解决", "上次处理：已更换灯泡")
    case = await house.case(number)
    assert (case.status, case.reopened, case.is_open) == ("dispatched", 1, True)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")


async def test_the_history_holds(house: House) -> None:
    code, verdict = await house.run_command("audit", "verify")
    assert (code, verdict["ok"], verdict["broken"]) == (0, True, None)
    assert verdict["chains"] >= 1
    assert verdict["links"] > verdict["chains"]
