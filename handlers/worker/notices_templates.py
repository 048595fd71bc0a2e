"""通知 模板: the list, a draft from one, and saving one."""

from dataclasses import replace

from grid.notices.kinds import FORMS
from grid.notices.reading import Content, read_line
from grid.notices.templates import BUILT_IN, NAME_CHARACTERS, content_of_template, parse_template, render_template
from grid.notices.wording import tag
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.notices_draft import find_making
from handlers.worker.notices_making import begin
from handlers.worker.notices_parts import find_home, reading_of
from handlers.worker.notices_words import NoticeCommand
from storage.notice_queries import TEMPLATE_PREFIX
from storage.notice_tables import Notice
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Setting


async def hear_templates(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 模板 / 通知 模板 name what else / 通知 模板 保存 name."""
    word, _, rest = command.rest.partition(" ")
    if word == "保存":
        return await _save(talk, command, rest.strip())
    saved = await _list_saved(talk)
    known = {name: content_of_template(stored) for name, stored in BUILT_IN.items()}
    known |= {name: parse_template(text) for name, text in saved.items()}
    if not word:
        return tell(_render_all(talk, known), "notice_listed")
    if word not in known:
        return refuse(f"没有模板“{word[:20]}”。{_render_all(talk, known)}")
    return await begin(talk, _with_line(talk, known[word], rest))


def _render_all(talk: WorkerTalk, known: dict[str, Content]) -> str:
    names = "、".join(f"{name}（{content.kind.label}）" for name, content in known.items())
    use = how_to(talk, "通知 模板 隐患排查 周五17点 本社区")
    return f"模板有：{names}。使用：{use}；把正在拟的存为模板：{how_to(talk, '通知 模板 保存 名称')}。"


def _with_line(talk: WorkerTalk, template: Content, line: str) -> Content:
    """The template with what the line adds: dates and scope; words of its own replace the template's text."""
    said = read_line(reading_of(talk), template.kind, "", line)
    return replace(
        template,
        text=said.text or template.text,
        colour=said.colour or template.colour,
        fields={**template.fields, **said.fields},
        scope=said.scope,
        refusal=said.refusal,
    )


async def _list_saved(talk: WorkerTalk) -> dict[str, str]:
    home = find_home(talk)
    if home is None or home not in talk.desk.city.areas:
        return {}
    return dict(await talk.books.notices.list_templates(talk.desk.city.areas[home].chain))


async def _save(talk: WorkerTalk, command: NoticeCommand, name: str) -> Said:
    making, home = find_making(talk), find_home(talk)
    notice = await talk.books.notices.find(command.number) if command.number else None
    if notice is None and making is not None:
        notice = await talk.books.find(Notice, making.notice_id)
    if notice is None or home is None:
        return refuse("请在拟通知的过程中保存模板，或写明通知编号，例如：通知 模板 保存 消防检查 通1123-01。")
    if not name or len(name) > NAME_CHARACTERS or ":" in name or name in BUILT_IN or " " in name:
        return refuse(f"模板名称须为1到{NAME_CHARACTERS}个字，不含空格，且不与自带模板重名。")
    key, value = f"{TEMPLATE_PREFIX}{home}:{name}", render_template(notice)
    known = await talk.books.find(Setting, key)
    plan = Plan(changes=[Change(Setting, key, None, {"value": value})]) if known else Plan()
    if known is None:
        plan.rows.append(fresh(Setting, name=key, value=value))
    form = FORMS[notice.kind].kind.label
    return tell(f"{tag(notice)}已存为模板“{name}”（{form}），日期、范围和个人信息不保存。", "notice_template", plan)
