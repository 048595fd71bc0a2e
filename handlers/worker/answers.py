"""Small pieces that every handler of this package answers with."""

from grid.actions.routing import Sent
from grid.desk import Desk
from grid.wording import tag
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.talk import WorkerTalk
from storage.columns import PostRole
from storage.plan import Plan
from storage.rows import with_changes
from storage.tables import Case


def refuse(sentence: str | Refusal, case_id: int | None = None) -> Said:
    """Nothing is done; the sentence says what would be accepted."""
    text = sentence.sentence if isinstance(sentence, Refusal) else sentence
    return Said(Reply(text), "refused", case_id=case_id)


def tell(text: str, outcome: str, plan: Plan | None = None, case_id: int | None = None) -> Said:
    """An answer, with the plan that must be durable before it is read."""
    return Said(Reply(text), outcome, plan or Plan(), case_id)


def how_to(talk: WorkerTalk, command: str) -> str:
    """`“@网格助手 接单 1123-08”` in a group, `“接单 1123-08”` in single chat: exactly what to type."""
    return f"“{command}”" if talk.update.chat is None else f"“@{talk.desk.house.bot_name} {command}”"


def after_plan(case: Case, plan: Plan) -> Case:
    """The case as the plan will leave it."""
    for change in plan.changes:
        if change.table is Case and change.key == case.id:
            return with_changes(case, {**change.values, "version": case.version + 1})
    return case


def sent_line(desk: Desk, sent: Sent) -> str:
    """Where a case has gone."""
    route, number = sent.route, tag(sent.case)
    if route.group is not None:
        person = f"，责任人{route.person.name}" if route.person else ""
        return f"{number}现由“{route.group.name}”办理{person}。"
    if route.contact is not None:
        return f"{number}现由作风投诉联系人{route.contact.name}办理。"
    return f"{number}暂时没有可派的工作群，已转值班群研判。"


def is_coordinator(talk: WorkerTalk) -> bool:
    """Whether the speaker is at work and steers any area."""
    person = talk.person
    if person is None or not person.is_at_work:
        return False
    return any(seat.role is PostRole.COORDINATOR for seat in talk.desk.city.posts_of.get(person.id, ()))
