"""`classify`, `evaluate` and `due`: commands that need no config."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.common import JsonFlag, console, errors, fail, finish
from bot.cli.labelled import MessagesFile, read_rows
from grid.calendar import WorkCalendar, due_line
from grid.holidays import built_in_days
from grid.limits import DueError
from lab.city import make_city
from lab.places import list_rules, read_rules
from nlp.classify import classify_line
from nlp.evaluate import Labelled
from nlp.evaluate import evaluate as evaluate_rows
from nlp.gazetteer import Gazetteer
from nlp.lexicon import Lexicon, list_entries, list_pairs
from nlp.reader import Reader

CityFolder = Annotated[Path | None, typer.Option("--city", help="用这个目录里的 places.csv 识别地点（默认为演示街道）")]


def _make_reader(folder: Path | None) -> Reader:
    try:
        rules = read_rules(folder / "places.csv") if folder else list_rules(make_city("street", 1))
    except OSError as error:
        raise fail(f"无法读取 {folder}：{error.strerror}", 2) from None
    return Reader(Gazetteer(rules))


def classify(city: CityFolder = None) -> None:
    """从标准输入逐行读取文字(或 {"id","text"} 的 JSONL),逐行输出研判结果。"""
    reader = _make_reader(city)
    for text, row_id in _read_lines():
        typer.echo(json.dumps(classify_line(reader, text, row_id), ensure_ascii=False))


def _read_lines() -> Iterator[tuple[str, str | int | None]]:
    stream = sys.stdin.buffer
    for raw in stream:
        line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        yield _parse_line(line)


def _parse_line(line: str) -> tuple[str, str | int | None]:
    if line.startswith("{"):
        try:
            row = json.loads(line)
        except ValueError:
            return line, None
        if isinstance(row, dict) and isinstance(row.get("text"), str):
            return row["text"], row.get("id")
    return line, None


LabelledFile = Annotated[Path, typer.Argument(help="标注好的 JSONL（primary, also）")]


def evaluate(
    file: LabelledFile,
    crossed: Annotated[
        bool, typer.Option("--cross-validate", help="交叉验证：只用词库起步，学一部分、考另一部分")
    ] = False,
    learn_from: Annotated[
        list[Path] | None,
        typer.Option(
            "--learn-from", help="另外学这些（judged 列表、写好的句子或 JSONL，可多次）；不交叉验证时只学这些"
        ),
    ] = None,
    messages: MessagesFile = None,
    folds: Annotated[int, typer.Option("--folds", min=2, max=20, help="分几份")] = 5,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=20, help="重复几次")] = 3,
    as_json: JsonFlag = False,
) -> None:
    """在标注数据上度量研判的准确度。"""
    rows = read_rows(file, messages)
    further = [row for one in learn_from or () for row in read_rows(one, messages)]
    if crossed or further:
        _validate(rows, further, (folds, seeds) if crossed else None, as_json)
    else:
        finish(as_json, **evaluate_rows(Reader(Gazetteer(())), rows).as_json())


def _validate(rows: list[Labelled], further: list[Labelled], crossed: tuple[int, int] | None, as_json: bool) -> None:
    from nlp.validation import cross_validate, measure  # numpy, as above

    known = Lexicon.of(list_entries(), list_pairs())
    if crossed and len(rows) < crossed[0]:
        raise fail(f"只有 {len(rows)} 条，分不成 {crossed[0]} 份。", 2)
    with errors.status("正在度量…"):
        done = cross_validate(rows, known, *crossed, further) if crossed else measure(rows, further, known)
    if not as_json:
        for one in done.bins:
            console.print(
                f"{one.low:.1f}–  {one.count:5d} 条  说 {one.confidence:.3f}  对 {one.accepted:.3f}", markup=False
            )
    folds, seeds = crossed or (1, 1)
    finish(
        as_json,
        **done.learned.as_json(),
        lexicon_only=done.lexicon_only.as_json(),
        parts={name: scores.as_json() for name, scores in done.parts.items()},
        calibration=[asdict(one) for one in done.bins],
        folds=folds,
        seeds=seeds,
        learned_from=len(further),
    )


def due(
    at: Annotated[str, typer.Argument(metavar="AT", help="起算时间，如 2026-11-23T09:00（不带时区即当地时间）")],
    limit: Annotated[str, typer.Argument(metavar="LIMIT", help="时限：90m 2h 3wh 3wd 7d 3mo")],
    timezone: Annotated[str, typer.Option(help="时区")] = "Asia/Shanghai",
    as_json: JsonFlag = False,
) -> None:
    """按工作日历计算到期时间。"""
    try:
        answer = due_line(at, limit, WorkCalendar(built_in_days(), ZoneInfo(timezone)))
    except DueError as fault:
        raise fail(str(fault)) from None
    except (KeyError, ValueError, OSError):
        raise fail(f"没有时区 {timezone}。", 2) from None
    finish(as_json, **answer)
