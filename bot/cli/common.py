"""What all commands share: how they speak, how they fail, where the config comes from."""

import json
import logging
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console

from bot.config import ConfigFaults, file_permission_warning, load_settings
from bot.settings import Settings

Result = TypeVar("Result")
JsonFlag = Annotated[bool, typer.Option("--json", help="最后一行输出一个 JSON 对象")]
ConfigPath = Annotated[
    Path | None, typer.Option("--config", "-c", help="配置文件（默认 config.toml，或环境变量 WANGGE_CONFIG）")
]
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(sentence: str, code: int = 1) -> typer.Exit:
    """Say why on stderr; raise what comes back. 1 refused or failed, 2 bad usage."""
    errors.print(sentence, markup=False)
    return typer.Exit(code)


def read_settings(path: Path | None) -> Settings:
    """The settings of the config file; all faults are listed, then the command ends."""
    chosen = path or Path(os.environ.get("WANGGE_CONFIG", "config.toml"))
    if not chosen.exists():
        raise fail(f"找不到配置文件 {chosen}。请复制 config.example.toml 并修改，或用 --config 指定。", 2)
    try:
        settings = load_settings(chosen, os.environ)
    except ConfigFaults as faults:
        raise fail("配置有误：\n" + "\n".join(f"  • {fault}" for fault in faults.faults), 2) from None
    warning = file_permission_warning(chosen)
    if warning:
        errors.print(warning, markup=False)
    return settings


def finish(as_json: bool, **facts: Any) -> None:
    """The last line: one JSON object, or the facts in words."""
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            console.print(f"{name}: {render(value)}", markup=False)


def render(value: object) -> str:
    """A value for people: floats short, lists on one line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={render(item)}" for key, item in value.items())
    return str(value)


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; Ctrl-C ends quietly."""
    return uvloop.run(work)


def set_up_logging(verbose: bool = False) -> None:
    """One line per outcome on stderr; the libraries only when they complain."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for room in ("bot", "storage", "handlers", "grid"):
        logging.getLogger(room).setLevel(logging.INFO if verbose else logging.WARNING)
