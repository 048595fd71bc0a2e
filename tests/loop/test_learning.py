"""People correct a category; what was learned of it is published, changes the next similar message at once, and can be taken back."""

import logging
from pathlib import Path

import pytest

from bot.learning import NothingLearned, make_draft, publish, roll_back
from storage.learning_queries import LearningBooks
from storage.learning_tables import LexiconVersion
from tests.ears import Resident, number_in, until
from tests.house import ESTATE, GRID, STREET, STREET_CHIEF, WANG, House

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

MATTER = "烧烤店油烟呛人"
WAS, NOW = "law_enforcement", "urban_property"
WAS_NAME, NOW_NAME = "综合执法", "城建物业"


async def _tells(house: House, openid: str, building: int, text: str = MATTER) -> str:
    """A resident tells the matter; the number of his case."""
    resident = await house.resident(openid)
    return number_in(await resident.says(f"{ESTATE}{building}号楼{text}"))


async def _category(house: House, number: str) -> str:
    return (await house.case(number)).category


async def _reads_as(house: House, code: str) -> None:
    """Wait until the running service reads the matter so: its own tick brings the change."""

    async def is_so() -> bool:
        return house.service.hall.reader.read(MATTER).category == code

    await until(house.driver, is_so, f"read as {code}")


async def _corrections(house: House) -> int:
    return len(await LearningBooks(house.service.archive).list_corrections())


async def _learn(house: House) -> LexiconVersion:
    return await make_draft(house.service.archive, "", house.service.clock(), "员工")


async def test_without_corrections_there_is_nothing_to_learn_or_to_take_back(house: House) -> None:
    with pytest.raises(NothingLearned, match="还没有人更正过"):
        await _learn(house)
    with pytest.raises(NothingLearned, match="没有可撤回的版本"):
        await roll_back(house.service.archive, house.service.clock())
    with pytest.raises(NothingLearned, match="没有词表版本 7"):
        await publish(house.service.archive, 7, house.service.clock())


async def test_one_person_however_often_changes_nothing(house: House) -> None:
    li = await house.resident("lrn1")
    for building in (1, 2):
        number = number_in(await li.says(f"{ESTATE}{building}号楼{MATTER}"))
        assert await _category(house, number) == WAS
        assert NOW_NAME in await li.says(f"改类别 {number} {NOW_NAME}")
        await house.advance(1200)
    assert await _corrections(house) == 2
    with pytest.raises(NothingLearned, match="没有足够的人意见一致"):
        await _learn(house)


async def test_many_change_the_next_similar_message_and_rollback_restores(house: House) -> None:
    grid, street = await house.group(GRID), await house.group(STREET)
    for n in range(2, 5):
        number = await _tells(house, f"lrn{n}", n)
        resident: Resident = await house.resident(f"lrn{n}")
        assert NOW_NAME in await resident.says(f"改类别 {NOW_NAME}")
    by_worker, by_chief = await _tells(house, "lrn5", 5), await _tells(house, "lrn6", 6)
    await grid.hears_from(WANG, f"转派 {by_worker} {NOW_NAME} 物业的烟道", "已转派")
    await street.hears_from(STREET_CHIEF, f"改类别 {by_chief} {NOW_NAME}", "类别已改为")
    for number in (by_worker, by_chief):
        assert await _category(house, number) == NOW
    assert await _corrections(house) == 7
    assert await _category(house, await _tells(house, "lrn7", 7)) == WAS, "kept, but not learned yet"

    made = await _learn(house)
    assert made.figures["people"] == 6
    assert "油烟" in made.weights
    assert await _category(house, await _tells(house, "lrn8", 8)) == WAS, "a draft runs nowhere"

    service = house.service
    await publish(service.archive, made.number, service.clock())
    await _reads_as(house, NOW)
    assert house.service is service, "nothing was started anew"
    zhao = await house.resident("lrn9")
    reply = await zhao.says(f"{ESTATE}9号楼楼下{MATTER}，天天这样")
    assert f"类别：{NOW_NAME}" in reply
    assert "油烟" in reply, "the words that decided are shown"
    assert await _category(house, number_in(reply)) == NOW
    assert await house.told(number_in(reply)) == {GRID}

    assert await roll_back(service.archive, service.clock()) == (made.number, 0)
    await _reads_as(house, WAS)
    assert await _category(house, await _tells(house, "lrn10", 10)) == WAS


async def test_the_command_publishes_and_a_process_that_starts_reads_with_it(house: House) -> None:
    code, made = await house.run_command("lexicon", "learn")
    assert (code, made["people"]) == (0, 6)
    code, told = await house.run_command("lexicon", "publish", str(made["number"]))
    assert (code, told) == (0, {"running": made["number"]})
    await _reads_as(house, NOW)
    await house.stop()
    await house.start()
    assert house.service.hall.reader.read(MATTER).category == NOW
    code, told = await house.run_command("lexicon", "rollback")
    assert (code, told) == (0, {"taken_back": made["number"], "running": 0})
    await _reads_as(house, WAS)


async def test_a_version_that_cannot_be_read_is_refused_and_the_one_before_stays(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    books, now = LearningBooks(house.service.archive), house.service.clock()
    good = await _learn(house)
    await publish(house.service.archive, good.number, now)
    await _reads_as(house, NOW)
    broken = await books.add_draft({"油烟": {"nonsense": 1.0}}, {}, now, "有人", None)
    with pytest.raises(ValueError, match="“油烟”的权重不可用"):
        await publish(house.service.archive, broken.number, now)
    # Past the command's own check, as a hand in the database would do it.
    with caplog.at_level(logging.ERROR, "bot.lexicons"):
        assert await books.publish(broken.number, now)

        async def is_refused() -> bool:
            return "lexicon version refused" in caplog.text

        await until(house.driver, is_refused, "refused")
    assert house.service.hall.reader.read(MATTER).category == NOW
    assert await roll_back(house.service.archive, now) == (broken.number, good.number)


async def test_an_own_folder_is_followed_and_a_fault_keeps_the_lines_of_before(
    tmp_path: Path, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await roll_back(house.service.archive, house.service.clock())
    folder = tmp_path / "words"
    folder.mkdir()
    words = folder / "dispute.tsv"
    words.write_text("冰灯摊\t邻里纠纷\t5\n", "utf-8")
    await house.stop()
    house.config["nlp"] = {"lexicon_dir": str(folder)}
    await house.start()
    read = house.service.hall.reader.read
    assert read("门口的冰灯摊").category == "dispute"
    with caplog.at_level(logging.ERROR, "bot.lexicons"):
        words.write_text("冰灯摊\t邻里纠纷\t很重\n", "utf-8")

        async def is_refused() -> bool:
            return "dispute.tsv 第1行" in caplog.text

        await until(house.driver, is_refused, "refused")
    assert house.service.hall.reader.read("门口的冰灯摊").category == "dispute"
    words.write_text("", "utf-8")
    (folder / "livelihood.tsv").write_text("冰灯摊\t便民服务\t5\n", "utf-8")

    async def is_moved() -> bool:
        return house.service.hall.reader.read("门口的冰灯摊").category == "livelihood"

    await until(house.driver, is_moved, "the other file")
