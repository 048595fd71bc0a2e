"""A small made town and a desk in it, for rules of notices; nothing here touches an archive."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from grid.city import City
from grid.desk import Actor, Desk
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeApproval, NoticeTarget
from storage.rows import fresh
from storage.tables import Area, Post, Worker, WorkGroup
from tests.clock import START
from tests.handlers.worker.city import COMMUNITY, PlainClocks, town_rows

ZONE = ZoneInfo("Asia/Shanghai")
ZHAO, ZHOU, WU, WANG, FENG = 13, 15, 17, 11, 20
"""A street's coordinator, a community's, the city's, a grid's lead, the police's seat."""


def make_city() -> City:
    """The town of the workers' tests."""
    rows = town_rows()
    return City(
        [row for row in rows if isinstance(row, Area)],
        [row for row in rows if isinstance(row, Worker)],
        [row for row in rows if isinstance(row, Post)],
        [row for row in rows if isinstance(row, WorkGroup)],
    )


def make_desk(now: datetime = START) -> Desk:
    """A desk at 09:00 of a Monday."""
    return Desk(make_city(), PlainClocks(), ZONE, now)


def make_ids() -> Iterator[int]:
    """Row ids."""
    return count(1000)


def actor(worker_id: int) -> Actor:
    """A worker as somebody who acts."""
    return Actor(f"worker:{worker_id}", f"某{worker_id}", worker_id)


def make_notice(kind: NoticeKind = NoticeKind.ANNOUNCEMENT, **values: Any) -> Notice:
    """A complete notice of a kind, made by the community's coordinator."""
    row: dict[str, Any] = {
        "id": 1,
        "number": "通1123-01",
        "kind": kind,
        "state": NoticeState.DRAFT,
        "text": "正文",
        "fields": dict(_FIELDS.get(kind, {})),
        "scope": {"areas": [COMMUNITY], "groups": ["work"], "residents": False},
        "area_code": COMMUNITY,
        "made_by": ZHOU,
        "made_at": START,
    }
    return fresh(Notice, **{**row, **values})


_FIELDS: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.OUTAGE: {"what": "停水", "starts": "2026-11-24T08:00+08:00", "until": "2026-11-24T17:00+08:00"},
    NoticeKind.ACTIVITY: {
        "starts": "2026-11-28T09:00+08:00",
        "place": "广场",
        "quota": 20,
        "cutoff": "2026-11-27T17:00+08:00",
    },
    NoticeKind.TASK: {"due": "2026-11-27T17:00+08:00"},
    NoticeKind.WARNING: {"starts": "2026-11-23T20:00+08:00", "until": "2026-11-24T08:00+08:00", "duty": "在岗"},
    NoticeKind.MISSING: {"name": "某老人", "looks": "蓝棉袄", "place": "市场", "seen": "早上", "contact": "0454-1"},
    NoticeKind.SUSPECT: {
        "station": "建设街派出所",
        "document": "佳公协查〔2026〕12号",
        "approver": "张某某",
        "until": "2026-11-30T23:59+08:00",
        "age": 40,
        "face": True,
    },
}


def make_target(**values: Any) -> NoticeTarget:
    """A group that has the notice."""
    row: dict[str, Any] = {"id": 5, "notice_id": 1, "target": "group:31", "state": TargetState.SENT}
    return fresh(NoticeTarget, **{**row, **values})


def make_approval(worker_id: int, step: str = "send", *, agrees: bool = True) -> NoticeApproval:
    """Somebody's word."""
    return fresh(
        NoticeApproval,
        id=worker_id,
        notice_id=1,
        step=step,
        worker_id=worker_id,
        agrees=agrees,
        decided_at=START,
    )
