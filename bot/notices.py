"""The timed side of notices: what is due goes out, the silent are asked again, ends act by themselves, drafts do not lie about.

Every look asks the archive what is due, and every plan is guarded by the notice's version: of two processes that look, one acts.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from bot.cityhall import CityHall
from bot.faults import describe_fault
from grid.desk import SYSTEM, Desk
from grid.message import Message
from grid.notices.approval import ARRIVING
from grid.notices.drafting import cancel
from grid.notices.kinds import FORMS
from grid.notices.recall import end_by_date, tell_end
from grid.notices.receipts import remind
from grid.notices.scope import list_groups, parse_scope
from grid.notices.sending import Reader, begin_sending, give_up, make_targets, next_of_series
from grid.notices.steps import Moved, tell_workers
from grid.notices.wording import APPROVAL_KIND, tag, title_of
from grid.workflow import Refusal
from storage.archive import Archive
from storage.committer import NotUnique
from storage.notice_columns import NoticeKind, TargetState
from storage.notice_tables import Notice
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.rows import with_changes

log = logging.getLogger(__name__)

_CHUNK = 500
_SPARE_IDS = 32
_TELL_ENDS_FOR = timedelta(days=3)
_DRAFT_FOR = timedelta(days=3)
_NOBODY = "发送范围里现在没有能送达的群和居民"
_TELLING = frozenset(kind for kind, form in FORMS.items() if form.end_words)


class NoticeJobs:
    """One per process; `wake` is called when a notice has begun to be sent, so that the fan-out need not wait for its next look."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall, wake: Callable[[], None] = lambda: None) -> None:
        self._archive, self._books, self._hall, self._wake = archive, books, hall, wake

    async def tick(self) -> int:
        """Everything once; what fails is tried again at the next tick and holds up nothing else. How many notices were acted on."""
        acted = 0
        jobs: tuple[Callable[[], Awaitable[int]], ...] = (
            self.send_due,
            self.end_due,
            self.tell_ends,
            self.remind_silent,
            self.drop_drafts,
        )
        for job in jobs:
            try:
                acted += await job()
            except Exception as fault:
                log.error("notice job failed: %s", describe_fault(fault))
        return acted

    async def send_due(self) -> int:
        """Approved notices whose time has come begin to be sent."""
        desk = self._hall.desk()
        begun = 0
        for notice in await self._books.notices.list_due(desk.now):
            # A picture that is still on its way belongs to what was agreed to.
            if not notice.fields.get(ARRIVING):
                begun += await self._begin(desk, notice)
        if begun:
            self._wake()
        return begun

    async def _begin(self, desk: Desk, notice: Notice) -> int:
        known = await self._books.notices.list_target_keys(notice.id)
        readers = await self._list_readers(notice)
        groups = len(list_groups(desk.city, parse_scope(notice.scope)))
        ids = iter(await self._archive.numbers.take(groups + len(readers) + _SPARE_IDS))
        targets = make_targets(desk.city, notice, readers, ids)
        if not known and all(one.state is TargetState.LEFT for one in targets):
            return await self._give_up(desk, notice, _NOBODY, ids)
        new = [one for one in targets if one.target not in known]
        superseded = await self._books.find(Notice, notice.supersedes_id)
        plans = begin_sending(desk, notice, new, ids, superseded)
        if isinstance(plans, Refusal):
            return await self._give_up(desk, notice, plans.sentence, ids)
        plans[-1] = plans[-1].merge(await self._plan_next(desk, notice, ids))
        # In order: the state goes with the last one, so nobody sends before all targets are there.
        for plan in plans:
            if not await self._commit(plan):
                return 0
        return 1

    async def _list_readers(self, notice: Notice) -> list[Reader]:
        scope = parse_scope(notice.scope)
        if not scope.residents:
            return []
        rows = await self._books.notices.list_readers(scope.areas, scope.kinds)
        return [Reader(openid, area, follows) for openid, area, follows in rows]

    async def _plan_next(self, desk: Desk, notice: Notice, ids: Iterator[int]) -> Plan:
        if not notice.repeat:
            return Plan()
        number, row_id = await self._books.notices.take_number(desk.today), next(ids)
        plan = next_of_series(desk, notice, row_id, number, ids) or Plan()
        pictures = await self._books.notices.list_pictures(notice.id) if plan.rows else ()
        # The next one points to the same sealed bytes.
        plan.rows += [with_changes(one, {"id": next(ids), "notice_id": row_id}) for one in pictures]
        return plan

    async def _give_up(self, desk: Desk, notice: Notice, why: str, ids: Iterator[int]) -> int:
        """It must not go out any more; its maker hears why. A series goes on."""
        moved = give_up(desk, notice, why, ids)
        if isinstance(moved, Refusal):
            return 0
        plan = moved[1].merge(await self._plan_next(desk, notice, ids))
        message = Message(APPROVAL_KIND, f"{tag(notice)}{title_of(notice)}没有发出：{why}")
        plan.outbox += tell_workers(desk, [notice.made_by], message)
        return int(await self._commit(plan))

    async def end_due(self) -> int:
        """End dates act by themselves."""
        desk = self._hall.desk()
        ended = 0
        for notice in await self._books.notices.list_ending(desk.now):
            ended += await self._write_move(end_by_date(desk, notice, await self._take_ids()))
        return ended

    async def tell_ends(self) -> int:
        """Those who got a notice that has ended hear of it, chunk by chunk; where its successor reached them they need not."""
        desk = self._hall.desk()
        told = 0
        for notice in await self._books.notices.list_untold_ends(desk.now - _TELL_ENDS_FOR, _TELLING):
            targets = await self._books.notices.list_untold_targets(notice.id, _CHUNK)
            told += await self._commit(tell_end(desk, notice, targets, await self._list_heard(notice)))
        return told

    async def _list_heard(self, notice: Notice) -> set[str]:
        successor = await self._books.notices.find_successor(notice.id)
        return await self._books.notices.list_target_keys(successor.id) if successor is not None else set()

    async def remind_silent(self) -> int:
        """Groups that have not answered are asked once more."""
        desk = self._hall.desk()
        reminded = 0
        for notice in await self._books.notices.list_to_remind(desk.now):
            is_task = notice.kind is NoticeKind.TASK
            silent = await self._books.notices.list_silent_targets(notice.id, is_task, _CHUNK)
            reminded += await self._commit(remind(desk, notice, silent, is_last=len(silent) < _CHUNK))
        return reminded

    async def drop_drafts(self) -> int:
        """A draft that nobody went on with is cancelled after three days."""
        desk = self._hall.desk()
        dropped = 0
        for notice in await self._books.notices.list_stale_drafts(desk.now - _DRAFT_FOR):
            dropped += await self._write_move(
                cancel(desk, notice, SYSTEM, await self._take_ids(), "草稿超过三天未提交")
            )
        return dropped

    async def _take_ids(self) -> Iterator[int]:
        return iter(await self._archive.numbers.take(_SPARE_IDS))

    async def _write_move(self, moved: Moved | Refusal) -> int:
        return 0 if isinstance(moved, Refusal) else int(await self._commit(moved[1]))

    async def _commit(self, plan: Plan) -> bool:
        """Whether it was written; another process that was first is no fault."""
        try:
            return isinstance(await self._archive.committer.commit(plan), Committed)
        except NotUnique:
            return False
