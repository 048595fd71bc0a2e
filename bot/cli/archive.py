"""`cases` and `audit`: what the archive holds, and whether it is whole."""

from datetime import UTC
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from bot.app import prepare_archive
from bot.cli.common import ConfigPath, JsonFlag, console, fail, finish, read_settings, run_async
from bot.clock import system_clock
from bot.settings import Settings
from grid.wording import category_name, status_name
from storage.anchors import make_anchor
from storage.archive import open_archive
from storage.audit import verify as verify_chains
from storage.queries import Books
from storage.tables import Area, Case, CaseEvent, WorkGroup
from storage.verdict import Broken, Verdict

audit = typer.Typer(no_args_is_help=True, help="核验工单历史的完整性")


def cases(
    number: Annotated[str | None, typer.Option("--number", help="工单号，如 1123-08")] = None,
    most: Annotated[int, typer.Option("--most", help="最多列出几件")] = 20,
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """查看工单:不带号码时列出最近的,带号码时给出完整经过。"""
    settings = read_settings(config)
    if number is None:
        rows = run_async(_list(settings, most))
        _print_list(rows, as_json)
        return
    found = run_async(_find(settings, number))
    if found is None:
        raise fail(f"没有工单 {number}。")
    if not as_json:
        _print_events(found.pop("events"))
    finish(as_json, **found)


async def _list(settings: Settings, most: int) -> list[dict[str, Any]]:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        return [_facts(case) for case in await Books(archive).list_recent(most)]


def _facts(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "status": case.status,
        "status_name": status_name(case.status),
        "category": case.category,
        "area": case.area_code,
    }


async def _find(settings: Settings, number: str) -> dict[str, Any] | None:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        books = Books(archive)
        case = await books.find_by_number(number)
        if case is None:
            return None
        group = await books.find(WorkGroup, case.group_id)
        area = await books.find(Area, case.area_code)
        events = [_event(event) for event in await books.list_events(case.id)]
        return {
            **_facts(case),
            "category_name": category_name(case.category),
            "area_name": area.name if area else None,
            "group": group.key if group else None,
            "urgency": case.urgency,
            "rating": case.rating or None,
            "events": events,
        }


def _event(event: CaseEvent) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at.astimezone(UTC).isoformat(timespec="seconds"),
        "actor": event.actor,
        "payload": orjson.loads(event.payload) if event.payload else None,
    }


def _print_list(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        finish(True, cases=rows)
        return
    table = Table("工单", "状态", "类别", "区域")
    for row in rows:
        table.add_row(row["number"], row["status_name"], category_name(row["category"]), row["area"] or "待核实")
    console.print(table)


def _print_events(events: list[dict[str, Any]]) -> None:
    table = Table("步", "事项", "时间（UTC）", "由谁")
    for event in events:
        table.add_row(str(event["seq"]), event["kind"], event["at"], event["actor"])
    console.print(table)


@audit.command("verify")
def verify(config: ConfigPath = None, as_json: JsonFlag = False) -> None:
    """走遍每条历史链,指出第一处断裂。"""
    settings = read_settings(config)
    verdict = run_async(_verify(settings))
    broken = _name(verdict.broken) if verdict.broken else None
    finish(as_json, ok=verdict.ok, chains=verdict.chains, links=verdict.links, broken=broken)
    if not verdict.ok:
        raise typer.Exit(1)


def _name(broken: Broken) -> str:
    step = f"第{broken.seq}步" + (f"({broken.kind})" if broken.kind else "") if broken.seq else ""
    place = f"工单 {broken.number} {step}" if broken.number else step or "历史链"
    return f"{place}:{broken.what}"


async def _verify(settings: Settings) -> Verdict:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        with console.status("正在核验…"):
            return await verify_chains(archive.engine)


@audit.command("anchor")
def anchor(config: ConfigPath = None, as_json: JsonFlag = False) -> None:
    """立即封存所有历史链的末端,并给出封印值(建议另行公布)。"""
    settings = read_settings(config)
    try:
        made = run_async(_anchor(settings))
    except LookupError:
        raise fail("还没有可封存的工单。") from None
    finish(as_json, serial=made[0], heads=made[1], hash=made[2])


async def _anchor(settings: Settings) -> tuple[int, int, str]:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        made = await make_anchor(archive, system_clock())
        return made.serial, made.heads, made.hash
