"""What the platform says later about notices: a mass send is done, a template did not get through. These speak of nobody's wish."""

import asyncio
import logging
from typing import Any

from sqlalchemy import select

from bot.clock import Clock
from bot.notices_mass import SUCCESS, close_mass
from handlers.reply import SILENCE, Said
from handlers.update import Update
from storage.archive import Archive
from storage.notice_columns import TargetState
from storage.notice_tables import NoticeTarget
from storage.plan import Change, Plan

log = logging.getLogger(__name__)

MASS_DONE, TEMPLATE_DONE = "MASSSENDJOBFINISH", "TEMPLATESENDJOBFINISH"
VIA_TEMPLATE = "template"
_TARGET: Any = NoticeTarget.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_T = _TARGET.c
# The event may overtake the answer to the very call it belongs to.
_LOOKS, _LOOK_SECONDS = 4, 0.25
_FIGURES = {"total": "TotalCount", "filtered": "FilterCount", "sent": "SentCount", "failed": "ErrorCount"}


class NoticeResults:
    """Reads those events; everything else is left to the handlers."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive, self._clock = archive, clock

    async def read(self, update: Update) -> Said | None:
        """What to write for such an event; None for any other update."""
        event = update.event
        if event is None:
            return None
        match event.name:
            case "MASSSENDJOBFINISH":
                await self._close_mass(event.details)
                return Said(SILENCE, "mass_done", Plan())
            case "TEMPLATESENDJOBFINISH":
                return Said(SILENCE, "template_done", await self._close_template(update.person, event.details))
            case _:
                return None

    async def _close_mass(self, details: Any) -> None:
        status = str(details.get("Status", ""))
        figures = {ours: _number(details.get(theirs, "")) for ours, theirs in _FIGURES.items()}
        for look in range(_LOOKS):
            closed = await close_mass(
                self._archive.engine,
                str(details.get("MsgID", "")),
                status == SUCCESS,
                {**figures, "status": status},
                self._clock(),
            )
            if closed:
                return
            await asyncio.sleep(_LOOK_SECONDS * look)
        log.warning("a mass send of ours was not found")

    async def _close_template(self, openid: str, details: Any) -> Plan:
        """A template that got through is in the books as sent; one that did not is taken back."""
        status, msg_id = str(details.get("Status", "")), str(details.get("MsgID", ""))
        if status == "success" or not msg_id:
            return Plan()
        for look in range(_LOOKS):
            found = await self._find_template(openid, msg_id)
            if found is not None:
                values = {"state": TargetState.LEFT, "reason": _explain(status), "sent_at": None}
                return Plan(changes=[Change(NoticeTarget, found, None, values)])
            await asyncio.sleep(_LOOK_SECONDS * look)
        return Plan()

    async def _find_template(self, openid: str, msg_id: str) -> int | None:
        query = select(_T.id).where(_T.target == f"oa:{openid}", _T.via == VIA_TEMPLATE, _T.note == msg_id)
        async with self._archive.engine.connect() as connection:
            found: int | None = (await connection.execute(query.limit(1))).scalar_one_or_none()
        return found


def _explain(status: str) -> str:
    return "居民已拒收模板消息" if "block" in status else "模板消息未送达（平台错误）"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
