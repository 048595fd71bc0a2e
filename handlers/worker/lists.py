"""待办: what is open, the most pressing first."""

from datetime import UTC, datetime

from grid.link_lines import worker_link
from grid.wording import category_name, moment, place_line, preview, status_name
from grid.workflow import Status
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, tell
from handlers.worker.commands import Command
from handlers.worker.selection import find_actor
from storage.tables import Case

_LISTED = 15
_LINKED = 5
_MOST = 500
_RANK = {"emergency": 0, "urgent": 1, "normal": 2}
_NEVER = datetime.max.replace(tzinfo=UTC)


async def hear_agenda(talk: WorkerTalk, command: Command) -> Said:
    """待办: of the group, or in single chat of the worker."""
    if talk.group is not None:
        found = await talk.books.list_open_in_group(talk.group.id, most=_MOST)
    else:
        found = await talk.books.list_open_of_worker(talk.worker.id, most=_MOST) if talk.worker else ()
    cases = [case for case in found if find_actor(talk, case) is not None]
    if not cases:
        where = "本群" if talk.update.chat else "您手上"
        return tell(f"{where}没有未办结的工单。", "listed")
    return tell(render_todo(talk, cases), "listed")


def render_todo(talk: WorkerTalk, cases: list[Case]) -> str:
    """The list: overdue first, then by urgency, then by what is due next."""
    now = talk.desk.now
    cases = sorted(
        cases, key=lambda case: (not is_overdue(case, now), _RANK[case.urgency], due_of(case) or _NEVER, case.id)
    )
    late = sum(is_overdue(case, now) for case in cases)
    head = f"待办{len(cases)}件{f'，其中超时{late}件' if late else ''}："
    lines = [_line(talk, case) + _link(talk, case, index) for index, case in enumerate(cases[:_LISTED])]
    if len(cases) > _LISTED:
        lines.append(f"还有{len(cases) - _LISTED}件")
    return "\n".join([head, *lines, f"查看一件请回复{how_to(talk, f'进度 {cases[0].number}')}。"])


def _link(talk: WorkerTalk, case: Case, index: int) -> str:
    """The most pressing ones lead to their pages, where nobody reads along."""
    address = worker_link(talk.desk, case, talk.worker.id) if talk.update.chat is None and talk.worker else ""
    return f"\n{address}" if address and index < _LINKED else ""


def due_of(case: Case) -> datetime | None:
    """What is due next: the acceptance while nobody has accepted, else the result."""
    return case.accept_due_at if case.status in (Status.DISPATCHED, Status.TRIAGE) else case.resolve_due_at


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether something of the case should have happened by now; a suspended case waits with reason."""
    if case.status == Status.SUSPENDED:
        return False
    return any(due is not None and due < now for due in (due_of(case), case.resolve_due_at))


def _line(talk: WorkerTalk, case: Case) -> str:
    due = due_of(case)
    word = "接单" if case.status == Status.DISPATCHED else "研判" if case.status == Status.TRIAGE else "办结"
    until = f"限{moment(due, talk.desk.zone)}前{word}" if due else ""
    mark = "【超时】" if is_overdue(case, talk.desk.now) else ""
    urgent = {"emergency": "特急 ", "urgent": "紧急 "}.get(case.urgency, "")
    what = "作风类投诉" if case.conduct else preview(place_line(case, talk.desk.city), 24)
    return (
        f"{mark}{case.number} {urgent}{status_name(case.status)} {category_name(case.category)} {what} {until}".rstrip()
    )
