"""`wangge demo --once`, as somebody runs it who has just cloned the repository."""

import asyncio
import json
import sys
from pathlib import Path

from tests.house import find_free_ports


async def test_the_scripted_day_closes_the_loop(tmp_path: Path) -> None:
    words = ("demo", "--once", "--json", "--port", str(find_free_ports()), "--folder", str(tmp_path / "demo"))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(child.communicate(), 120)
    said = output.decode()
    assert child.returncode == 0, said + errors.decode()
    figures = json.loads(said.splitlines()[-1])
    assert figures["archived"] >= 1
    assert figures["rated"] >= 1
    assert figures["answered"] == figures["said"] > 0
    assert "Traceback" not in errors.decode()
    assert "公众号 →" in said
    assert "工作群 →" in said
