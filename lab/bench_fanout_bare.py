"""The bare client loop of the fan-out benchmark: `python -m lab.bench_fanout_bare URL AT_ONCE TEXT JPEG < KEYS`.

The same requests as the service makes (a text, then the picture, to each robot in turn), so many robots side by side, and nothing
else: no archive, no order to keep, no limits to watch. What it prints is one JSON object.
"""

import asyncio
import base64
import hashlib
import io
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import orjson
import uvloop


async def press(url: str, at_once: int, bodies: Sequence[bytes], keys: Sequence[str]) -> int:
    """Send these bodies, one after the other, to each; how many requests were not taken."""
    waiting = iter(keys)
    async with aiohttp.ClientSession() as session:
        return sum(await asyncio.gather(*(_serve(session, url, bodies, waiting) for _ in range(at_once))))


async def _serve(session: aiohttp.ClientSession, url: str, bodies: Sequence[bytes], waiting: Iterator[str]) -> int:
    # All lanes draw from one iterator.
    return sum([await _post(session, url, key, body) for key in waiting for body in bodies])


async def _post(session: aiohttp.ClientSession, url: str, key: str, body: bytes) -> int:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    # As a stream, as the service does: a picture sent in one piece would hold up the event loop.
    async with session.post(url, params={"key": key}, data=io.BytesIO(body), headers=headers) as response:
        return int(orjson.loads(await response.read()).get("errcode") != 0)


def make_bodies(text: str, jpeg: bytes) -> tuple[bytes, bytes]:
    """Both requests' bodies, made once."""
    digest = hashlib.md5(jpeg, usedforsecurity=False).hexdigest()
    image = {"base64": base64.b64encode(jpeg).decode(), "md5": digest}
    words = {"msgtype": "text", "text": {"content": text}}
    return orjson.dumps(words), orjson.dumps({"msgtype": "image", "image": image})


def main() -> None:
    """Read the keys, send, say how it went."""
    url, at_once, text, picture = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    keys, bodies = sys.stdin.read().split(), make_bodies(text, picture.read_bytes())
    began = time.perf_counter()
    refused = uvloop.run(press(url, at_once, bodies, keys))
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "memory_mb": used.ru_maxrss / 1024,
        "refused": refused,
    }
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
