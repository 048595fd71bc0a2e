"""热线, 信访, 代办: matters that staff enter for others, with their outside numbers."""

from sqlmodel import col, select

from storage.columns import Source
from storage.tables import Case
from tests.handlers.worker.city import CHAT3, CHAT_DUTY, CHAT_STREET, GRID3, WANG, ZHAO
from tests.handlers.worker.talk import Town


async def all_cases(town: Town) -> list[Case]:
    async with town.archive.reads() as session:
        return list((await session.execute(select(Case).order_by(col(Case.serial)))).scalars())


async def test_a_hotlines_matter_keeps_its_number_once(town: Town) -> None:
    text = "热线 20261123-0001 阳光水岸3号楼停水，来电13900000002"
    assert "指挥员" in await town.says(WANG, text)
    assert "请写明外部编号" in await town.says(ZHAO, "热线 停水了")
    said = await town.says(ZHAO, text)
    (case,) = await all_cases(town)
    assert case.number in said
    assert (case.source, case.outside_number, case.phone, case.area_code) == (
        Source.HOTLINE,
        "20261123-0001",
        "13900000002",
        GRID3,
    )
    assert f"已登记为工单 {case.number}" in await town.says(ZHAO, text)
    assert len(await all_cases(town)) == 1


async def test_letters_too_and_in_the_duty_group(town: Town) -> None:
    said = await town.says(WANG, "信访 XF-2026-001 阳光水岸3号楼夜间施工扰民 13900000002", CHAT_DUTY)
    (case,) = await all_cases(town)
    assert (case.source, case.outside_number) == (Source.LETTER, "XF-2026-001")
    assert "13900000002" not in said
    assert "以后请私聊" in said
    assert "13900000002" not in (await town.told("group:31"))[-1].text
    assert "指挥员或值班群登记" in await town.says(WANG, "信访 XF-2026-002 扰民", CHAT3)
    await town.says(ZHAO, "信访 XF-2026-003 阳光水岸5号楼漏水", CHAT_STREET)
    assert len(await all_cases(town)) == 2


async def test_on_behalf_of_somebody(town: Town) -> None:
    said = await town.says(WANG, "代办 李桂花 13900000003 阳光水岸3号楼停水三天了", CHAT3)
    (case,) = await all_cases(town)
    assert case.number in said
    assert (case.source, case.phone, case.reporter_id, case.resident_id) == (Source.ON_BEHALF, "13900000003", 11, None)
    told = (await town.told("group:31"))[-1].text
    assert "停水三天" in told
    assert "李桂花" not in told
    assert "13900000003" not in told
    assert "李桂花" in ((await town.event_rows(case))[0].payload or "")
    assert "13900000003" in await town.says(WANG, f"进度 {case.number}")


async def test_on_behalf_needs_all_three(town: Town) -> None:
    for text in ("代办 李桂花", "代办 李桂花 13900000003", "代办 李桂花 停水三天了"):
        assert "请写明姓名、电话和内容" in await town.says(WANG, text, CHAT3)
    assert not await all_cases(town)
