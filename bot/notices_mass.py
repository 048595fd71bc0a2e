"""Mass messages: one call for thousands of residents, and the platform's later word on it, which closes the books.

A call that was cut off is made again under the same `clientmsgid`: the platform answers 45065 with the number of the first one.
"""

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.notices_words import NoticeWords
from bot.ports import Refused, WireFailure
from bot.refusals import Next, Wire, find_refusal
from storage.archive import Archive
from storage.fanout import give_mass_back, settle_mass
from storage.notice_columns import TargetState
from storage.notice_tables import MassSend, Notice
from storage.plan import Change, Conflict, Plan
from storage.rows import columns_of, from_line, with_changes
from storage.writing import writing

log = logging.getLogger(__name__)

_SEND: Any = MassSend.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_S = _SEND.c
_SUBMITTED_ALREADY = 45065
_AGAIN = frozenset({Next.RETRY_SOON, Next.RETRY_NEXT_MINUTE})
# Whoever has taken a send and not written its end by then is dead.
_ABANDONED_AFTER = timedelta(minutes=2)
_TRY_AGAIN_AFTER = timedelta(seconds=70)
# The event can be hours late, or lost: after this long the platform is asked.
_ASK_AFTER = timedelta(hours=1)
_ASK_EACH = timedelta(minutes=30)
SUCCESS = "send success"
_DONE, _FAILED = "SEND_SUCCESS", "SEND_FAIL"


class MassApi(Protocol):
    """What is asked of the official account. Both raise `WireFailure`."""

    async def send_mass(self, openids: list[str], text: str, client_msg_id: str) -> str:
        """The platform's number of the accepted send; a repeat under one `client_msg_id` is refused with 45065 and that number."""
        ...

    async def get_mass_state(self, msg_id: str) -> str:
        """`SEND_SUCCESS`, `SENDING`, `SEND_FAIL`, `DELETE`."""
        ...


class MassSender:
    """Makes the calls that the fan-out has planned, one after the other; several processes may all do so."""

    def __init__(self, archive: Archive, api: MassApi, words: NoticeWords, clock: Clock) -> None:
        self._archive, self._api, self._words, self._clock = archive, api, words, clock

    async def turn(self) -> int:
        """Send what waits, and ask after what the platform has not reported for long; how many were touched."""
        sent = [await self._send(row) for row in await self._list_waiting()]
        asked = [await self._ask(row) for row in await self._list_silent()]
        return sum(sent) + sum(asked)

    async def _list_waiting(self) -> list[MassSend]:
        now = self._clock()
        abandoned = (_S.state == "sending") & (_S.sent_at <= now - _ABANDONED_AFTER)
        rested = (_S.state == "waiting") & or_(_S.sent_at.is_(None), _S.sent_at <= now - _TRY_AGAIN_AFTER)
        return await self._list(or_(rested, abandoned))

    async def _list_silent(self) -> list[MassSend]:
        before = self._clock() - _ASK_AFTER
        asked_before = (self._clock() - _ASK_EACH).isoformat()
        rows = await self._list((_S.state == "sent") & (_S.sent_at <= before))
        return [row for row in rows if str(row.figures.get("asked_at", "")) < asked_before]

    async def _list(self, condition: Any) -> list[MassSend]:
        query = select(*columns_of(MassSend)).where(condition).order_by(_S.id).limit(50)
        async with self._archive.engine.connect() as connection:
            return [from_line(MassSend, line) for line in await connection.execute(query)]

    async def _send(self, row: MassSend) -> int:
        notice = await self._find_notice(row.notice_id)
        # Taken before the call: of two processes one makes it, and `sent_at` tells when.
        taken = {"state": "sending", "sent_at": self._clock()}
        if notice is None or not await self._change(row, taken):
            return 0
        row = with_changes(row, {**taken, "version": row.version + 1})
        try:
            msg_id = await self._api.send_mass(row.openids, self._words.mass(notice), row.client_msg_id)
        except Refused as refused:
            await self._settle_refused(row, refused)
        except WireFailure as failure:
            log.warning("mass send %d not answered: %s", row.id, type(failure).__name__)
            await self._change(row, {"state": "waiting"})
        else:
            await self._change(row, {"state": "sent", "msg_id": msg_id})
        return 1

    async def _settle_refused(self, row: MassSend, refused: Refused) -> None:
        if refused.errcode == _SUBMITTED_ALREADY and refused.platform_id:
            await self._change(row, {"state": "sent", "msg_id": refused.platform_id})
            return
        entry = find_refusal(refused.errcode, Wire.OFFICIAL_ACCOUNT)
        if entry.next in _AGAIN:
            await self._change(row, {"state": "waiting"})
            return
        log.error("mass send %d refused: %d", row.id, refused.errcode)
        reason = f"{refused.errcode} {entry.meaning}"
        async with writing(self._archive.engine) as connection:
            await connection.run_sync(_write_refused, row, reason)

    async def _ask(self, row: MassSend) -> int:
        try:
            state = await self._api.get_mass_state(row.msg_id)
        except WireFailure as failure:
            log.warning("mass send %d not asked after: %s", row.id, type(failure).__name__)
            return 0
        if state in (_DONE, _FAILED):
            return int(
                await close_mass(self._archive.engine, row.msg_id, state == _DONE, {"asked": state}, self._clock())
            )
        await self._change(row, {"figures": {**row.figures, "asked_at": self._clock().isoformat()}})
        return 1

    async def _change(self, row: MassSend, values: Mapping[str, Any]) -> bool:
        plan = Plan(changes=[Change(MassSend, row.id, row.version, values)])
        return not isinstance(await self._archive.committer.commit(plan), Conflict)

    async def _find_notice(self, notice_id: int) -> Notice | None:
        async with self._archive.reads() as session:
            return await session.get(Notice, notice_id)


async def close_mass(
    engine: AsyncEngine, msg_id: str, is_sent: bool, figures: Mapping[str, Any], now: datetime
) -> bool:
    """The platform's last word on a send: its targets are settled, once; False when it is unknown or closed already."""
    async with writing(engine) as connection:
        return await connection.run_sync(_write_closed, msg_id, is_sent, dict(figures), now)


def _write_closed(connection: Connection, msg_id: str, is_sent: bool, figures: dict[str, Any], now: datetime) -> bool:
    query = select(*columns_of(MassSend)).where(_S.msg_id == msg_id, _S.state == "sent").with_for_update()
    line = connection.execute(query).first()
    if line is None or not msg_id:
        return False
    row = from_line(MassSend, line)
    values = {"state": "finished" if is_sent else "failed", "finished_at": now, "figures": {**row.figures, **figures}}
    connection.execute(_SEND.update().where(_S.id == row.id).values(**values, version=row.version + 1))
    if is_sent:
        settle_mass(connection, row, TargetState.SENT, _note_missed(figures), now)
    else:
        settle_mass(connection, row, TargetState.FAILED, f"群发失败：{figures.get('status', '')}", None)
    return True


def _note_missed(figures: Mapping[str, Any]) -> str:
    """The platform says how many of a send it did not reach, never whom."""
    missed = int(figures.get("total", 0)) - int(figures.get("sent", figures.get("total", 0)))
    return f"这批群发有 {missed} 人未收到，平台不说明是谁" if missed > 0 else ""


def _write_refused(connection: Connection, row: MassSend, reason: str) -> None:
    """Nothing was sent: the month's count is as before, and the fan-out looks for another way for each."""
    connection.execute(
        _SEND.update()
        .where(_S.id == row.id, _S.version == row.version)
        .values(state="refused", version=row.version + 1, figures={**row.figures, "refused": reason})
    )
    give_mass_back(connection, row.figures.get("residents", []), date.fromisoformat(row.figures["month"]))
    settle_mass(connection, row, TargetState.WAITING, reason, None)
