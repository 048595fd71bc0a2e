"""What opens no case: greetings, thanks, praise, stickers, nothing at all; and the last word when nothing else fits."""

from grid.actions.reporter import supplement
from grid.workflow import Refusal
from handlers.reply import SILENCE, Reply, Said
from handlers.resident.phrases import HELP
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind
from nlp.reading import Talk
from storage.plan import Plan

_ANSWERS = {
    Talk.GREETING: "您好，我在。请直接告诉我：哪里、什么问题。",
    Talk.THANKS: "不客气，有事随时找我。",
    Talk.PRAISE: "谢谢您的肯定，我会转达给网格员。",
    Talk.STICKER: "收到。有事请用文字、照片或语音告诉我。",
    Talk.EMPTY: "请直接告诉我：哪里、什么问题。",
}


async def smalltalk(talk: ResidentTalk) -> Said | None:
    """Kind words, kindly answered."""
    if talk.update.kind is not UpdateKind.TEXT:
        return None
    answer = _ANSWERS.get(talk.read().talk)
    return Said(Reply(answer), "none", Plan()) if answer is not None else None


async def fragment(talk: ResidentTalk) -> Said | None:
    """A few words that say no matter of their own, soon after one was told: they belong to it."""
    if talk.update.kind is not UpdateKind.TEXT or (talk.read().talk is Talk.CHATTER and len(talk.update.text) < 4):
        return None
    recent = [case for case in talk.list_open() if talk.desk.now - case.touched_at <= talk.desk.house.join_for]
    if not recent:
        return None
    plan = supplement(talk.desk, recent[0], talk.actor, talk.update.text)
    if isinstance(plan, Refusal):
        return None
    return Said(Reply(f"已补充到工单 {recent[0].number}。"), "joined", plan, recent[0].id)


async def fallback(talk: ResidentTalk) -> Said:
    """Whatever is left: said calmly, with what would be understood."""
    match talk.update.kind:
        case UpdateKind.TEXT:
            return Said(
                Reply(HELP if talk.is_new else "好的。有事请直接告诉我：哪里、什么问题；回复“帮助”看我能做什么。"),
                "none",
            )
        case UpdateKind.LINK:
            return Said(Reply("链接已收到并留存。请用一句话说明：在哪里、什么问题。"), "none")
        case UpdateKind.UNKNOWN:
            return Said(SILENCE, "none")
        case _:
            return Said(Reply("已收到。请用文字、照片或语音告诉我：在哪里、什么问题。"), "none")
