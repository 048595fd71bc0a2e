"""What he asks for: 进度, 催办, 我的网格员, 帮助, 人工."""

from datetime import timedelta

from grid.actions.reporter import hurry
from grid.link_lines import resident_link
from grid.questions import Ask
from grid.workflow import Move
from handlers.reply import Said
from handlers.resident.naming import find_named, pick
from handlers.resident.phrases import HELP, NO_CASE, STILL_IN_DANGER, TELL_ME
from handlers.resident.progress import answered, decided, find_obstacle, progress_line
from handlers.talk import ResidentTalk
from storage.tables import Case

_MOST_SHOWN = 5
# More addresses would not fit into one reply, and a cut one leads nowhere.
_LINKED = 3
_OFFICE_HOURS = "工作日 08:30–12:00、13:00–17:00"
# Nobody works faster for being told twice in ten minutes; the group's messages are counted by the platform.
_URGED_AGAIN_AFTER = timedelta(minutes=10)


async def progress(talk: ResidentTalk, word: str) -> Said | None:
    """进度 of one case, or of all that run (of the last ones, where none runs)."""
    named = await find_named(talk)
    if isinstance(named, Said):
        return named
    if named is not None:
        return answered(_progress(talk, named), named)
    opened = talk.list_open()
    shown = (opened or list(talk.cases))[:_MOST_SHOWN]
    if not shown:
        return answered(NO_CASE)
    more = len(opened) - len(shown)
    say = _progress if len(shown) <= _LINKED else _line
    lines = [say(talk, case) for case in shown]
    return answered("\n".join([*lines, f"还有{more}件，请回复工单号查询。"] if more > 0 else lines))


def _line(talk: ResidentTalk, case: Case) -> str:
    return progress_line(talk.desk, talk.seen(case))


def _progress(talk: ResidentTalk, case: Case) -> str:
    address = resident_link(talk.desk, case, talk.resident.id)
    return "\n".join(line for line in (_line(talk, case), address) if line)


async def urge(talk: ResidentTalk, word: str) -> Said | None:
    """催办: the group hears that somebody waits, at most every ten minutes."""
    named = await find_named(talk)
    if isinstance(named, Said):
        return named
    case = named or pick(talk, talk.list_open())
    if case is None:
        # 什么时候来修路灯 of somebody who has told nothing yet is a matter.
        return answered(NO_CASE) if word.startswith("催") or not word else None
    obstacle = find_obstacle(case, Move.HURRY)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    line = progress_line(talk.desk, talk.seen(case))
    if _was_just_told(talk, case, word):
        danger = f"{STILL_IN_DANGER}\n" if case.emergency else ""
        return answered(f"{danger}已经通知到了，请稍等。\n{line}", case)
    return decided(hurry(talk.desk, case, talk.actor), f"已替您催办，会尽快处理。\n{line}", case, "hurried")


def _was_just_told(talk: ResidentTalk, case: Case, word: str) -> bool:
    if talk.desk.now - case.touched_at >= _URGED_AGAIN_AFTER:
        return False
    # 催办 itself counts the first time at any moment; 快点 right after the report is only impatience.
    return case.hurried > 0 or not word.startswith("催")


async def my_worker(talk: ResidentTalk, word: str) -> Said | None:
    """我的网格员: name, whole duty phone, hours and scope of his grid."""
    lines = worker_lines(talk)
    if lines is None:
        return answered("还不知道您住在哪个网格。请告诉我小区和楼号，也可以发送位置，或扫楼道里的网格二维码。")
    return answered("\n".join(lines))


def worker_lines(talk: ResidentTalk) -> list[str] | None:
    """The grid worker of where he lives, else of where his last matter was; None where neither is known."""
    city, bound = talk.desk.city, talk.resident.area_code
    code = bound or next((case.area_code for case in talk.cases if case.area_code), None)
    if code is None or code not in city.areas:
        return None
    node, person = city.areas[code], city.find_lead(code)
    name = city.area_name(code)
    return [
        f"您所在的是{name}。" if bound else f"您上次反映的地点属于{name}。",
        *([f"网格员：{person.name}{f'，电话{person.phone}' if person.phone else ''}。"] if person else []),
        f"服务时间：{node.service_hours or _OFFICE_HOURS}。",
        *([f"网格范围：{node.scope}。"] if node.scope else []),
        *([f"值班电话：{node.duty_phone}。"] if node.duty_phone else []),
    ]


async def show_help(talk: ResidentTalk, word: str) -> Said | None:
    """帮助."""
    return answered(HELP)


async def talk_to_human(talk: ResidentTalk, word: str) -> Said | None:
    """人工: what this is, and the person behind it. A worker who asked something gets the answer, whatever it is."""
    if talk.conversation.find(Ask.WORKER) is not None:
        return None
    lines = worker_lines(talk)
    return answered("\n".join(["我是网格助手，您说的事由网格员来办。", *(lines or [TELL_ME])]))
