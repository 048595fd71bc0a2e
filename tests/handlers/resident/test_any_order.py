"""Whatever residents say, in whatever order: nothing fails, everything is kept once, every chain holds."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.update import UpdateKind
from storage.archive import open_archive
from storage.audit import verify
from tests.clock import FakeClock
from tests.databases import sqlite_url
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.resident.town import AT_GRID3, FAR_AWAY

SAYINGS = (
    "你好", "谢谢", "好的", "[微笑]", "", "阳光水岸1号楼路灯坏了", "学府花园2号楼有人占道经营", "下水道堵了",
    "幸福小区2号楼漏水", "阳光水岸12号楼", "3单元", "三江口那边", "不知道", "13900000001", "139000",
    "不留", "进度", "1123-01", "催办", "补充", "补充 更严重了", "改类别", "改类别 综合执法",
    "改地点 学府花园3号楼", "撤销", "是", "否", "1", "2", "3", "9", "满意", "不满意，太慢", "没修好",
    "没修好,还在漏", "我的网格员", "帮助", "人工", "着火了", "我不想活了", "网格员态度差还骂人", "已经好了",
    "另外楼道灯也坏了", "]]><b>", "快点来", "感谢网格员小王",
)  # fmt: skip
STEPS = st.one_of(
    st.sampled_from(SAYINGS).map(lambda words: ("says", words)),
    st.sampled_from(["picture", "near", "far", "unknown", "follow", "leave", "other"]).map(lambda word: (word, "")),
    st.sampled_from(["接单", "办结 已修", "问 几单元"]).map(lambda words: ("works", words)),
    st.sampled_from(["5", "900", "90000"]).map(lambda seconds: ("waits", seconds)),
)


async def _do(town: Town, talk: Talk, step: tuple[str, str]) -> None:
    match step:
        case ("says", words):
            await talk.says(words)
            assert talk.heard, words
        case ("works", words):
            await town.works(words)
        case ("waits", seconds):
            town.clock.advance(seconds=float(seconds))
        case ("near", _):
            assert await talk.stands_at(AT_GRID3, "阳光水岸")
        case ("far", _):
            assert await talk.stands_at(FAR_AWAY)
        case ("picture", _):
            assert await talk.shows()
        case ("follow", _):
            assert await talk.lives_in()
        case ("leave", _):
            await talk.meets("UNSUBSCRIBE")
            assert talk.is_left_in_silence
        case ("unknown", _):
            await talk.sends(UpdateKind.UNKNOWN)
            assert talk.is_left_in_silence
        case _:
            assert await town.resident("oOther").says("阳光水岸2号楼下水道堵了")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=25))
async def test_any_sayings_in_any_order(sqlite_template: Path, steps: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(sqlite_template, Path(folder) / "w.db")
        async with open_archive(sqlite_url(Path(folder) / "w.db")) as archive:
            town = Town(archive, FakeClock())
            await town.build()
            talk = town.resident()
            for step in steps:
                await _do(town, talk, step)
            rows = await talk.inbound()
            assert sorted(row.key for row in rows) == sorted(talk.pushed)
            assert not {row.outcome for row in rows} & {"failed", "not_stored"}
            verdict = await verify(archive.engine)
            assert verdict.ok, verdict.broken
