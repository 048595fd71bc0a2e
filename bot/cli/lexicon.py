"""`lexicon`: learn from corrections, look at versions, publish one, take it back."""

import getpass
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from bot.app import prepare_archive
from bot.cli.common import ConfigPath, JsonFlag, console, fail, finish, read_settings, run_async
from bot.clock import system_clock
from bot.learning import NothingLearned, make_draft, publish, report_word, roll_back
from bot.settings import Settings
from nlp.evaluate import Labelled
from nlp.lexicon_files import LexiconRefused
from nlp.reading import Category
from storage.archive import Archive, open_archive
from storage.columns import VersionState
from storage.learning_queries import LearningBooks
from storage.learning_tables import LexiconVersion

lexicon = typer.Typer(no_args_is_help=True, help="词表:从更正中学习、查看、发布、撤回")
Result = TypeVar("Result")
_STATES = {VersionState.DRAFT: "草稿", VersionState.PUBLISHED: "正在使用", VersionState.RETIRED: "停用"}
_FIGURES = {"accepted": "准确", "macro_f1": "宏平均F1", "asked": "反问", "accepted_unasked": "不反问时准确"}


@lexicon.command("learn")
def learn_(
    file: Annotated[Path | None, typer.Option("--file", help="标注好的 JSONL：新建前后各度量一次")] = None,
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """从居民和工作人员的更正中学习,新建一个草稿版本(不影响正在使用的)。"""
    rows = read_labelled(file) if file is not None else []
    settings = read_settings(config)
    made = _on_archive(
        settings,
        lambda archive: make_draft(archive, settings.nlp.lexicon_dir, system_clock(), getpass.getuser(), rows),
    )
    if not as_json:
        _print_figures(made.figures)
    finish(as_json, number=made.number, **made.figures)


@lexicon.command("list")
def list_(config: ConfigPath = None, as_json: JsonFlag = False) -> None:
    """列出全部版本。"""
    versions = _on_archive(read_settings(config), lambda archive: LearningBooks(archive).list_versions())
    if not as_json:
        _print_versions(versions)
    running = next((one.number for one in versions if one.state is VersionState.PUBLISHED), 0)
    facts = [_facts(one) for one in versions]
    finish(as_json, running=running, **({"versions": facts} if as_json else {"count": len(facts)}))


@lexicon.command("show")
def show(
    word: Annotated[str, typer.Argument(help="一个词，如 飞线充电")],
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """一个词现在偏向哪一类,为什么。"""
    settings = read_settings(config)
    found = _on_archive(settings, lambda archive: report_word(archive, settings.nlp.lexicon_dir, word))
    if not found.is_known:
        raise fail(f"词表里没有“{word}”。加词请看 docs/lexicon.md。")
    if not as_json:
        _print_word(found.weights, found.deltas, found.people)
    people = {code: {"to": to, "away": away} for code, (to, away) in found.people.items()}
    finish(
        as_json, word=word, **({"weights": found.weights, "deltas": found.deltas, "people": people} if as_json else {})
    )


@lexicon.command("publish")
def publish_(
    number: Annotated[int, typer.Argument(help="版本号", min=1)], config: ConfigPath = None, as_json: JsonFlag = False
) -> None:
    """启用一个版本:所有进程几秒内生效,不用重启。"""
    _on_archive(read_settings(config), lambda archive: publish(archive, number, system_clock()))
    finish(as_json, running=number)


@lexicon.command("rollback")
def rollback(config: ConfigPath = None, as_json: JsonFlag = False) -> None:
    """撤回正在使用的版本,恢复到它之前的一个(没有时即自带词表,记为 0)。"""
    back, now = _on_archive(read_settings(config), lambda archive: roll_back(archive, system_clock()))
    finish(as_json, taken_back=back, running=now)


def _on_archive(settings: Settings, work: Callable[[Archive], Awaitable[Result]]) -> Result:
    """Open the archive and do it; what is refused ends the command with its sentence and code 1."""

    async def run() -> Result:
        await prepare_archive(settings)
        async with open_archive(settings.storage.url) as archive:
            return await work(archive)

    try:
        return run_async(run())
    except NothingLearned as refused:
        raise fail(str(refused)) from None
    except LexiconRefused as refused:
        raise fail("词表文件夹有误：\n" + "\n".join(f"  • {fault}" for fault in refused.faults)) from None
    except ValueError as fault:
        raise fail(str(fault)) from None


def read_labelled(file: Path) -> list[Labelled]:
    """The rows of a labelled JSONL. Ends the command: 2 for a file that cannot be read, 1 for one of another form."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise fail(f"无法读取 {file}：{error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise fail(f"{file} 不是 UTF-8 编码。") from None
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows += [Labelled.parse(json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise fail(f"{file} 第{number}行不是标注数据：{type(fault).__name__}") from None
    return rows


def _facts(one: LexiconVersion) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state.value,
        "state_name": _STATES[one.state],
        "made_at": one.made_at.isoformat(),
        "made_by": one.made_by,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "figures": one.figures,
    }


def _print_versions(versions: list[LexiconVersion]) -> None:
    table = Table("版本", "状态", "新建", "更正", "人数", "词", "准确(前→后)")
    for one in versions:
        figures = one.figures
        before, after = (figures.get(side, {}).get("accepted") for side in ("before", "after"))
        measured = f"{before:.1%} → {after:.1%}" if before is not None and after is not None else "—"
        counts = [str(figures.get(name, "")) for name in ("corrections", "people", "words")]
        table.add_row(str(one.number), _STATES[one.state], f"{one.made_at:%Y-%m-%d %H:%M}", *counts, measured)
    console.print(table)


def _print_figures(figures: dict[str, Any]) -> None:
    before, after = figures.get("before"), figures.get("after")
    if before and after:
        table = Table("", "学习前", "学习后")
        for name, label in _FIGURES.items():
            table.add_row(label, f"{before[name]:.1%}", f"{after[name]:.1%}")
        console.print(table)


def _print_word(weights: dict[str, float], deltas: dict[str, float], people: dict[str, tuple[int, int]]) -> None:
    table = Table("类别", "自带分量", "学到的", "改到此类的人", "改离此类的人")
    for category in Category:
        code = category.value
        if code in {*weights, *deltas, *people}:
            to, away = people.get(code, (0, 0))
            table.add_row(
                category.label, f"{weights.get(code, 0):.2f}", f"{deltas.get(code, 0):+.2f}", str(to), str(away)
            )
    console.print(table)
