"""热点 as a dialogue: what residents tell more often than usual; and 合并, 拆分 by a coordinator, told to everybody it concerns."""

from tests.handlers.resident.talk import Town
from tests.handlers.worker.city import CHAT3, CHAT_STREET, WANG, ZHAO

LAMP = "阳光水岸{}号楼楼道灯不亮"
DRAIN = "阳光水岸12号楼3单元下水道堵了"


async def tells(town: Town, openid: str, text: str) -> str:
    """A resident tells a matter; the number of his case."""
    resident = town.resident(openid)
    await resident.says(text, after_seconds=60)
    return (await resident.only_case()).number


async def test_three_of_one_theme_are_hot_and_two_are_not(town: Town) -> None:
    for n in (1, 2):
        await tells(town, f"o{n}", LAMP.format(n))
    assert "近3天没有明显增多的事项" in await town.works("热点", ZHAO, CHAT_STREET)
    await tells(town, "o3", LAMP.format(3))
    said = await town.works("热点", ZHAO, CHAT_STREET)
    assert "文采社区 城建物业·路灯井盖：3件，平时0件，约6倍" in said


async def test_other_themes_do_not_add_up(town: Town) -> None:
    for n, text in enumerate((LAMP.format(1), LAMP.format(2), DRAIN)):
        await tells(town, f"o{n}", text)
    assert "没有明显增多" in await town.works("热点", ZHAO, CHAT_STREET)


async def test_it_cools_down(town: Town) -> None:
    for n in (1, 2, 3):
        await tells(town, f"o{n}", LAMP.format(n))
    town.clock.advance(days=3)
    assert "没有明显增多" in await town.works("热点", ZHAO, CHAT_STREET)


async def test_merged_reports_count_and_void_ones_do_not(town: Town) -> None:
    numbers = [await tells(town, f"o{n}", LAMP.format(n)) for n in (1, 2, 3)]
    await town.works(f"合并 {numbers[1]} 并入 {numbers[0]}", ZHAO, CHAT_STREET)
    assert "3件" in await town.works("热点", ZHAO, CHAT_STREET)
    assert "作废" in await town.works(f"作废 {numbers[2]} 重复测试", ZHAO, CHAT_STREET)
    assert "没有明显增多" in await town.works("热点", ZHAO, CHAT_STREET)


async def test_conduct_complaints_are_in_no_figure(town: Town) -> None:
    for n in (1, 2, 3):
        await town.resident(f"o{n}").says("文采社区网格员态度恶劣，骂人", after_seconds=60)
    assert all(case.conduct for case in await town.cases())
    assert "没有明显增多" in await town.works("热点", ZHAO, CHAT_STREET)


async def test_only_a_coordinator_reads_it(town: Town) -> None:
    assert "由本区域的指挥员查看" in await town.works("热点", WANG, CHAT3)


async def test_a_merge_and_a_split_are_told_to_all(town: Town) -> None:
    first, second, third = [await tells(town, f"o{n}", LAMP.format(n)) for n in (1, 2, 3)]
    for number in (second, third):
        assert f"已并入工单 {first}" in await town.works(f"合并 {number} 并入 {first}", ZHAO, CHAT_STREET)
    assert "现有3位反映人" in (await town.told("group:31"))[-1].text
    for openid, own in (("o2", second), ("o3", third)):
        assert any(own in one.text and first in one.text for one in await town.told(f"oa:{openid}")), openid

    assert "已接单" in await town.works(f"接单 {first}")
    for openid in ("o1", "o2", "o3"):
        assert "已由网格员王芳接单" in (await town.told(f"oa:{openid}"))[-1].text, openid

    said = await town.works(f"拆分 {third}", ZHAO, CHAT_STREET)
    assert f"已从工单 {first} 拆分" in said
    assert "已恢复单独办理" in (await town.told("oa:o3"))[-1].text
    assert any(f"工单 {third} 已拆分，单独办理" in one.text for one in await town.told("group:31"))
    heard = len(await town.told("oa:o3"))
    assert "办结" in await town.works(f"办结 {first} 已更换灯泡")
    assert any("已更换灯泡" in one.text for one in await town.told("oa:o2"))
    assert len(await town.told("oa:o3")) == heard, "who was split off hears no more of it"
    assert (await town.case(third)).is_open
