"""What people are shown of notices: the preview, the receipts, who has not done a task, the list. Rows in, text out."""

from collections.abc import Collection, Sequence

from grid.city import City
from grid.notices.approval import count_wanted
from grid.notices.checks import needs_second_confirmation
from grid.notices.fields import read_moment
from grid.notices.receipts import Figures, Table
from grid.notices.rights import list_approvers
from grid.notices.scope import list_groups, parse_scope, scope_name
from grid.notices.sending import REPEATS
from grid.notices.wording import group_message, resident_message, tag, title_of
from grid.wording import long_moment, moment, preview
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to
from handlers.worker.notices_parts import count_readers
from handlers.worker.notices_pictures import count_waiting
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.rows import fresh

_LISTED, _ROWS = 10, 60
_APPROVERS = 3


async def render_preview(talk: WorkerTalk, notice: Notice) -> str:
    """Everything a maker should see before it goes out: the words on each channel, whom it reaches, what it costs, who is left."""
    scope = parse_scope(notice.scope)
    all_readers, followers = await count_readers(talk, scope)
    lines = [f"{tag(notice)}预览（{notice.kind.label}，{notice.state.label}）"]
    groups = list_groups(talk.desk.city, scope)
    if groups:
        lines += ["—— 工作群看到 ——", _group_text(talk, notice)]
    if scope.residents:
        lines += ["—— 居民看到 ——", resident_message(notice).text]
    lines += ["—— 发送 ——", f"范围：{scope_name(talk.desk.city, scope)}", *_reach(talk, notice)]
    if scope.residents:
        lines.append(_resident_line(all_readers, followers))
    pictures = await talk.books.notices.count_pictures(notice.id)
    waiting = count_waiting(notice.fields)
    if pictures or waiting:
        lines.append(f"图片：{pictures}张{f'，另有{waiting}张正在处理' if waiting else ''}")
    lines += [_approval_line(talk, notice), _time_line(talk, notice)]
    return "\n".join(line for line in lines if line)


def _group_text(talk: WorkerTalk, notice: Notice) -> str:
    target = fresh(NoticeTarget, id=0, notice_id=notice.id, target="group:0", state=TargetState.WAITING)
    return group_message(notice, target, talk.desk.house.bot_name).text


def _reach(talk: WorkerTalk, notice: Notice) -> list[str]:
    groups = list_groups(talk.desk.city, parse_scope(notice.scope))
    told = [group for group in groups if group.can_be_told]
    left = [group for group in groups if not group.can_be_told]
    by_bot = sum(bool(group.chatid) and group.can_answer for group in told)
    lines = [f"工作群：{len(told)}个可送达（智能机器人{by_bot}个，群机器人{len(told) - by_bot}个），每群占用1条"]
    if left:
        names = "、".join(group.name for group in left[:_LISTED])
        more = f"等{len(left)}个" if len(left) > _LISTED else ""
        lines.append(f"送不到：{names}{more}（还没有绑定）")
    return lines


def _resident_line(all_readers: int, followers: int) -> str:
    gone = all_readers - followers
    left = f"；{gone}人已取消关注，送不到" if gone else ""
    return (
        f"居民：{followers}人可送达（48小时内来过信的走客服消息，其余走群发，占用每人每月4次中的1次，或订阅通知）{left}"
    )


def _approval_line(talk: WorkerTalk, notice: Notice) -> str:
    wanted = count_wanted(talk.desk, notice)
    if not wanted:
        return "审批：不需要"
    people = list_approvers(talk.desk.city, notice)
    names = "、".join(person.name for person in people[:_APPROVERS])
    more = f"等{len(people)}人" if len(people) > _APPROVERS else ""
    second = "，并再次确认发给居民" if needs_second_confirmation(notice) else ""
    return (
        f"审批：须{wanted}人同意{second}（可由{names}{more}审批）"
        if people
        else f"审批：须{wanted}人同意，现在没有可审批的人"
    )


def _time_line(talk: WorkerTalk, notice: Notice) -> str:
    at = notice.send_at
    when = long_moment(at, talk.desk.zone) if at is not None and at > talk.desk.now else "审批通过后立即"
    again = f"，{REPEATS[notice.repeat]}重复" if notice.repeat in REPEATS else ""
    ends = f"；{long_moment(notice.ends_at, talk.desk.zone)}到期" if notice.ends_at else ""
    return f"时间：{when}{again}{ends}"


def render_next_steps(talk: WorkerTalk, notice: Notice) -> str:
    """What can be said to a preview."""
    send = "提交" if count_wanted(talk.desk, notice) else "发送"
    edit, timed = how_to(talk, "修改 标题 新标题"), how_to(talk, "定时 明天8点")
    return (
        f"确认无误请回复{how_to(talk, send)}；要改请回复{edit}，定时请回复{timed}，不发请回复{how_to(talk, '取消')}。"
    )


def render_status(talk: WorkerTalk, notice: Notice, agreed: Collection[int]) -> str:
    """Where a notice stands that was submitted; `agreed`: who has agreed to its sending."""
    if notice.state is NoticeState.WAITING:
        missing = max(count_wanted(talk.desk, notice) - len(agreed), 0)
        people = [one for one in list_approvers(talk.desk.city, notice) if not missing or one.id not in agreed]
        names = "、".join(person.name for person in people[:_APPROVERS])
        if missing:
            return f"{tag(notice)}待审批，还须{missing}人同意。可由{names}审批，回复“同意 {notice.number}”。"
        return f"{tag(notice)}还须再次确认发给居民。可由{names}回复“确认居民 {notice.number}”。"
    if notice.state is NoticeState.SCHEDULED:
        at = notice.send_at
        is_later = at is not None and at > talk.desk.now
        when = f"定于{long_moment(at, talk.desk.zone)}发送" if at is not None and is_later else "马上开始发送"
        return f"{tag(notice)}{when}。"
    return f"{tag(notice)}{notice.state.label}。"


def render_table(city: City, notice: Notice, table: Table) -> str:
    """`通知 回执`: the sum, a line for each area, what failed and why, who is silent."""
    is_task = notice.kind is NoticeKind.TASK
    lines = [
        f"{tag(notice)}{preview(title_of(notice), 30)} {notice.state.label}",
        _figures_line("合计", table.total, is_task),
    ]
    if len(table.by_area) > 1:
        named = {_name(city, code): figures for code, figures in sorted(table.by_area.items())}
        rows = [_figures_line(name, figures, is_task) for name, figures in named.items() if figures.groups]
        lines += rows[:_ROWS] + ([f"其余{len(rows) - _ROWS}个区域略"] if len(rows) > _ROWS else [])
    if table.total.residents:
        lines.append(f"居民：共{table.total.residents}人，已发{table.total.residents_sent}人")
    if table.trouble:
        lines.append(
            "没送到："
            + "；".join(f"{_target_name(city, one)}（{one.reason or '原因不明'}）" for one in table.trouble[:_LISTED])
        )
    if table.silent:
        lines.append(f"{'未完成' if is_task else '未回复'}：{_names(city, table.silent)}")
    return "\n".join(lines)


def _figures_line(name: str, figures: Figures, is_task: bool) -> str:
    parts = [f"{figures.groups}个群", f"已发{figures.sent}"]
    for label, number in (
        ("待发", figures.waiting),
        ("失败", figures.failed),
        ("送不到", figures.left),
        ("停发", figures.stopped),
    ):
        if number:
            parts.append(f"{label}{number}")
    parts += [f"收到{figures.received}", f"未回复{figures.silent}"]
    if is_task:
        parts.append(f"完成{figures.done}")
    return f"{name}：{'，'.join(parts)}"


def _name(city: City, code: str) -> str:
    return city.area_name(code) if code in city.areas else "其他"


def _target_name(city: City, target: NoticeTarget) -> str:
    number = target.target.removeprefix("group:")
    group = city.groups.get(int(number)) if number.isdigit() else None
    return group.name if group is not None else "居民"


def _names(city: City, targets: Sequence[NoticeTarget]) -> str:
    names = "、".join(_target_name(city, one) for one in targets[:_LISTED])
    return f"{names}等{len(targets)}个" if len(targets) > _LISTED else names


def render_roll(talk: WorkerTalk, notice: Notice, table: Table) -> str:
    """`通知 名单`: who has done a task and what he said, and who has not; for other kinds who is silent."""
    city = talk.desk.city
    if notice.kind is not NoticeKind.TASK:
        silent = _names(city, table.silent)
        return f"{tag(notice)}" + (f"未回复{len(table.silent)}个：{silent}" if silent else "都已回复收到。")
    total, due = len(table.done) + len(table.silent), read_moment(notice.fields.get("due"))
    rate = f"（{len(table.done) * 100 // total}%）" if total else ""
    lines = [f"{tag(notice)}{preview(title_of(notice), 30)} 已完成{len(table.done)}/{total}{rate}"]
    for one in sorted(table.done, key=lambda target: target.done_at or talk.desk.now)[-_LISTED:]:
        at = moment(one.done_at, talk.desk.zone) if one.done_at else ""
        at += "（逾期）" if due is not None and one.done_at is not None and one.done_at > due else ""
        lines.append(f"✓ {_target_name(city, one)} {at} {preview(one.note, 40)}".rstrip())
    lines.append(f"未完成：{_names(city, table.silent)}" if table.silent else "全部完成。")
    return "\n".join(lines)


def render_list(talk: WorkerTalk, notices: Sequence[Notice]) -> str:
    """`通知 列表`."""
    lines = [f"最近的通知（{len(notices)}件）："]
    for one in notices:
        at = one.sent_at or one.send_at or one.made_at
        lines.append(
            f"{one.number} {one.kind.label} {one.state.label} {preview(title_of(one), 20)} {moment(at, talk.desk.zone)}"
        )
    lines.append(f"查看一件请回复{how_to(talk, f'通知 进度 {notices[0].number}')}。")
    return "\n".join(lines)


def render_help(talk: WorkerTalk) -> str:
    """`通知 帮助`."""
    kinds = "、".join(kind.label for kind in NoticeKind)
    return "\n".join(
        (
            f"发通知可以这样说（种类：{kinds}）：",
            how_to(talk, "通知 停水 明天8点到17点 阳光水岸 检修"),
            how_to(talk, "通知 任务 周五17点前 本社区 逐户排查燃气隐患"),
            how_to(talk, "通知 预警 橙色 暴雪 今晚8点到明天8点 全区"),
            "缺什么会逐项问；预览后回复“提交”或“发送”。",
            "管理：通知 列表／进度／回执／名单／模板，修改／定时／取消／撤回通知＋编号，预警可“调整 编号 红色”“解除 编号”。",
            "审批：同意 编号／不同意 编号 原因。收到通知请回复“收到”，任务做完回复“完成 编号 情况”。",
        )
    )
