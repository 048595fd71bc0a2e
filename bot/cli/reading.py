"""`classify`, `evaluate` and `due`: commands that need no config."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.common import JsonFlag, fail, finish
from grid.calendar import WorkCalendar, due_line
from grid.holidays import built_in_days
from grid.limits import DueError
from lab.city import make_city
from lab.places import list_rules, read_rules
from nlp.classify import classify_line
from nlp.evaluate import Labelled
from nlp.evaluate import evaluate as evaluate_rows
from nlp.gazetteer import Gazetteer
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


def evaluate(
    file: Annotated[Path, typer.Argument(help="标注好的 JSONL（primary, also）")], as_json: JsonFlag = False
) -> None:
    """在标注数据上度量研判的准确度。"""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise fail(f"无法读取 {file}：{error.strerror}", 2) from None
    try:
        rows = [Labelled.parse(json.loads(line)) for line in lines if line.strip()]
    except (ValueError, KeyError, TypeError) as fault:
        raise fail(f"{file} 不是标注数据：{type(fault).__name__}") from None
    finish(as_json, **evaluate_rows(Reader(Gazetteer(())), rows).as_json())


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
