"""Recordings on their way to whoever has the case: when they are kept, when their case is dispatched, when it moves on."""

from collections.abc import Sequence

from bot.cityhall import CityHall
from grid.actions.reporter import recording_message
from grid.actions.steps import say
from storage.columns import MediaState
from storage.plan import Change, OutboxDraft, Plan
from storage.queries import Books
from storage.rows import with_changes
from storage.tables import Case, Media, Transcription

VOICE = "voice"
# Messages by which somebody gets a case: what was said comes along with it.
_BRINGS_CASE = frozenset({"dispatch", "alert"})


class RecordingTeller:
    """Adds a case's recordings to what is told of it, as messages of their own: the text works without them."""

    def __init__(self, books: Books, hall: CityHall) -> None:
        self._books, self._hall = books, hall

    async def on_kept(self, media: Media) -> Plan | None:
        """A recording has been fetched: its transcription is due; where its case is already somebody's, he gets it."""
        now = self._hall.desk().now
        plan = Plan(changes=[Change(Transcription, media.id, None, {"due_at": now})])
        case = await self._books.find(Case, media.case_id)
        if case is not None:
            plan.outbox = [self._tell(case, media, target) for target in self._holders(case) or self._duty(case)]
        return plan

    async def on_lost(self, media: Media) -> Plan | None:
        """It cannot be had: the resident is asked for words at once."""
        if media.kind != VOICE:
            return None
        return Plan(changes=[Change(Transcription, media.id, None, {"due_at": self._hall.desk().now})])

    async def follow(self, plan: Plan) -> list[OutboxDraft]:
        """The recordings that go with a plan: of cases that it brings to somebody, and those that it attaches to a case."""
        attached = {change.key: change.values["case_id"] for change in plan.changes if _attaches(change)}
        brought = {draft.case_id for draft in plan.outbox if draft.kind in _BRINGS_CASE and draft.case_id}
        new = {row.id for row in plan.rows if isinstance(row, Case)}
        drafts: list[OutboxDraft] = []
        # A case that is opened by this very plan has no media but those that the plan attaches.
        for case_id in sorted((brought - new) | set(attached.values())):
            drafts += await self._follow_case(plan, case_id, [key for key in attached if attached[key] == case_id])
        return drafts

    async def _follow_case(self, plan: Plan, case_id: int, attached: Sequence[int | str]) -> list[OutboxDraft]:
        case = await self._find_case(plan, case_id)
        new = await self._books.list_loose_media([int(key) for key in attached]) if attached else []
        told = list(dict.fromkeys(d.target for d in plan.outbox if d.case_id == case_id and d.kind in _BRINGS_CASE))
        if case is None:
            return []
        old = await self._books.list_media(case_id) if told else []
        media = {row.id: row for row in (*old, *new) if row.kind == VOICE and row.state is MediaState.KEPT}
        targets = [target for target in told or self._holders(case) if not case.conduct or target.startswith("worker:")]
        return [self._tell(case, row, target) for target in targets for row in media.values()]

    async def _find_case(self, plan: Plan, case_id: int) -> Case | None:
        """The case as the plan leaves it."""
        new = next((row for row in plan.rows if isinstance(row, Case) and row.id == case_id), None)
        case = new or await self._books.find(Case, case_id)
        for change in plan.changes:
            if case is not None and change.table is Case and change.key == case_id:
                case = with_changes(case, dict(change.values))
        return case

    def _tell(self, case: Case, media: Media, target: str) -> OutboxDraft:
        return say(target, recording_message(case, media), case, self._hall.desk().now)

    def _holders(self, case: Case) -> list[str]:
        if case.group_id is not None and not case.conduct:
            return [f"group:{case.group_id}"]
        contact = self._hall.city.people.get(case.handler_id) if case.handler_id else None
        return [f"worker:{contact.userid}"] if contact and contact.userid else []

    def _duty(self, case: Case) -> list[str]:
        # What nobody has yet lies with the duty group; a complaint about somebody's conduct is not spread there.
        duty = self._hall.city.find_duty_group() if not case.conduct else None
        return [f"group:{duty.id}"] if duty else []


def _attaches(change: Change) -> bool:
    return change.table is Media and change.values.get("case_id") is not None
