"""Carrying out what was posted: decided on the case as it is now, written once, told to everybody whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from console import resident_deeds, worker_deeds
from console.contact import DEED as CONTACT
from console.offers import Bench, Deed, Offer, list_offers
from console.page import is_fresh
from console.pictures import Album, attach_pictures
from console.ports import Follow, GetReader, MakeDesk, Pictures, Unusable
from console.submission import Submission
from console.tickets import Scope, TicketKey
from console.visitors import Visitor, admit
from grid.actions.joint import share_news
from grid.actions.requests import lapse, moves_on
from grid.actions.routing import Sent
from grid.actions.steps import Decision, tell_group
from grid.desk import Desk
from grid.message import Message
from grid.wording import masked, status_name, tag
from grid.workflow import Refusal
from storage.archive import Archive
from storage.columns import InboundState
from storage.committer import NotUnique
from storage.plan import Change, Committed, OutboxDraft, Plan
from storage.queries import Books
from storage.rows import fresh, with_changes
from storage.tables import Case, Inbound

_DECISIONS = 6
DOOR = "page"
DEEDS: dict[Scope, Sequence[Deed]] = {
    Scope.READ: (),
    Scope.EXPORT: (),
    Scope.RESIDENT: resident_deeds.DEEDS,
    Scope.WORKER: (*worker_deeds.DEEDS, CONTACT),
}
_NOT_YOURS = "这个链接不能做这件事。"
_NOT_NOW = "现在不能这样操作，请看页面上可以做的。"
_STALE = "工单刚才有变化，现在是“{status}”，您的操作没有执行。请看一下最新情况，需要的话再提交一次。"
_BUSY = "同时有人在操作这件工单，您的操作没有执行，请再试一次。"


@dataclass(frozen=True, slots=True)
class Done:
    """It is in the archive; `text` is what he reads."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed; `text` says why. `status`: of HTTP."""

    status: int
    text: str
    outcome: str = "refused"


def offers_for(desk: Desk, visitor: Visitor) -> list[Offer]:
    """What the visitor may do now."""
    return list_offers(desk, visitor, DEEDS[visitor.scope])


def find_deed(scope: Scope, action: str) -> Deed | None:
    """What `action` is for a link of this scope; None for what such a link cannot do at all."""
    return next((deed for deed in DEEDS[scope] if deed.action == action), None)


class Counter:
    """Where forms are handed in."""

    def __init__(
        self,
        archive: Archive,
        books: Books,
        desk: MakeDesk,
        key: TicketKey,
        pictures: Pictures,
        reader: GetReader,
        follow: Follow,
    ) -> None:
        self._archive, self._books, self._desk, self._key = archive, books, desk, key
        self._pictures, self._reader, self._follow = pictures, reader, follow

    async def find_news(self, visitor: Visitor, digest: str) -> str:
        """What this visitor was answered to a form a moment ago; empty for none."""
        row = await self._books.find_inbound(_key_of(digest))
        if row is None or row.reply is None or not is_fresh(row.received_at, self._desk().now):
            return ""
        is_his = (row.case_id, row.person) == (visitor.case.id, _person(visitor))
        return str(row.reply.get("text", "")) if is_his else ""

    async def carry_out(self, token: str, action: str, form: Submission) -> Done | Refused:
        """Do what was posted, once. Raises `Closed` for a link that is no longer good, `StorageFailed`, `OSError`."""
        album = Album(self._pictures)
        for _ in range(_DECISIONS):
            before = await self._books.find_inbound(_key_of(digest_of(token, form)))
            if before is not None:
                return Done(str((before.reply or {}).get("text", "")))
            desk = self._desk()
            visitor = await admit(self._books, desk, self._key, token)
            tried = await self._try(desk, visitor, action, form, album)
            if tried is not None:
                return tried
        return Refused(409, _BUSY, "busy")

    async def _try(
        self, desk: Desk, visitor: Visitor, action: str, form: Submission, album: Album
    ) -> Done | Refused | None:
        """One decision; None when the archive had moved on before it was written."""
        deed, actor, case = find_deed(visitor.scope, action), visitor.actor, visitor.case
        if deed is None or actor is None:
            return Refused(403, _NOT_YOURS, "forbidden")
        if deed.versioned and form.text("version") != str(case.version):
            return Refused(409, _STALE.format(status=status_name(case.status)), "stale")
        reporters = await self._books.likeness.list_reporters(case)
        bench = Bench(desk, self._books, self._archive.numbers, visitor, actor, form, reporters, self._reader())
        made = await deed.decide(bench)
        if isinstance(made, Refusal):
            return Refused(409, made.sentence)
        if deed is not CONTACT and deed.offer(desk, visitor) is None:
            # The law would have it, the page does not ask for it now (an answer that nobody asked for).
            return Refused(409, _NOT_NOW)
        try:
            await album.keep(form.photos)
        except Unusable as fault:
            return Refused(422, str(fault), "no_picture")
        return await self._write(bench, deed, made, album)

    async def _write(self, bench: Bench, deed: Deed, made: Plan | Sent, album: Album) -> Done | None:
        done = Done(deed.told(bench, made))
        plan = await self._whole_plan(bench, deed, made, album)
        plan.inbound = await self._inbound(bench, deed, done)
        try:
            outcome = await self._archive.committer.commit(plan)
        except NotUnique:
            return None
        return done if isinstance(outcome, Committed) else None

    async def _whole_plan(self, bench: Bench, deed: Deed, made: Decision | Sent, album: Album) -> Plan:
        assert not isinstance(made, Refusal), "refused before"
        plan = made.plan if isinstance(made, Sent) else made
        if bench.visitor.scope is Scope.WORKER:
            share_news(plan, bench.visitor.case, bench.reporters)
            plan.changes += await self._lapsed(bench.visitor.case, plan)
        plan.outbox += _echo(bench, deed) if deed.echo else []
        case = next((row for row in plan.rows if isinstance(row, Case)), bench.visitor.case)
        plan = plan.merge(await attach_pictures(bench, case, album, deed.stage or bench.form.text("stage")))
        plan.outbox += await self._follow(plan)
        return plan

    async def _lapsed(self, case: Case, plan: Plan) -> list[Change]:
        """What was asked of a superior on a case that moves on waits no longer."""
        after = next((change.values for change in plan.changes if change.table is Case and change.key == case.id), {})
        if not moves_on(case, with_changes(case, dict(after))):
            return []
        return lapse(self._desk(), await self._books.followups.list_pending_requests(case.id))

    async def _inbound(self, bench: Bench, deed: Deed, done: Done) -> Inbound:
        """The form as one more update that was let in: its key makes a second post of it harmless, also after a restart."""
        visitor = bench.visitor
        values: dict[str, Any] = {"reply": {"text": done.text}, "body": {"action": deed.action}}
        return fresh(
            Inbound,
            id=await self._archive.numbers.take_id(),
            key=_key_of(digest_of(visitor.token, bench.form)),
            door=DOOR,
            kind="form",
            person=_person(visitor),
            received_at=bench.desk.now,
            state=InboundState.DONE,
            outcome=deed.action,
            case_id=visitor.case.id,
            **values,
        )


def digest_of(token: str, form: Submission) -> str:
    """One form of one link with what was written in it: the same posted twice is one, an old page filled in anew is another."""
    parts = (token, *(f"{name}={text}" for name, text in sorted(form.texts.items())))
    photos = (sha256(content).hexdigest() for content in form.photos)
    return sha256("\x1f".join((*parts, *photos)).encode()).hexdigest()


def _key_of(digest: str) -> str:
    return f"{DOOR}:{digest}"


def _person(visitor: Visitor) -> str:
    if visitor.resident is not None:
        return visitor.resident.openid
    return (visitor.person.userid or "") if visitor.person is not None else ""


def _echo(bench: Bench, deed: Deed) -> list[OutboxDraft]:
    """What was done on the page is told in the case's own group, so that nobody does it twice."""
    case = bench.visitor.case
    if case.group_id is None:
        return []
    said = masked(bench.form.text("text"), 200)
    label = (
        deed.move.label
        if deed.move is not None
        else {"whistle": "吹哨", "suspend": "提交挂账"}.get(deed.action, "操作")
    )
    text = f"{tag(case)}{bench.actor.name}已{label}{f'：{said}' if said else ''}"
    return tell_group(bench.desk, case, Message("note", text))
