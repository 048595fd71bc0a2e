"""Pictures of a form: kept once however often the decision is made, attached to the case, shown to the other side."""

from collections.abc import Sequence
from dataclasses import replace

from console.offers import Bench
from console.ports import KeptPicture, Pictures
from grid.actions.reporter import attach
from grid.actions.steps import tell_group, tell_resident
from grid.message import Message
from grid.wording import tag
from storage.columns import MediaState
from storage.plan import OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case, Media


class Album:
    """The kept pictures of one form."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self.kept: list[KeptPicture] = []

    async def keep(self, photos: Sequence[bytes]) -> None:
        """Keep those that are not kept yet. Raises `Unusable`, `OSError`."""
        for content in photos[len(self.kept) :]:
            self.kept.append(await self._pictures.keep(content))


async def attach_pictures(bench: Bench, case: Case, album: Album, stage: str) -> Plan:
    """The pictures belong to `case` (the visitor's, or the one just opened in its place), and the other side sees them.

    The resident's go to the group, the worker's to everybody who reported the case.
    """
    if not album.kept:
        return Plan()
    rows = [_row(bench, case, await bench.numbers.take_id(), kept) for kept in album.kept]
    plan = attach(bench.desk, case, bench.actor, rows)
    # New rows are written as they will be: no second write for what belongs to a case from the start.
    plan.changes.clear()
    plan.rows += rows
    if stage in ("before", "after") and bench.visitor.person is not None:
        plan.events = [replace(event, payload={**event.payload, "stage": stage}) for event in plan.events]
    plan.outbox += _show(bench, case, rows)
    return plan


def _row(bench: Bench, case: Case, row_id: int, kept: KeptPicture) -> Media:
    return fresh(
        Media,
        id=row_id,
        case_id=case.id,
        kind="image",
        origin={"door": "page"},
        by=bench.actor.key,
        state=MediaState.KEPT,
        sha256=kept.sha256,
        mime=kept.mime,
        bytes=kept.size_bytes,
        created_at=bench.desk.now,
    )


def _show(bench: Bench, case: Case, rows: Sequence[Media]) -> list[OutboxDraft]:
    ids = tuple(row.id for row in rows)
    if bench.visitor.resident is not None:
        return tell_group(bench.desk, case, Message("picture", f"{tag(case)}居民发来照片", pictures=ids))
    message = Message("picture", f"工单 {case.number} 的现场照片", pictures=ids)
    return [draft for one in bench.reporters for draft in tell_resident(bench.desk, case, one, message)]
