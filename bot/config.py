"""Reading the configuration: TOML, then `WANGGE_SECTION__KEY` from the environment on top.

All faults are reported together, in Chinese, before any port opens.
"""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config_faults import list_faults
from bot.settings import Settings
from storage.columns import AreaLevel

ENV_PREFIX = "WANGGE_"
_SEPARATOR = "__"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
Tree = dict[str, Any]


class ConfigFaults(Exception):
    """The configuration cannot be used; `faults` lists every fault, each a Chinese sentence that begins with the key's path."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of the file at `path` (None: none) with the environment's overrides. Raises `ConfigFaults`."""
    return parse_settings(_read_file(path) if path else "", environment)


def parse_settings(text: str, environment: Mapping[str, str]) -> Settings:
    """The settings of a TOML text with the environment's overrides. Raises `ConfigFaults`."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser's own words may quote the line, and a secret may stand in it: only the place is told.
        raise ConfigFaults([f"配置文件不是正确的 TOML：{_place_of(error)}。"]) from None
    faults = _apply_environment(tree, environment)
    try:
        settings = Settings.read(tree)
    except ValidationError as error:
        raise ConfigFaults(faults + list_faults(error, Settings)) from None
    if faults:
        raise ConfigFaults(faults)
    return settings


def _read_file(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError:
        raise ConfigFaults([f"读不到配置文件 {path}，可从 config.example.toml 复制一份。"]) from None
    except UnicodeDecodeError:
        raise ConfigFaults([f"配置文件 {path} 不是 UTF-8 编码，请另存为 UTF-8。"]) from None


def _place_of(error: tomllib.TOMLDecodeError) -> str:
    place = str(error).rpartition("(at ")[2].rstrip(")")
    return place.replace("line ", "第 ").replace(", column ", " 行，第 ").replace("end of document", "文件末尾") + (
        " 列" if "column" in place else ""
    )


def _apply_environment(tree: Tree, environment: Mapping[str, str]) -> list[str]:
    """Set each `WANGGE_A__B` at `a.b`; names without `__` (as `WANGGE_CONFIG`) are not settings."""
    faults = []
    for name in sorted(environment):
        path = name.removeprefix(ENV_PREFIX).lower().split(_SEPARATOR)
        if not name.startswith(ENV_PREFIX) or len(path) < 2:
            continue
        if not all(path) or not _set_value(tree, path, _read_value(environment[name])):
            faults.append(f"环境变量 {name}：没有这样的配置项。")
    return faults


def _set_value(tree: Tree, path: list[str], value: object) -> bool:
    for step in path[:-1]:
        branch = tree.setdefault(step, {})
        if not isinstance(branch, dict):
            return False
        tree = branch
    tree[path[-1]] = value
    return True


def _read_value(text: str) -> object:
    """The environment has text only: lists and tables are written as JSON, everything else as it stands."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def file_permission_warning(path: Path) -> str | None:
    """A Chinese sentence if others than the owner can read or write the file, else None. It may hold secrets."""
    if os.name != "posix":
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & _OTHERS:
        return None
    return f"配置文件 {path} 的权限是 {mode:04o}，别的用户也能读取其中的密钥；请执行：chmod 600 {path}"


def list_warnings(settings: Settings) -> list[str]:
    """What is allowed but surely not meant, as Chinese sentences for `check`."""
    warnings = []
    if settings.server.clock_url and not settings.clock_url:
        warnings.append("[server] clock_url 不起作用：只有 official_account.api_base 在本机(沙盒)时才会读取。")
    server = settings.server
    if "public_url" not in server.model_fields_set or not server.public_url:
        warnings.append("[server] public_url 未填写：发出的消息里没有工单页链接。")
    elif settings.official_account is not None and not server.public_url.startswith("https://"):
        warnings.append("[server] public_url 不是 https:// 地址：工单页会以明文传输。")
    levels = list(settings.ladder.make_ladder().levels.values())
    if levels != sorted(levels, key=list(reversed(AreaLevel)).index):
        warnings.append("[ladder] 蓝、黄、橙、红四级没有逐级向上：督办单升级后反而发到更低的一级。")
    if not settings.alerts.duty_group:
        warnings.append("[alerts] duty_group 未填写：无法派出或送达的事项没有人会收到提醒。")
    return warnings
