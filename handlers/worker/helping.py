"""帮助, the welcome on opening the chat, and what is said to a line that nobody understands."""

from grid.city import Person
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, is_coordinator, tell
from handlers.worker.commands import Command, find_numbers
from handlers.worker.nearest import EXAMPLES, find_nearest
from handlers.worker.verbs import Verb
from storage.columns import GroupKind

_GROUP = (
    "接单 1123-08（引用工单、只有一件时可不写号）",
    "办结 1123-08 已疏通，更换一段管道",
    "办结 不属我方 城管局 …／办结 解释说明 …／办结 无法解决 原因",
    "处置／问／转派 综合执法 原因（也可写网格、姓名）／退回 原因／提级／吹哨 住建局 原因／子单 住建局 要做什么",
    "延期 2天 原因／挂账 30天 原因（由上级同意）",
    "进度 1123-08　待办　为何 1123-08",
    "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾（一次可报几件）　代办 姓名 电话 内容",
    "签收 督1123-01　回复督办 督1123-01 处理情况（督办单）",
    "收到（通知）　完成 通1123-01 已排查12户（任务）",
    "登记 姓名 手机号",
    "照片：引用照片再@我，或私聊发给我",
)
_SINGLE = (
    "待办　进度 1123-08（含居民电话，查看会留痕）",
    "办结 1123-08 已疏通，更换一段管道",
    "直接发照片：附到刚才说到的那件工单",
    "上报 5号楼水表井低　提级 1123-08 原因　问 1123-08 几单元？",
)
_DUTY = (
    "待研判（没有派出去的工单）",
    "指派 1123-08 文采社区第三网格",
    "改类别 1123-08 综合执法　试派 阳光小区3号楼下水道堵了",
    "进度 1123-08　待办　回访（不满意、无法解决、联系不上的）",
    "热线 外部编号 内容 电话　信访 外部编号 内容",
)
_DEPARTMENT = (
    "报到 1123-08（被吹哨后到场）",
    "完成 1123-08 处理情况",
    "接单、办结（派来的子单）　进度、待办、帮助",
)
_COORDINATOR = (
    "指挥员：指派／核查 通过／挂账 30天 原因／恢复／作废 原因／合并 1123-09 并入 1123-08／拆分 1123-09／重开／改类别",
    "签收／回复督办／销号 督1123-01（督办单）",
    "同意／不同意 延期 1123-08　回访 1123-08 满意 情况",
    "热线／信访 外部编号 内容 电话（转来的）　待研判　热点　试派 内容",
    "通知 停水 明天8点到17点 阳光水岸 检修（发通知，更多见“通知 帮助”）　同意／不同意 通1123-01",
)


async def hear_help(talk: WorkerTalk, command: Command) -> Said:
    """帮助: short, and different in a group, the duty group, a department's group and single chat."""
    return tell(render_help(talk), "helped")


def render_help(talk: WorkerTalk) -> str:
    """What can be said here."""
    if not _is_known(talk.person):
        return render_stranger_help(talk)
    lines = list(_lines(talk))
    if talk.update.chat is None and is_coordinator(talk):
        lines += _COORDINATOR
    head = f"在群里@{talk.desk.house.bot_name}后这样说：" if talk.update.chat else "可以这样说："
    return "\n".join([head, *lines])


def _lines(talk: WorkerTalk) -> tuple[str, ...]:
    if talk.update.chat is None:
        return _SINGLE
    kind = talk.group.kind if talk.group else GroupKind.WORK
    return {GroupKind.DUTY: _DUTY, GroupKind.DEPARTMENT: _DEPARTMENT}.get(kind, _GROUP)


def _is_known(person: Person | None) -> bool:
    return person is not None and person.is_at_work


def render_stranger_help(talk: WorkerTalk) -> str:
    """How somebody who may not act yet comes to act."""
    if talk.update.chat is not None and talk.group is None:
        return f"本群还没有绑定网格。请回复{how_to(talk, '绑定 绑定码')}，绑定码由街道指挥中心发放。"
    where = "" if talk.update.chat else "在工作群里"
    return f"您还没有登记。请{where}回复“@{talk.desk.house.bot_name} 登记 姓名 手机号”，由网格长同意后即可使用。"


def welcome(talk: WorkerTalk) -> Said:
    """On opening the single chat."""
    if not _is_known(talk.person) or talk.person is None:
        return tell(f"您好，我是{talk.desk.house.bot_name}。{render_stranger_help(talk)}", "welcomed")
    hello = f"{talk.person.name}您好，我是{talk.desk.house.bot_name}。"
    how = "可以直接发：待办、进度 1123-08、办结 1123-08 处理情况、上报 内容，或发照片；更多请回复“帮助”。"
    return tell(hello + how, "welcomed")


def _with_number(talk: WorkerTalk, example: str) -> str:
    """The example about the case that was named, so that it can be sent as it stands."""
    quote = talk.update.quote.text if talk.update.quote else ""
    numbers = find_numbers(talk.update.text) or find_numbers(quote)
    if len(numbers) != 1:
        return example
    verb, _, rest = example.partition(" ")
    return example.replace("1123-08", numbers[0]) if "1123-08" in example else f"{verb} {numbers[0]} {rest}".rstrip()


async def hear_unknown(talk: WorkerTalk, command: Command | None) -> Said:
    """The fallback: not understood, the nearest thing that would be, and an example."""
    nearest = find_nearest(talk.update.text)
    example = how_to(talk, _with_number(talk, EXAMPLES[nearest]))
    if nearest is Verb.HELP:
        return tell(
            f"没有听懂。请回复{how_to(talk, '帮助')}看看可以说什么，例如：{how_to(talk, EXAMPLES[Verb.ACCEPT])}。",
            "unknown",
        )
    return tell(f"没有听懂。您是要“{nearest}”吗？请这样回复：{example}；其他请回复{how_to(talk, '帮助')}。", "unknown")
