"""Menu and QR codes of the account's API."""

import hashlib
import io

from aiohttp import web
from PIL import Image

from sandbox.fields import Json
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.menu import menu_answer
from sandbox.oa_custom import BASE

MODULES, MODULE_PIXELS = 25, 8


async def _create(call: ApiCall) -> Answer:
    call.world.menu.create(call.message)
    return ok()


async def _get(call: ApiCall) -> Answer:
    return menu_answer(call.world.menu.menu)


async def _delete(call: ApiCall) -> Answer:
    call.world.menu.menu = None
    return ok()


async def _current(call: ApiCall) -> Answer:
    menu = call.world.menu.menu
    return {"is_menu_open": 1 if menu else 0, "selfmenu_info": menu or {"button": []}}


async def _create_qrcode(call: ApiCall) -> Answer:
    code, life_seconds = call.world.qrcodes.create(call.json)
    answer: Json = {"ticket": code.ticket, "url": code.url}
    return answer if life_seconds is None else answer | {"expire_seconds": life_seconds}


async def _show_qrcode(call: ApiCall) -> Answer:
    code = call.world.qrcodes.find(call.query.get("ticket", ""))
    if code is None:
        return web.Response(status=404, text="")
    return web.Response(body=_picture(code.ticket), content_type="image/png")


def _picture(ticket: str) -> bytes:
    """A picture that stands for the code: squares drawn from the ticket's digest, not one that a phone can read."""
    bits = int.from_bytes(hashlib.shake_256(ticket.encode()).digest(MODULES * MODULES // 8 + 1))
    picture = Image.new("1", (MODULES, MODULES), 1)
    for index in range(MODULES * MODULES):
        if bits >> index & 1:
            picture.putpixel((index % MODULES, index // MODULES), 0)
    side, file = MODULES * MODULE_PIXELS, io.BytesIO()
    picture.resize((side, side)).save(file, "PNG")
    return file.getvalue()


APIS = (
    Api(f"{BASE}/menu/create", _create),
    Api(f"{BASE}/menu/get", _get, method="GET"),
    Api(f"{BASE}/menu/delete", _delete, method="GET"),
    Api(f"{BASE}/get_current_selfmenu_info", _current, method="GET"),
    Api(f"{BASE}/qrcode/create", _create_qrcode),
    Api(f"{BASE}/showqrcode", _show_qrcode, method="GET", needs_token=False),
)
