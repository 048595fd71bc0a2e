"""`replay` and `bench`: the lab drives the service as a child process, and says what came of it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.common import JsonFlag, errors, fail, finish, read_settings, run_async
from bot.cli.fanning import fanout
from lab.bench_classify import bench_classify, list_texts
from lab.bench_intake import bench_intake
from lab.bench_intake_load import WrongAnswer
from lab.replay import replay as run_replay
from lab.replay_archive import NotEmpty
from lab.replay_count import Figures
from lab.replay_crowd import NoMessages, read_messages
from lab.replay_service import ServiceFailed

bench = typer.Typer(no_args_is_help=True, help="基准:与同类在同一次运行中比较")


def replay(
    file: Annotated[Path, typer.Argument(help="JSONL(可为 .gz):每行有 text,可有 title")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="只用前几条")] = None,
    kill: Annotated[int, typer.Option("--kill", min=0, help="途中强行终止服务的次数")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="随机种子")] = 1,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="只取其中的 [storage](如 PostgreSQL);默认用临时 SQLite")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """用真实留言演练:居民发送,服务受理派单,途中可多次强行终止;最后核对一条不丢、一条不重。"""
    url = read_settings(config).storage.url if config is not None else None
    figures = _replay(_read(file, limit), kill, seed, url)
    finish(as_json, **figures.facts())
    if not figures.is_good:
        raise typer.Exit(1)


def _read(file: Path, limit: int | None) -> list[str]:
    try:
        return read_messages(file, limit)
    except OSError as error:
        raise fail(f"无法读取 {file}:{error.strerror or error}", 2) from None
    except NoMessages as fault:
        raise fail(f"{file}:{fault}") from None


def _replay(texts: list[str], kill: int, seed: int, url: str | None) -> Figures:
    columns = (TextColumn("演练"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=errors) as progress:
            task = progress.add_task("", total=len(texts))
            work = run_replay(
                texts, kills=kill, seed=seed, url=url, on_progress=lambda done: progress.update(task, completed=done)
            )
            return run_async(work)
    except NotEmpty:
        raise fail("这个数据库里有别的城市的数据,演练会写入其中;请换一个空数据库。") from None
    except ServiceFailed as failure:
        raise fail(f"服务没有启动:{failure}") from None


bench.command("fanout")(fanout)


@bench.command("intake")
def intake(
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="轮数，取中位数")] = 3,
    messages: Annotated[int, typer.Option("--messages", min=200, help="每轮每方的消息数")] = 4000,
    as_json: JsonFlag = False,
) -> None:
    """受理速度：加密消息全流程（验签、研判、派单、落盘、回复），与两个只回显的同类在同一核上比较。"""
    try:
        with errors.status("正在准备…") as status:
            figures = run_async(bench_intake(rounds, messages, status.update))
    except WrongAnswer as wrong:
        raise fail(f"有回答不对，速度作废：{wrong}") from None
    except ServiceFailed as failure:
        raise fail(f"没有启动：{failure}") from None
    finish(as_json, **figures.facts())


@bench.command("classify")
def classify(
    limit: Annotated[int, typer.Option("--limit", min=1, help="最多几条不同的文字")] = 4000,
    as_json: JsonFlag = False,
) -> None:
    """研判速度：每条文字只读一次，与 jieba.lcut 单独切同样的文字比较。"""
    texts, source = list_texts(limit)
    with errors.status("正在比较…"):
        figures = bench_classify(texts, source)
    finish(as_json, **figures.facts())
