"""What a reporter may ask for himself: that nobody hears who he is (匿名)."""

from grid.actions.steps import Decision, step, tell_group
from grid.desk import Actor, Desk
from grid.message import Message
from grid.secrecy import hushed
from grid.wording import tag
from grid.workflow import Move, Refusal
from storage.tables import Case

ASKS_FOR_SILENCE = ("匿名", "不要透露我", "别透露我", "不要说是我", "别说是我", "替我保密", "为我保密", "保护我的隐私")


def asks_for_silence(text: str) -> bool:
    """Whether somebody says with his matter that nobody may hear who told it."""
    return any(word in text for word in ASKS_FOR_SILENCE)


def hide_reporter(desk: Desk, case: Case, actor: Actor) -> Decision:
    """匿名: from now on nobody who works on the case sees a phone or a name; whoever has it is told not to ask around."""
    values = {"anonymous": True, "phone": "", "text": hushed(case.text)}
    made = step(desk, case, Move.SUPPLEMENT, actor, None, values, anonymous=True)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("anonymous", f"{tag(case)}反映人要求匿名，请勿打听是谁反映的。"))
    return plan
