"""Pictures, recordings, videos and files: they belong to the matter just told, or wait for the words that explain them."""

from grid.actions.reporter import attach
from grid.questions import Ask
from handlers.reply import Reply, Said
from handlers.resident.naming import pick
from handlers.talk import ResidentTalk
from handlers.update import MediaRef, UpdateKind
from storage.columns import MediaState
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Case, Media

_NAMES = {
    UpdateKind.IMAGE: "照片",
    UpdateKind.VOICE: "语音",
    UpdateKind.VIDEO: "视频",
    UpdateKind.SHORT_VIDEO: "视频",
    UpdateKind.FILE: "文件",
}


async def media(talk: ResidentTalk) -> Said | None:
    """A picture (or the like) without words."""
    name = _NAMES.get(talk.update.kind)
    if name is None or not talk.update.media:
        return None
    rows = [await make_media(talk, ref) for ref in talk.update.media]
    case = find_pictured(talk)
    if case is None:
        return _keep_loose(talk, rows, name)
    plan = attach(talk.desk, case, talk.actor, rows)
    # New rows are written as they will be: no second write for what belongs to a case from the start.
    plan.changes.clear()
    for row in rows:
        row.__dict__["case_id"] = case.id
    plan.rows += rows
    known = [row for row in await talk.books.list_media(case.id) if row.kind == rows[0].kind]
    text = f"已附到工单 {case.number}（共{len(known) + len(rows)}{'张' if name == '照片' else '个'}）。"
    talk.conversation = talk.conversation.about(case.id)
    return Said(Reply(text), "joined", plan, case.id)


def find_pictured(talk: ResidentTalk) -> Case | None:
    """The case that a picture shows: the one a worker asked about, else the open one talked about last.

    A case that nothing happened to for a day is not meant by itself: the picture may be of something new.
    """
    asked = talk.conversation.find(Ask.WORKER, Ask.SUPPLEMENT)
    case = talk.find_case(asked.case_id) if asked is not None else None
    if case is not None and case.is_open:
        return case
    fresh_for = talk.desk.house.question_for
    return pick(talk, [case for case in talk.list_open() if talk.desk.now - case.touched_at <= fresh_for])


async def make_media(talk: ResidentTalk, ref: MediaRef) -> Media:
    """The row that makes the media job fetch it before it ages."""
    return fresh(
        Media,
        id=await talk.numbers.take_id(),
        kind=ref.kind,
        origin={"door": talk.update.door.value, "media_id": ref.media_id, "url": ref.url, "aes_key": ref.aes_key},
        by=talk.actor.key,
        state=MediaState.WANTED,
        due_at=talk.desk.now,
        created_at=talk.desk.now,
    )


def _keep_loose(talk: ResidentTalk, rows: list[Media], name: str) -> Said:
    until = talk.desk.now + talk.desk.house.join_for * 3
    for row in rows:
        talk.conversation = talk.conversation.keep_media(row.id, until)
    old = pick(talk, talk.list_open())
    belongs = f"如果是工单 {old.number} 的，请回复“补充”。" if old is not None else ""
    text = f"{name}已收到。请再用一句话说明：在哪里、什么问题。{belongs}"
    return Said(Reply(text), "kept", Plan(rows=list(rows)))
