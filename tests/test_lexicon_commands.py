"""`wangge lexicon` and its line in `check`, as an operator meets them: figures, words, refusals in Chinese, exit codes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from storage.archive import open_archive
from storage.learning_queries import LearningBooks
from storage.learning_tables import Correction
from storage.plan import Committed, Plan
from storage.rows import fresh
from tests.clock import START

MATTER = "烧烤店油烟呛人"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config, and words of an operator's own to be switched on by `set_words`."""
    set_config(tmp_path)
    return tmp_path


def set_config(folder: Path, words: Path | None = None) -> None:
    lines = [f'[storage]\nurl = "{url(folder)}"\n']
    lines += [f'[nlp]\nlexicon_dir = "{words}"\n'] if words else []
    config = folder / "config.toml"
    config.write_text("".join(lines))
    config.chmod(0o600)


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'w.db'}"


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["lexicon", *words, "--config", str(folder / "config.toml")])


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def correct(folder: Path, people: int, text: str = MATTER) -> None:
    """So many people say that a text is 城建物业."""
    reader = Reader(Gazetteer(()))
    was = reader.read(text).category
    assert was is not None
    values = {"at": START, "was": was.value, "now": "urban_property", "features": list(reader.features(text))}
    rows = [fresh(Correction, id=n, case_id=n, actor=f"worker:{n}", **values) for n in range(1, people + 1)]

    async def write() -> None:
        async with open_archive(url(folder)) as archive:
            assert await archive.committer.commit(Plan(rows=[*rows])) == Committed()

    assert run(folder, "list").exit_code == 0
    asyncio.run(write())


def labelled(folder: Path) -> Path:
    path = folder / "labelled.jsonl"
    rows = [{"text": MATTER, "primary": "urban_property"}, {"text": "路灯不亮", "primary": "urban_property"}]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_learning_prints_before_and_after(folder: Path) -> None:
    correct(folder, 4)
    made = figures(run(folder, "learn", "--file", str(labelled(folder)), "--json"))
    assert (made["number"], made["corrections"], made["people"]) == (1, 4, 4)
    assert (made["before"]["accepted"], made["after"]["accepted"]) == (0.5, 1.0)
    assert {"accepted", "exact", "macro_f1", "asked", "accepted_unasked", "ece"} == set(made["after"])
    shown = run(folder, "learn", "--file", str(labelled(folder))).output
    assert "学习前" in shown
    assert "100.0%" in shown


def test_publish_list_show_and_rollback(folder: Path) -> None:
    correct(folder, 4)
    figures(run(folder, "learn", "--json"))
    figures(run(folder, "learn", "--json"))
    assert figures(run(folder, "publish", "1", "--json")) == {"running": 1}
    assert figures(run(folder, "publish", "2", "--json")) == {"running": 2}
    listed = figures(run(folder, "list", "--json"))
    assert listed["running"] == 2
    assert [(one["number"], one["state"]) for one in listed["versions"]] == [(2, "published"), (1, "retired")]
    assert "正在使用" in run(folder, "list").output
    word = figures(run(folder, "show", "油烟", "--json"))
    assert word["people"]["urban_property"] == {"to": 4, "away": 0}
    assert word["people"]["law_enforcement"] == {"to": 0, "away": 4}
    assert word["deltas"]["urban_property"] > 0 > word["deltas"]["law_enforcement"]
    assert "城建物业" in run(folder, "show", "油烟").output
    assert figures(run(folder, "rollback", "--json")) == {"taken_back": 2, "running": 1}
    assert figures(run(folder, "rollback", "--json")) == {"taken_back": 1, "running": 0}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("learn",), 1, "还没有人更正过类别"),
        (("rollback",), 1, "没有可撤回的版本"),
        (("publish", "3"), 1, "没有词表版本 3"),
        (("publish", "0"), 2, ""),
        (("publish", "latest"), 2, ""),
        (("show", "没有这个词"), 1, "词表里没有“没有这个词”"),
        (("learn", "--file", "nowhere.jsonl"), 2, "无法读取 nowhere.jsonl"),
    ],
)
def test_what_is_refused(folder: Path, words: tuple[str, ...], code: int, told: str) -> None:
    refused = run(folder, *words)
    assert refused.exit_code == code
    assert told in refused.output
    assert "Traceback" not in refused.output


def test_publishing_what_runs_already_is_refused(folder: Path) -> None:
    correct(folder, 4)
    run(folder, "learn")
    run(folder, "publish", "1")
    again = run(folder, "publish", "1")
    assert (again.exit_code, "已经在使用" in again.output) == (1, True)


def test_too_few_people_make_no_version(folder: Path) -> None:
    correct(folder, 1)
    refused = run(folder, "learn")
    assert (refused.exit_code, "没有足够的人意见一致" in refused.output) == (1, True)
    assert figures(run(folder, "list", "--json"))["versions"] == []


@pytest.mark.parametrize("line", ["not json", "[1]", '{"text": "一"}', '"word"'])
def test_a_file_that_is_not_labelled_is_refused_by_its_line(folder: Path, line: str) -> None:
    path = folder / "bad.jsonl"
    path.write_text(f'{{"text": "一", "primary": "dispute"}}\n{line}\n', "utf-8")
    refused = run(folder, "learn", "--file", str(path))
    assert (refused.exit_code, "第2行不是标注数据" in refused.output) == (1, True)


def check(folder: Path) -> str:
    output = CliRunner().invoke(app, ["check", "--config", str(folder / "config.toml")]).output
    lines = output.splitlines()
    place = next(n for n, line in enumerate(lines) if "词表" in line)
    return "\n".join(lines[place : place + 2])


def test_check_has_a_line_on_the_lexicon(folder: Path) -> None:
    assert "✓ 词表:自带" in check(folder)
    correct(folder, 4)
    run(folder, "learn")
    run(folder, "publish", "1")
    assert "✓ 词表:自带，版本 1（调整" in check(folder)


def test_check_names_the_faults_and_conflicts_of_own_words(folder: Path) -> None:
    words = folder / "words"
    words.mkdir()
    set_config(folder, words)
    (words / "dispute.tsv").write_text("冰灯摊\t邻里\t很重\n", "utf-8")
    told = check(folder)
    assert "✗ 词表:1处有误，未采用：dispute.tsv 第1行：分量“很重”不是数字" in told
    assert "保存后自动生效" in told
    refused = run(folder, "show", "油烟")
    assert (refused.exit_code, "dispute.tsv 第1行" in refused.output) == (1, True)
    (words / "dispute.tsv").write_text("路灯不亮\t邻里\t3\n", "utf-8")
    assert "✗ 词表:1处矛盾：“路灯不亮”同时单独决定" in check(folder)
    (words / "dispute.tsv").write_text("冰灯摊\t邻里\t3\n", "utf-8")
    assert "✓ 词表:自带，自备1行" in check(folder)


def test_check_names_a_version_that_cannot_be_read(folder: Path) -> None:
    run(folder, "list")

    async def break_it() -> None:
        async with open_archive(url(folder)) as archive:
            books = LearningBooks(archive)
            made = await books.add_draft({"油烟": {"nonsense": 1}}, {}, START, "", None)
            await books.publish(made.number, START)

    asyncio.run(break_it())
    told = check(folder)
    assert "✗ 词表:词表版本 1 不可用" in told
    assert "wangge lexicon rollback" in told
