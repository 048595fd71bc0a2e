"""The load of the intake benchmark: pushes sealed beforehand, sent over connections that stay open, every answer read.

It speaks HTTP/1.1 on plain streams: a client library would cost the loader more than the service costs the other side.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.account import Account
from sandbox.oa_push import signed_query
from sandbox.oa_xml import Malformed, Pair, parse_reply, render_push, seal_body

_HOST = "127.0.0.1"
_CLOSED = (ConnectionError, asyncio.IncompleteReadError)


class WrongAnswer(Exception):
    """A measured server answered something else than it should; then its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Push:
    """One sealed push as bytes on the wire."""

    openid: str
    text: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Pressed:
    """How long a number of pushes took; `answers` in the order of the pushes."""

    seconds: float
    answers: list[bytes]

    @property
    def per_second(self) -> float:
        """Answered pushes per second."""
        return len(self.answers) / self.seconds


def make_pushes(account: Account, texts: Sequence[str], run: str) -> list[Push]:
    """A push of each text from a resident of its own; `run` begins the openids. They are fresh for ten minutes."""
    return [_make_push(account, f"{run}-{index:06d}", text, index) for index, text in enumerate(texts)]


def _make_push(account: Account, openid: str, text: str, index: int) -> Push:
    now = time.time()
    pairs: list[Pair] = [("MsgType", "text"), ("Content", text), ("MsgId", 10**15 + index)]
    body, ciphertext = seal_body(account, render_push(account, openid, int(now), pairs))
    content = body.encode()
    query = urlencode(signed_query(account, openid, ciphertext, now))
    head = (
        f"POST /wechat/oa?{query} HTTP/1.1\r\nHost: {_HOST}\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return Push(openid, text, head.encode() + content)


class Connection:
    """One keep-alive connection; opened anew when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> bytes:
        """The body of the answer. Raises `WrongAnswer` for another status than 200."""
        reader, writer = await self._open()
        writer.write(request)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            body = await reader.readexactly(_length(head))
        except _CLOSED as error:
            raise WrongAnswer(f"connection closed: {type(error).__name__}") from None
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise WrongAnswer(head.partition(b"\r\n")[0].decode("ascii", "replace"))
        if head.startswith(b"http/1.0") or b"connection: close" in head:
            self.close()
        return body

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(_HOST, self._port)
        return self._streams

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _length(head: bytes) -> int:
    name = b"content-length:"
    lines = [line for line in head.split(b"\r\n") if line.startswith(name)]
    if len(lines) != 1:
        raise WrongAnswer("an answer without a length")
    return int(lines[0].removeprefix(name))


async def press(port: int, pushes: Sequence[Push], at_once: int) -> Pressed:
    """Send all pushes over `at_once` connections, each as soon as the one before it on that connection is answered."""
    answers: list[bytes] = [b""] * len(pushes)
    waiting = iter(enumerate(pushes))

    async def send(connection: Connection) -> None:
        for index, push in waiting:
            answers[index] = await connection.post(push.request)

    connections = [Connection(port) for _ in range(at_once)]
    began = time.perf_counter()
    try:
        await asyncio.gather(*(send(connection) for connection in connections))
        return Pressed(time.perf_counter() - began, answers)
    finally:
        for connection in connections:
            connection.close()


async def arrive(port: int, pushes: Sequence[Push], per_second: float) -> tuple[list[float], list[bytes]]:
    """Send pushes at a steady rate whatever the answers do: milliseconds from the moment each was due, and the answers."""
    free: list[Connection] = []
    waits, answers = [0.0] * len(pushes), [b""] * len(pushes)
    began = time.perf_counter()

    async def send(index: int) -> None:
        connection = free.pop() if free else Connection(port)
        answers[index] = await connection.post(pushes[index].request)
        waits[index] = (time.perf_counter() - began - index / per_second) * 1000
        free.append(connection)

    tasks = []
    for index in range(len(pushes)):
        await asyncio.sleep(max(0.0, began + index / per_second - time.perf_counter()))
        tasks.append(asyncio.create_task(send(index)))
    await asyncio.gather(*tasks)
    for connection in free:
        connection.close()
    return waits, answers


def check_answers(
    account: Account, pushes: Sequence[Push], answers: Sequence[bytes], is_right: Callable[[Push, str], bool]
) -> None:
    """Decrypt every answer and look at its text. Raises `WrongAnswer`."""
    for push, answer in zip(pushes, answers, strict=True):
        try:
            reply = parse_reply(account, push.openid, answer)
        except Malformed as fault:
            raise WrongAnswer(str(fault)) from None
        if reply is None or not is_right(push, reply.text):
            # Both texts are made ones.
            raise WrongAnswer(f"{push.text} → {reply.text[:80] if reply else 'success'}")
