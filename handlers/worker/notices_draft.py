"""Where somebody is in making a notice: which draft, what was asked last, in which chat, until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.talk import WorkerTalk
from storage.plan import Change
from storage.tables import Worker

NOTICE = "notice"
"""In a worker's `conversation`: the draft that he is making."""
ASKS_KIND, ASKS_NOTHING = "kind", ""


@dataclass(frozen=True, slots=True)
class Making:
    """`notice_id` is None while the kind is asked for; `asks`: a field's key, `scope`, `text`, `kind`, or nothing (a preview)."""

    notice_id: int | None
    asks: str
    chat: str
    until: datetime


def find_making(talk: WorkerTalk) -> Making | None:
    """The draft that the speaker is making in this chat; None when there is none, or it has waited too long."""
    stored = talk.worker.conversation.get(NOTICE) if talk.worker is not None else None
    if not stored:
        return None
    making = Making(stored["id"], stored["asks"], stored["chat"], datetime.fromisoformat(stored["until"]))
    is_here = making.chat == (talk.update.chat or "")
    return making if is_here and making.until > talk.desk.now else None


def remember(talk: WorkerTalk, notice_id: int | None, asks: str) -> Change:
    """The guarded change that keeps what is asked next."""
    until = talk.desk.now + talk.desk.house.notices.draft_for
    stored = {"id": notice_id, "asks": asks, "chat": talk.update.chat or "", "until": until.isoformat()}
    return _change(talk, {NOTICE: stored})


def forget(talk: WorkerTalk) -> list[Change]:
    """The change that ends the making, where there is one."""
    if talk.worker is None or NOTICE not in talk.worker.conversation:
        return []
    return [_change(talk, {})]


def _change(talk: WorkerTalk, added: dict[str, Any]) -> Change:
    worker = talk.worker
    assert worker is not None, "only registered workers make notices"
    kept = {name: value for name, value in worker.conversation.items() if name != NOTICE}
    return Change(Worker, worker.id, worker.version, {"conversation": {**kept, **added}})
