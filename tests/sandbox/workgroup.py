"""Words for talking in the group `g1` and for what a bot says there."""

from tests.sandbox.conftest import BotSide, Play


def markdown(text: str = "**好**") -> dict[str, object]:
    return {"msgtype": "markdown", "markdown": {"content": text}}


def card(task_id: str = "t1", **more: object) -> dict[str, object]:
    body = {
        "card_type": "button_interaction",
        "main_title": {"title": "【工单 1123-08】", "desc": "下水道堵"},
        "button_list": [{"text": "接单", "key": "accept:1"}, {"text": "退回", "key": "return:1"}],
        "task_id": task_id,
    }
    return {"msgtype": "template_card", "template_card": body | more}


def send(chatid: str, body: dict[str, object]) -> dict[str, object]:
    return {"chatid": chatid, **body}


async def say(play: Play, text: str = "待办", **more: object) -> dict[str, object]:
    return await play.post("/groups/g1/say", {"userid": "w1", "text": text, "mention": True, **more})


async def messages(play: Play, chatid: str = "g1") -> list[dict[str, object]]:
    return await play.get(f"/groups/{chatid}/messages?after=0")


async def hang_card(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 0


async def click(play: Play, key: str = "accept:1", task_id: str = "t1") -> dict[str, object]:
    return await play.post("/groups/g1/click", {"userid": "w1", "task_id": task_id, "key": key})


def update(task_id: str = "t1", title: str = "已由 王芳 接单") -> dict[str, object]:
    changed = card(task_id, main_title={"title": title}, button_list=[{"text": "办结", "key": "done:1"}])
    return {"response_type": "update_template_card", "template_card": changed["template_card"]}


def stream(text: str, finish: bool, **more: object) -> dict[str, object]:
    return {"msgtype": "stream", "stream": {"id": "s1", "content": text, "finish": finish, **more}}
