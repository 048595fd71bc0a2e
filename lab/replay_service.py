"""The service as a child process: started, killed and started again as a supervisor would."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

_START_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 20.0


class ServiceFailed(Exception):
    """The child ended by itself, or never became ready; the message holds the end of what it printed."""


class ServiceProcess:
    """`wangge run --config CONFIG` as a child; what it prints goes to `wangge.log` beside the config.

    `core`: the processor that a child started from then on is bound to; None: any.
    """

    def __init__(self, session: aiohttp.ClientSession, config: Path, url: str) -> None:
        self._session, self._config, self._url = session, config, url
        self.core: int | None = None
        self._log = config.with_name("wangge.log")
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    @property
    def pid(self) -> int:
        """The child's process id."""
        assert self._process is not None, "started"
        return self._process.pid

    async def start(self) -> None:
        """Start the child; it is not ready yet."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.cli", "run", "--config", str(self._config)), stdout=log, stderr=log
            )
        if self.core is not None:
            os.sched_setaffinity(self._process.pid, {self.core})

    async def wait_ready(self) -> None:
        """Until `/readyz` says that database and doors are well. Raises `ServiceFailed`."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                while not await self._is_ready():
                    self._check_alive()
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise ServiceFailed(f"not ready after {_START_SECONDS:.0f} s:\n{self._tail()}") from None

    async def kill(self) -> None:
        """SIGKILL, and a new child at once."""
        assert self._process is not None, "started"
        self._process.kill()
        await self._process.wait()
        self.kills += 1
        await self.start()

    async def stop(self) -> None:
        """End the child in order; one that does not end is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _is_ready(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/readyz") as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def _check_alive(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise ServiceFailed(f"ended with {self._process.returncode}:\n{self._tail()}")

    def _tail(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:] if self._log.exists() else ""


def write_config(path: Path, tree: Mapping[str, Any]) -> None:
    """Write a config tree (tables, texts, numbers) as TOML, readable by its owner only."""
    path.touch(mode=0o600)
    path.write_text("\n".join(_lines(tree, "")) + "\n", encoding="utf-8")


def _lines(table: Mapping[str, Any], name: str) -> Iterator[str]:
    if name:
        yield f"[{name}]"
    # A JSON text or number is a TOML one too.
    yield from (
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
        if not isinstance(value, Mapping)
    )
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{name}.{key}" if name else key)
