"""Starting a peer of the intake benchmark as a child process; this side needs none of the peers' libraries."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory

from lab.replay_scene import find_ports
from lab.replay_service import ServiceFailed
from sandbox.account import Account

APP_ID, TOKEN, AES_KEY = "WANGGE_PEER_APP_ID", "WANGGE_PEER_TOKEN", "WANGGE_PEER_AES_KEY"
_START_SECONDS = 20.0


@asynccontextmanager
async def serving_peer(name: str, account: Account, core: int | None) -> AsyncIterator[int]:
    """A peer as a child process on the core; the port it listens on. Raises `ServiceFailed`."""
    port = find_ports()
    secrets = {APP_ID: account.app_id, TOKEN: account.token, AES_KEY: account.encoding_aes_key}
    command = (sys.executable, "-m", "lab.bench_intake_peers", name, str(port))
    quiet = asyncio.subprocess.DEVNULL
    # WeRoBot writes its sessions into the folder that it is started in.
    with TemporaryDirectory(prefix="wangge-peer-") as folder:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **secrets}, stdout=quiet, stderr=quiet, cwd=folder
        )
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        try:
            await _wait_listening(port, name)
            yield port
        finally:
            process.terminate()
            await process.wait()


async def _wait_listening(port: int, name: str) -> None:
    deadline = asyncio.get_running_loop().time() + _START_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise ServiceFailed(f"{name} does not listen")
