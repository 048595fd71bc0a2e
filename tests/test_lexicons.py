"""Following the published version, in two processes' halls on one archive of either engine: moved once, kept on a fault, tried again."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cityhall import CityHall
from bot.lexicons import Lexicons
from grid.deadlines import Deadlines
from grid.desk import House
from nlp.lexicon import Lexicon
from storage.archive import Archive
from storage.learning_queries import LearningBooks
from storage.queries import Books
from tests.clock import START, FakeClock

MATTER = "烧烤店油烟呛人"
MOVED = {word: {"law_enforcement": -3.0, "urban_property": 3.0} for word in ("油烟", "烧烤", "烧烤店")}


def hall_of(archive: Archive, clock: FakeClock) -> CityHall:
    return CityHall(Books(archive), Deadlines(), ZoneInfo("Asia/Shanghai"), House(), clock)


@pytest.fixture
def hall(archive: Archive, clock: FakeClock) -> CityHall:
    return hall_of(archive, clock)


async def publish(archive: Archive, weights: dict[str, dict[str, float]], minute: int = 0) -> int:
    books = LearningBooks(archive)
    made = await books.add_draft(weights, {}, START, "", None)
    assert await books.publish(made.number, START + timedelta(minutes=minute))
    return made.number


def read(hall: CityHall) -> str:
    return str(hall.reader.read(MATTER).category)


async def test_every_process_moves_once_and_back(archive: Archive, clock: FakeClock) -> None:
    halls = [hall_of(archive, clock), hall_of(archive, clock)]
    followers = [Lexicons(archive, hall) for hall in halls]
    assert [await one.follow() for one in followers] == [False, False]
    await publish(archive, MOVED)
    assert [await one.follow() for one in followers] == [True, True]
    assert [await one.follow() for one in followers] == [False, False]
    assert [read(hall) for hall in halls] == ["urban_property"] * 2
    await LearningBooks(archive).roll_back(START)
    assert [await one.follow() for one in followers] == [True, True]
    assert [read(hall) for hall in halls] == ["law_enforcement"] * 2


async def test_the_same_weights_again_build_nothing(archive: Archive, hall: CityHall) -> None:
    lexicons = Lexicons(archive, hall)
    await publish(archive, MOVED)
    await lexicons.follow()
    reader = hall.reader
    await publish(archive, MOVED, 1)
    assert not await lexicons.follow()
    assert hall.reader is reader


async def test_a_city_that_is_loaded_anew_keeps_the_weights(archive: Archive, hall: CityHall) -> None:
    await publish(archive, MOVED)
    await Lexicons(archive, hall).follow()
    await hall.load()
    assert read(hall) == "urban_property"


async def test_a_fault_keeps_what_runs_and_the_next_good_one_is_taken(archive: Archive, hall: CityHall) -> None:
    lexicons = Lexicons(archive, hall)
    await publish(archive, MOVED)
    await lexicons.follow()
    await publish(archive, {"油烟": {"nonsense": 1.0}}, 1)
    assert not await lexicons.follow()
    assert read(hall) == "urban_property"
    await publish(archive, {"油烟": {"law_enforcement": 0.5}}, 2)
    assert await lexicons.follow()
    assert read(hall) == "law_enforcement"


async def test_a_build_that_failed_is_tried_again(archive: Archive, clock: FakeClock) -> None:
    hall = _Stumbling(Books(archive), Deadlines(), ZoneInfo("Asia/Shanghai"), House(), clock)
    lexicons = Lexicons(archive, hall)
    await publish(archive, MOVED)
    with pytest.raises(MemoryError):
        await lexicons.follow()
    assert read(hall) == "law_enforcement"
    assert await lexicons.follow()
    assert read(hall) == "urban_property"


class _Stumbling(CityHall):
    """Fails the first time."""

    has_failed = False

    async def read_with(self, lexicon: Lexicon) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise MemoryError
        await super().read_with(lexicon)


async def test_a_folder_that_is_faulty_from_the_start_leaves_the_shipped_words(
    archive: Archive, hall: CityHall, tmp_path: Path
) -> None:
    (tmp_path / "dispute.tsv").write_text("油烟\t邻里\n", "utf-8")
    await publish(archive, MOVED)
    assert await Lexicons(archive, hall, str(tmp_path)).follow()
    assert read(hall) == "urban_property"


async def test_a_folder_that_appears_later_is_taken_up(archive: Archive, hall: CityHall, tmp_path: Path) -> None:
    folder = tmp_path / "words"
    lexicons = Lexicons(archive, hall, str(folder))
    assert not await lexicons.follow()
    folder.mkdir()
    (folder / "dispute.tsv").write_text("冰灯摊\t邻里纠纷\t5\n", "utf-8")
    assert await lexicons.follow()
    assert hall.reader.read("门口的冰灯摊").category == "dispute"
    assert not await lexicons.follow()
