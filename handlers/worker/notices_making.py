"""Making a notice: one line, then one question at a time for what is missing, a preview, and off it goes."""

from grid.notices.approval import submit
from grid.notices.checks import find_fault, find_missing
from grid.notices.drafting import cancel, edit, make_draft
from grid.notices.kinds import FORMS, FormField, find_kind
from grid.notices.reading import Content, answer, content_of, read_line
from grid.notices.rights import find_change_refusal, find_kind_refusal, find_make_refusal, may_make_any
from grid.notices.steps import Moved
from grid.notices.wording import tag
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.notices_draft import ASKS_KIND, ASKS_NOTHING, Making, find_making, forget, remember
from handlers.worker.notices_parts import actor_of, find_named, find_reach_refusal, reading_of, take_ids
from handlers.worker.notices_pictures import with_pictures
from handlers.worker.notices_views import render_next_steps, render_preview, render_status
from handlers.worker.notices_words import NoticeCommand
from storage.notice_columns import NoticeKind, NoticeState
from storage.notice_tables import Notice
from storage.plan import Change, Plan

_ASK_SCOPE = "发到哪里？例如：本社区、全街道、文采社区、阳光水岸；可再加“居民”“不发居民”“农村网格”。"
_TITLES = ("标题", "题目")
_TEXTS = ("正文", "内容")
_SCOPES = ("发送范围", "范围", "对象")


async def hear_make(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 kind …: a draft of what the line says; the first thing that is missing is asked for."""
    if talk.person is None or not may_make_any(talk.desk.city, talk.person):
        return refuse("通知由指挥员发布（协查通报也可由公安席位发布）；您的岗位不能发布通知，请联系社区或街道指挥员。")
    found = find_kind(command.rest)
    if found is None and not command.rest:
        kinds = "、".join(FORMS[kind].words[0] for kind in NoticeKind)
        plan = Plan(changes=[remember(talk, None, ASKS_KIND)])
        return tell(f"要发哪一种？请回复：{kinds}。回复{how_to(talk, '取消')}放弃。", "notice_asked", plan)
    kind, word, rest = found or (NoticeKind.ANNOUNCEMENT, "", command.rest)
    return await begin(talk, read_line(reading_of(talk), kind, word, rest))


async def begin(talk: WorkerTalk, content: Content) -> Said:
    """A new draft with this content; an unfinished one of the same person is cancelled."""
    assert talk.person is not None, "strangers are refused before"
    refusal = _find_right(talk, content)
    if refusal is not None:
        return refuse(refusal)
    pictured = await with_pictures(talk, content)
    if isinstance(pictured, Refusal):
        return refuse(pictured)
    content, ids, actor = pictured.content, await take_ids(talk), actor_of(talk)
    group_id = talk.group.id if talk.group else None
    number = await talk.books.notices.take_number(talk.desk.today)
    notice, plan = make_draft(talk.desk, content, actor, group_id, next(ids), number, ids)
    plan.rows += pictured.rows
    old = await _find_draft(talk, find_making(talk))
    dropped = cancel(talk.desk, old, actor, ids, f"改拟{number}") if old is not None else None
    if dropped is not None and not isinstance(dropped, Refusal):
        plan = plan.merge(dropped[1])
    return await _go_on(talk, notice, plan, content.refusal)


def _find_right(talk: WorkerTalk, content: Content) -> Refusal | None:
    if talk.person is None:
        return None
    if not content.scope.areas:
        return find_kind_refusal(talk.desk.city, talk.person, content.kind)
    return find_make_refusal(talk.desk.city, talk.person, content.kind, content.scope.areas)


async def _find_draft(talk: WorkerTalk, making: Making | None) -> Notice | None:
    notice = await talk.books.find(Notice, making.notice_id) if making is not None else None
    return notice if notice is not None and notice.state is NoticeState.DRAFT else None


async def _go_on(talk: WorkerTalk, notice: Notice, plan: Plan, refusal: Refusal | None = None) -> Said:
    """Ask for the next thing, or show the preview. `refusal`: what could not be taken of the last answer."""
    missing = find_missing(notice)
    if missing is not None:
        key, question = _question(notice, missing)
        said = refusal.sentence if refusal is not None else question
        plan.changes.append(remember(talk, notice.id, key))
        return tell(f"{tag(notice)}{said}（回复{how_to(talk, '取消')}放弃）", "notice_asked", plan)
    plan.changes.append(remember(talk, notice.id, ASKS_NOTHING))
    fault = refusal or find_fault(notice, talk.desk.now) or await find_reach_refusal(talk, notice)
    warning = f"\n注意：{fault.sentence}" if fault else ""
    text = f"{await render_preview(talk, notice)}{warning}\n{render_next_steps(talk, notice)}"
    return tell(text, "notice_previewed", plan)


def _question(notice: Notice, missing: FormField | str) -> tuple[str, str]:
    if isinstance(missing, FormField):
        return missing.key, missing.question or f"请写明{missing.label}。"
    return missing, _ASK_SCOPE if missing == "scope" else FORMS[notice.kind].text_question


async def hear_answer(talk: WorkerTalk, making: Making, text: str) -> Said | None:
    """The answer to what was asked last; None when the draft is gone (sent, cancelled by somebody else)."""
    if making.asks == ASKS_KIND:
        found = find_kind(text)
        if found is None:
            return refuse(f"没有这一种。请回复：{'、'.join(FORMS[kind].words[0] for kind in NoticeKind)}。")
        return await begin(talk, read_line(reading_of(talk), *found))
    notice = await _find_draft(talk, making)
    if notice is None:
        return None
    if making.asks == ASKS_NOTHING:
        return await _hear_change(talk, notice, text)
    return await _put(talk, notice, making.asks, text)


async def _put(talk: WorkerTalk, notice: Notice, key: str, text: str) -> Said:
    """One thing said of a notice that is not out yet."""
    return await _change(talk, notice, key, answer(reading_of(talk), content_of(notice), key, text))


async def _change(talk: WorkerTalk, notice: Notice, key: str, content: Content) -> Said:
    """The notice with new content, and with the pictures that came along."""
    refusal = content.refusal or _find_right(talk, content)
    pictured = refusal or await with_pictures(talk, content, await talk.books.notices.count_pictures(notice.id))
    if isinstance(pictured, Refusal):
        return refuse(pictured)
    moved = edit(talk.desk, notice, pictured.content, actor_of(talk), await take_ids(talk), key)
    if isinstance(moved, Refusal):
        return refuse(moved)
    moved[1].rows += pictured.rows
    return await _go_on(talk, *moved)


async def hear_pictures(talk: WorkerTalk, making: Making) -> Said | None:
    """Pictures alone, while a notice is made; None when its draft is gone."""
    notice = await _find_draft(talk, making)
    return await _change(talk, notice, "pictures", content_of(notice)) if notice is not None else None


async def _hear_change(talk: WorkerTalk, notice: Notice, text: str) -> Said:
    """While a preview stands: `标题 …` without 修改, words of scope, or the way out."""
    change = parse_change(notice, text)
    if change is not None:
        return await _put(talk, notice, *change)
    content = answer(reading_of(talk), content_of(notice), "scope", text)
    if content.refusal is None:
        return await _put(talk, notice, "scope", text)
    return refuse(f"{tag(notice)}没有看懂。{render_next_steps(talk, notice)}")


def parse_change(notice: Notice, text: str) -> tuple[str, str] | None:
    """`标题 新标题`, `开始时间：明天8点` → the key and what is to stand there."""
    label, mark, value = text.strip().partition("：" if "：" in text.split(" ")[0] else " ")
    label = label.strip()
    if not mark and not value:
        return None
    if label in _TITLES:
        return "title", value
    if label in _TEXTS:
        return "text", value
    if label in _SCOPES:
        return "scope", value
    asked = FORMS[notice.kind].find_label(label)
    return (asked.key, value) if asked is not None else None


async def hear_edit(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """修改 [number] what value: the notice is a draft again, and must be agreed to anew."""
    notice = await find_changeable(talk, command, "修改 通1123-01 标题 新标题")
    if isinstance(notice, Said):
        return notice
    change = parse_change(notice, command.rest)
    if change is None:
        labels = "、".join(["标题", "正文", "范围", *(field.label for field in FORMS[notice.kind].fields)])
        example = how_to(talk, "修改 标题 新标题")
        return refuse(f"请写明改哪一项、改成什么，例如：{example}；可改：{labels}。")
    return await _put(talk, notice, *change)


async def hear_submit(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """提交, 发送: to those who approve, or straight out where nobody need to."""
    notice = await find_changeable(talk, command, "提交 通1123-01")
    if isinstance(notice, Said):
        return notice
    approvals = await talk.books.notices.list_approvals(notice.id)
    refusal = await find_reach_refusal(talk, notice)
    ids, pictures = await take_ids(talk), [one.id for one in await talk.books.notices.list_pictures(notice.id)]
    moved = refusal or submit(talk.desk, notice, actor_of(talk), approvals, ids, pictures)
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    after, plan = moved
    plan.changes += _forget_if_made(talk, notice)
    return tell(f"{tag(notice)}已提交。{render_status(talk, after, ())}", "notice_submitted", plan)


async def hear_cancel(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """取消: nothing of it goes out."""
    notice = await find_changeable(talk, command, "取消 通1123-01")
    if isinstance(notice, Said):
        return notice
    moved = cancel(talk.desk, notice, actor_of(talk), await take_ids(talk), command.rest)
    return _ended(talk, notice, moved)


def _ended(talk: WorkerTalk, notice: Notice, moved: Moved | Refusal) -> Said:
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    moved[1].changes += _forget_if_made(talk, notice)
    series = "，以后的各次也不再发送" if notice.repeat else ""
    return tell(f"{tag(notice)}已取消{series}。", "notice_cancelled", moved[1])


def _forget_if_made(talk: WorkerTalk, notice: Notice) -> list[Change]:
    making = find_making(talk)
    return forget(talk) if making is not None and making.notice_id == notice.id else []


async def find_changeable(talk: WorkerTalk, command: NoticeCommand, example: str) -> Notice | Said:
    """The notice that is named, else the draft that the speaker is making here; only for those who may change it."""
    making = find_making(talk)
    notice: Notice | Said | None = None
    if command.number is None and making is not None:
        notice = await talk.books.find(Notice, making.notice_id)
    notice = notice or await find_named(talk, command, example)
    if isinstance(notice, Said) or talk.person is None:
        return notice
    refusal = find_change_refusal(talk.desk.city, notice, talk.person)
    return refuse(refusal) if refusal is not None else notice


async def drop_making(talk: WorkerTalk, making: Making) -> Said:
    """取消 while something is asked."""
    notice = await _find_draft(talk, making)
    if notice is None:
        return tell("已取消。", "notice_cancelled", Plan(changes=forget(talk)))
    return _ended(talk, notice, cancel(talk.desk, notice, actor_of(talk), await take_ids(talk)))
