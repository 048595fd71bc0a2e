"""What the reporter does with his case while it runs: 补充, 催办, and answers to what a worker asked."""

from grid.actions.routing import duty_alert
from grid.actions.steps import Decision, say, step, tell_group
from grid.desk import Actor, Desk
from grid.message import Message
from grid.routing import find_route
from grid.secrecy import kept_words
from grid.wording import limits_line, masked, tag
from grid.workflow import Move, Part, Refusal
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.tables import Case, Media

BEFORE, AFTER = "before", "after"
PHASES = {BEFORE: "处置前", AFTER: "处置后"}
# What recordings are made into when they are kept.
_PLAYABLE = "audio/mpeg"


def supplement(desk: Desk, case: Case, actor: Actor, text: str, **values: str) -> Decision:
    """补充: more words on the same matter. `values`: what they told besides (a phone; of who is anonymous none is kept)."""
    text, values = _kept(case, actor.quote(text), values)
    if Part.REPORTER in actor.parts and case.resident_id not in (None, actor.id):
        # Who joined a case adds words to it; its address and its phone stay those of the first.
        values = {}
    joined = f"{case.text}\n{text}"[: desk.house.most_characters] if text else case.text
    made = step(desk, case, Move.SUPPLEMENT, actor, None, {"text": joined, **values}, text=text)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    if text:
        plan.outbox += tell_group(desk, after, Message("supplement", f"{tag(case)}居民补充：{masked(text)}"))
    return plan


def _kept(case: Case, text: str, values: dict[str, str]) -> tuple[str, dict[str, str]]:
    told = {name: value for name, value in values.items() if name != "phone"} if case.anonymous else values
    return kept_words(case, text), told


def hurry(desk: Desk, case: Case, actor: Actor) -> Decision:
    """催办: counted, and the group hears of it."""
    times = case.hurried + 1
    made = step(desk, case, Move.HURRY, actor, None, {"hurried": times}, times=times)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    message = Message("hurry", f"{tag(case)}居民第{times}次催办，请尽快处理。", urgent=True)
    # What nobody has yet is with the duty group: it hears who is waiting.
    plan.outbox += tell_group(desk, after, message) or duty_alert(desk, after, f"居民第{times}次催办，尚未派单")
    plan.outbox += _tell_above(desk, after, times)
    return plan


def _tell_above(desk: Desk, case: Case, times: int) -> list[OutboxDraft]:
    """Whoever has to ask again reaches one level more each time: the second 催办 the community, the third the street."""
    above = desk.city.groups.get(case.group_id) if case.group_id and not case.conduct else None
    group = None
    for _ in range(times - 1):
        route = find_route(desk.city, case.area_code, case.category, above=above.area) if above else None
        if route is None or route.group is None:
            break
        above = group = route.group
    if group is None:
        return []
    holder = desk.city.groups[case.group_id].name if case.group_id else ""
    text = f"{tag(case)}居民已{times}次催办，现由“{holder}”办理，请督促。\n{limits_line(case, desk.zone)}".rstrip()
    return [say(f"group:{group.id}", Message("hurry", text, urgent=True), case, desk.now)]


def praise(desk: Desk, case: Case, text: str) -> Plan:
    """表扬: kind words for whoever had the case; they change nothing."""
    return Plan(
        outbox=tell_group(desk, case, Message("praise", f"{tag(case)}居民表扬：{masked(kept_words(case, text))}"))
    )


def answer_worker(desk: Desk, case: Case, actor: Actor, text: str, **values: str) -> Decision:
    """The answer to a worker's 问; it comes back to the group that asked. `values`: what it told besides (a phone)."""
    text, values = _kept(case, actor.quote(text), values)
    made = step(desk, case, Move.ANSWER, actor, None, values, text=text)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("answer", f"{tag(case)}居民回答：{masked(text)}"))
    return plan


def attach(desk: Desk, case: Case, actor: Actor, media: list[Media]) -> Plan:
    """Pictures or recordings belong to the case from now on. Always possible: evidence is never refused."""
    changes = [Change(Media, row.id, None, {"case_id": case.id}) for row in media]
    payload: dict[str, object] = {"media": [row.id for row in media], "kinds": [row.kind for row in media]}
    phases = {row.phase for row in media if row.phase}
    payload |= {"phase": phases.pop()} if len(phases) == 1 else {}
    return Plan(changes=list(changes), events=[EventDraft(case.id, "attach", desk.now, actor.key, payload)])


def recording_message(case: Case, media: Media) -> Message:
    """A kept recording for whoever has the case; one that nobody could decode stays with the case only."""
    if media.mime != _PLAYABLE:
        return Message("recording", f"{tag(case)}居民发来语音，录音格式无法播放，已留存在工单中。")
    return Message("recording", f"{tag(case)}居民的语音：", pictures=(media.id,))


def picture_message(case: Case, media: Media, by_resident: bool) -> Message:
    """A kept picture for the other side: the resident's goes to the group, the worker's to the resident."""
    phase = PHASES.get(media.phase, "现场")
    text = f"{tag(case)}居民发来照片" if by_resident else f"工单 {case.number} 的{phase}照片"
    return Message("picture", text, pictures=(media.id,))
