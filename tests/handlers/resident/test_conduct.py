"""A complaint about somebody's conduct: his group never reads it, and no reply names him."""

import pytest

from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import GRID3

LAMP = "阳光水岸1号楼路灯坏了"
RUDE = "网格员态度差还骂人"
CONTACT = "worker:u-sun"


async def _groups_heard(town: Town, *words: str) -> list[str]:
    """The groups that read any of these words."""
    told = await town.told_everybody()
    return [target for target, message in told if target.startswith("group:") and any(w in message.text for w in words)]


@pytest.mark.parametrize("words", [f"阳光水岸的{RUDE}", "阳光水岸社区书记收红包", "投诉阳光水岸网格员王芳不作为"])
async def test_it_goes_to_the_contact_alone(talk: Talk, town: Town, words: str) -> None:
    await talk.says(words)
    assert talk.hears("已直接交上级专人办理，不经过社区和网格")
    assert talk.hears_none_of("王芳", "李强", "13800000011", "孙丽")
    assert {target for target, _ in await town.told_everybody()} == {CONTACT}


async def test_it_never_joins_what_the_group_has(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says(RUDE, after_seconds=3)
    assert talk.hears("工单 1123-02", "不经过社区和网格")
    assert await _groups_heard(town, "态度", "骂人") == []


async def test_all_that_follows_stays_with_the_contact(talk: Talk, town: Town) -> None:
    await talk.lives_in(GRID3)
    await talk.says(RUDE)
    for words in ("补充 他昨天也骂人", "催办", "他叫什么我不知道", "进度", "撤销", "是"):
        await talk.says(words)
        assert talk.hears_none_of("王芳", "孙丽")
    assert await _groups_heard(town, "骂人", "1123-01") == []


async def test_an_ordinary_matter_after_it_goes_to_the_group(talk: Talk, town: Town) -> None:
    await talk.says(f"阳光水岸的{RUDE}")
    await talk.says("阳光水岸3号楼下水道堵了", after_seconds=5)
    assert [case.conduct for case in await talk.cases()] == [True, False]
    assert await _groups_heard(town, "骂人") == []


@pytest.mark.parametrize("words", ["不满意，网格员态度差还骂人", "没修好，网格员态度差还骂人", "3 网格员骂人态度差"])
async def test_what_a_rating_says_of_him_is_told_apart(talk: Talk, town: Town, words: str) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01")
    await talk.says(words)
    assert talk.hears("工单 1123-02", "不经过社区和网格")
    assert await _groups_heard(town, "态度", "骂人") == []
    assert [case.conduct for case in await talk.cases()] == [False, True]
    assert (await talk.cases())[1].area_code == GRID3


@pytest.mark.parametrize("opening", ["3", "不满意"])
async def test_nor_does_the_reason_for_a_poor_rating(talk: Talk, town: Town, opening: str) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01")
    await talk.says(opening)
    await talk.says(RUDE)
    assert talk.hears("工单 1123-02")
    assert await _groups_heard(town, "态度", "骂人") == []


async def test_nor_an_answer_to_his_question(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    await town.works("问 几单元的")
    await talk.says(RUDE)
    assert await _groups_heard(town, "态度", "骂人") == []
    await talk.says("3单元")
    assert talk.hears("已转告网格员")


async def test_nor_a_supplement(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says(f"补充 {RUDE}")
    await talk.says("补充")
    await talk.says("网格员收红包，不作为")
    assert await _groups_heard(town, "态度", "骂人", "红包") == []
