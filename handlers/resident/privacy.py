"""What a resident may ask about himself: 隐私, 匿名, 导出我的信息, 删除我的信息."""

from datetime import timedelta

from grid.actions.privacy import hide_reporter
from grid.questions import Ask, Question
from grid.wording import category_name, preview, status_name
from grid.workflow import Move
from handlers.reply import Reply, Said
from handlers.resident.naming import find_named, pick
from handlers.resident.progress import answered, decided, find_obstacle
from handlers.talk import ResidentTalk
from nlp.mask import mask_phone
from storage.loop_tables import Erasure
from storage.plan import Change, Plan
from storage.rows import fresh

ABOUT = (
    "您发来的内容只用于办理您反映的事项。办理人员能看到内容和您留的电话，工作群里电话和证件号会遮住。\n"
    "回复“匿名”：办理人员也看不到您是谁。\n"
    "回复“导出我的信息”：看我们存了什么。\n"
    "回复“删除我的信息”：删除您的个人信息。"
)
_ASK_ERASE = (
    "将删除您的称呼、电话、住址、聊天内容、照片和录音。\n"
    "正在办理的工单办完后再删；依法须留存的办理记录（编号、类别、时间、处理结果）不含您的个人信息。\n"
    "确定请回复“确认删除”。"
)
_ERASING = "好的，您的个人信息将在24小时内删除。以后有事仍可随时告诉我。"
_CONFIRM_WITHIN = timedelta(minutes=10)
_MOST_LISTED = 12
# A question that is about himself names no case.
_NO_CASE = 0


async def about_privacy(talk: ResidentTalk, word: str) -> Said | None:
    """隐私: what happens to what he tells, and what he may ask for."""
    return answered(ABOUT)


async def hide_me(talk: ResidentTalk, word: str) -> Said | None:
    """匿名, for the case that he names or talks about."""
    named = await find_named(talk)
    if isinstance(named, Said):
        return named
    case = named or pick(talk, talk.list_open())
    if case is None:
        return answered("可以匿名反映。请把事情告诉我，并写上“匿名”两个字，办理人员不会看到您是谁。")
    if case.anonymous:
        return answered(f"工单 {case.number} 已按匿名办理，办理人员看不到您是谁。", case)
    obstacle = find_obstacle(case, Move.SUPPLEMENT)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    if not talk.is_own(case):
        return answered(f"工单 {case.number} 是多位居民共同反映的，工作群看不到您是谁。", case)
    made = hide_reporter(talk.desk, case, talk.actor)
    text = f"好的，工单 {case.number} 按匿名办理：办理人员看不到您的电话，也看不到您是谁。"
    return decided(made, text, case, "hidden")


async def export_me(talk: ResidentTalk, word: str) -> Said | None:
    """导出我的信息: what is kept of him, at a glance; the whole of it lies behind a link of his own."""
    if talk.is_new:
        return answered("我们还没有存您的任何信息。")
    resident = talk.resident
    home = talk.desk.city.area_name(resident.area_code) if resident.area_code in talk.desk.city.areas else "未填"
    lines = [
        "我们存有您的以下信息：",
        f"称呼：{resident.name or '未填'}；电话：{mask_phone(resident.phone) if resident.phone else '未填'}",
        f"所在网格：{home if resident.area_code else '未填'}；住址：{resident.home or '未填'}",
        f"反映过的事项：{len(talk.cases)}件。" if talk.cases else "没有反映过事项。",
    ]
    for case in talk.cases[:_MOST_LISTED]:
        told = preview(talk.seen(case).text, 16)
        lines.append(
            f"{case.number} {category_name(case.category)} {status_name(case.status)}{f'：{told}' if told else ''}"
        )
    link = talk.desk.links.for_export(resident.id, talk.desk.now)
    lines.append(f"完整内容（当天有效，请勿转发）：{link}" if link else "需要完整的一份，可持本人证件到社区领取。")
    return answered("\n".join(lines), outcome="exported")


async def erase_me(talk: ResidentTalk, word: str) -> Said | None:
    """删除我的信息: said once more before it happens."""
    if talk.is_new:
        return answered("我们还没有存您的任何信息。")
    question = Question(Ask.ERASE, _NO_CASE, "", talk.desk.now + _CONFIRM_WITHIN)
    talk.conversation = talk.conversation.ask(question)
    running = len(talk.list_open())
    return answered(f"{_ASK_ERASE}{f'（您现有{running}件正在办理）' if running else ''}")


async def confirm_erase(talk: ResidentTalk, word: str) -> Said | None:
    """确认删除: kept as a wish, carried out by a job; None when nobody asked him."""
    question = talk.conversation.find(Ask.ERASE)
    if question is None:
        return answered("要删除您的个人信息，请先回复“删除我的信息”。")
    talk.conversation = talk.conversation.drop(question)
    known = await talk.books.find(Erasure, talk.resident.id)
    if known is None:
        plan = Plan(rows=[fresh(Erasure, resident_id=talk.resident.id, asked_at=talk.desk.now)])
    else:
        plan = Plan(changes=[Change(Erasure, known.resident_id, None, {"asked_at": talk.desk.now, "done_at": None})])
    talk.learned.update(name="", phone="", home="", area_code=None)
    return Said(Reply(_ERASING), "erased", plan)
