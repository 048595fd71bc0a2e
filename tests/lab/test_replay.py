"""A small replay with made sentences: the service is killed in the middle, nothing is lost and nothing comes twice."""

from itertools import cycle, islice
from pathlib import Path

import pytest

from lab.city import make_city, write_city
from lab.replay import replay
from lab.replay_archive import NotEmpty, import_made_city
from storage.engine import make_engine
from tests.clock import FakeClock

SENTENCES = (
    "楼道里堆满了纸箱和旧家具，老人上下楼都不方便",
    "小区门口的路灯坏了三天了，晚上一片漆黑",
    "下水道堵了，污水从井盖里往外冒",
    "楼下烧烤店半夜还在放音响，吵得没法睡觉",
    "谢谢你们，上次的事办得真快",
    "物业把消防通道的门锁上了，请来看看",
    "路边的垃圾桶满了好几天没人收",
)


def make_texts(number: int) -> list[str]:
    return [f"{text}（第{index}位）" for index, text in enumerate(islice(cycle(SENTENCES), number), start=1)]


async def test_a_killed_service_loses_nothing_and_doubles_nothing(engine_url: str) -> None:
    figures = await replay(make_texts(30), kills=1, seed=3, url=engine_url, retry_gap_seconds=2.0)
    assert figures.is_good, figures
    assert (figures.messages, figures.answered, figures.kills, figures.undelivered) == (30, 30, 1, 0)
    assert figures.cases >= 20
    assert (figures.groups_per_case_min, figures.groups_per_case_max) == (1, 1)


async def test_a_database_with_another_city_is_left_alone(
    sqlite_database: str, tmp_path: Path, clock: FakeClock
) -> None:
    city = make_city("street", 1)
    write_city(city, tmp_path)
    engine = make_engine(sqlite_database)
    codes = {area.code for area in city.areas}
    try:
        bound = await import_made_city(engine, tmp_path, codes, clock())
        assert len(bound) == len(city.groups)
        with pytest.raises(NotEmpty):
            await import_made_city(engine, tmp_path, codes - {"230803"}, clock())
    finally:
        await engine.dispose()
