"""Messages, pictures and a line that answers by script."""

from collections.abc import Mapping
from typing import Any

from bot.ports import Address, Picture, WireFailure
from bot.workgroup.frames import Body
from grid.message import Button, Card, Message
from handlers.update import Door, Event, Update, UpdateKind
from tests.clock import START

GROUP = Address("group:1", "G1", "hook-key-1")
BUTTONS = (Button("accept", "接单"), Button("return", "退回", 3))
CARD = Card("1123-08@1", "城建物业 · 一般", (("地点", "阳光水岸12号楼"),), BUTTONS)
DISPATCH = Message("dispatch", "【工单 1123-08】城建物业 下水道堵", CARD)
PNG = Picture("a.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(100))


class ScriptedLine:
    """Keeps every request; `script[cmd]` is a list of what happens, one by one: a body, or a failure to raise."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Body, str | None]] = []
        self.script: dict[str, list[Mapping[str, Any] | WireFailure]] = {}
        self.uploads = 0

    async def request(self, cmd: str, body: Body, req_id: str | None = None) -> Body:
        self.asked.append((cmd, body, req_id))
        if self.script.get(cmd):
            step = self.script[cmd].pop(0)
            if isinstance(step, WireFailure):
                raise step
            return step
        if cmd == "aibot_upload_media_init":
            self.uploads += 1
            return {"upload_id": f"U{self.uploads}"}
        return {"media_id": f"M{self.uploads}"} if cmd == "aibot_upload_media_finish" else {}

    def said(self) -> list[str]:
        """What reached chats, in order: `cmd msgtype`."""
        kinds = ("aibot_send_msg", "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg")
        return [f"{cmd[6:]} {body.get('msgtype', '')}".strip() for cmd, body, _ in self.asked if cmd in kinds]


def make_update(text: str = "接单", *, event: Event | None = None, chat: str | None = "G1") -> Update:
    """An update of wangfang's from group G1."""
    kind = UpdateKind.EVENT if event else UpdateKind.TEXT
    return Update(
        Door.AIBOT, kind, "aibot:B1:m1", "wangfang", "B1", START, chat=chat, text=text, event=event, req_id="cb-1"
    )


CLICK = Event("TEMPLATE_CARD_EVENT", "accept", {"task_id": "1123-08@1"})
