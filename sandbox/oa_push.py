"""Pushing to the service's callback: five seconds, three tries, each newly signed.

Source: developers.weixin.qq.com/doc/service/guide/product/message/Passive_user_reply_message.html
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from sandbox.account import Account
from sandbox.crypto import sign
from sandbox.fields import Json
from sandbox.oa_xml import Malformed, Pair, PassiveReply, parse_reply, render_push, seal_body
from sandbox.residents import Resident
from sandbox.world import World

TRIES = 3
FAULT_SENTENCE = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True, slots=True)
class Try:
    """One request: HTTP status (0: no answer in time or no connection), milliseconds, and the body."""

    status: int
    ms: float
    body: bytes = b""
    timed_out: bool = False

    def as_json(self) -> Json:
        """As `say` lists it."""
        return {"status": self.status, "ms": round(self.ms, 1)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push ended: its tries, the reply if one came, and whether the platform gave up or could not read it."""

    tries: tuple[Try, ...]
    reply: PassiveReply | None = None
    gave_up: bool = False
    malformed: str = ""


def signed_query(account: Account, openid: str, ciphertext: str, now: float) -> dict[str, str]:
    """The query of one try, with its own timestamp, nonce and signatures."""
    timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
    query = {
        "signature": sign(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    if ciphertext:
        query["encrypt_type"] = "aes"
        query["msg_signature"] = sign(account.token, timestamp, nonce, ciphertext)
    return query


def with_query(url: str, query: dict[str, str]) -> str:
    """`url` with the parameters added to those it has."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


async def request(world: World, method: str, url: str, body: bytes | None, content_type: str, seconds: float) -> Try:
    """One HTTP request to the service, never redirected and never longer than `seconds`."""
    assert world.http is not None, "the sandbox's app has not started"
    started = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with world.http.request(
            method, url, data=body, headers={"Content-Type": content_type}, timeout=timeout, allow_redirects=False
        ) as response:
            return Try(response.status, _since_ms(started), await response.read())
    except TimeoutError:
        return Try(0, _since_ms(started), timed_out=True)
    except (aiohttp.ClientError, OSError):
        return Try(0, _since_ms(started))


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


async def _try_once(world: World, openid: str, inner: str) -> Try:
    account = world.account
    body, ciphertext = seal_body(account, inner)
    url = with_query(account.callback_url, signed_query(account, openid, ciphertext, world.clock.now()))
    return await request(world, "POST", url, body.encode(), "text/xml", world.push_timeout_seconds)


async def push(world: World, openid: str, inner: str) -> Outcome:
    """Posts one push until it is answered with 200, three times at most; the body stays, the seal is new each time."""
    tries: list[Try] = []
    while len(tries) < TRIES:
        if tries and not tries[-1].timed_out:
            # A closed port answers at once; the platform leaves a restarting service a moment before it knocks again.
            await asyncio.sleep(world.retry_gap_seconds)
        world.books.pushes["tries"] += 1
        tries.append(await _try_once(world, openid, inner))
        if tries[-1].status == 200:
            return _read(world, openid, tuple(tries))
    return Outcome(tuple(tries), gave_up=True)


def _read(world: World, openid: str, tries: tuple[Try, ...]) -> Outcome:
    try:
        return Outcome(tries, parse_reply(world.account, openid, tries[-1].body))
    except Malformed as fault:
        return Outcome(tries, malformed=str(fault))


def settle(world: World, resident: Resident, outcome: Outcome) -> None:
    """Shows the resident what came of the push and writes the books."""
    world.books.pushes["messages"] += 1
    if outcome.gave_up:
        world.books.platform_gave_up += 1
        resident.talk.add("system", "text", FAULT_SENTENCE)
    elif outcome.malformed:
        world.books.malformed_replies += 1
        resident.talk.add("system", "text", FAULT_SENTENCE, raw=outcome.malformed)
    elif outcome.reply is not None:
        _show(world, resident, outcome.reply)


def _show(world: World, resident: Resident, reply: PassiveReply) -> None:
    found = [world.media.find(media_id, "oa") for media_id in reply.media_ids]
    if None in found:
        world.books.malformed_replies += 1
        resident.talk.add("system", "text", FAULT_SENTENCE, raw="invalid media_id")
        return
    media = [world.media.as_json(item.sha256, world.base_url, item.kind) for item in found if item is not None]
    resident.talk.add("passive", reply.msgtype, reply.text, media=media, raw=reply.xml)
    world.books.deliver("residents", resident.openid)


async def push_event(world: World, openid: str, pairs: list[Pair]) -> None:
    """Pushes an event that the platform itself starts (job results); nobody waits for its outcome."""
    if not world.account.callback_url:
        return
    created_at = int(world.clock.now())
    outcome = await push(world, openid, render_push(world.account, openid, created_at, [("MsgType", "event"), *pairs]))
    if outcome.gave_up:
        world.books.pushes["events_lost"] += 1


async def verify_callback(world: World) -> Json:
    """The platform's GET when an owner saves the address: the echo must come back as it is."""
    account, echo = world.account, str(secrets.randbelow(10**19))
    query = signed_query(account, "", "", world.clock.now())
    del query["openid"]
    url = with_query(account.callback_url, query | {"echostr": echo})
    answer = await request(world, "GET", url, None, "text/plain", world.push_timeout_seconds)
    return {"ok": answer.status == 200 and answer.body == echo.encode(), "status": answer.status, "ms": answer.ms}
