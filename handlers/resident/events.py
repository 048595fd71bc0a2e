"""What WeChat tells of a resident without his typing: following, scanning, the menu, and what became of notices."""

from handlers.reply import SILENCE, Reply, Said
from handlers.resident.commands import MENU_KEYS
from handlers.resident.phrases import HELP, WELCOME
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind
from storage.plan import Plan

SCENE_PREFIX = "grid-"
_FORGET = {"UNSUBSCRIBE", "USER_AUTHORIZATION_REVOKE", "USER_AUTHORIZATION_CANCELLATION"}


async def event(talk: ResidentTalk) -> Said | None:
    """Any event; those that ask for nothing are kept and answered with silence."""
    happened = talk.update.event
    if talk.update.kind is not UpdateKind.EVENT or happened is None:
        return None
    match happened.name:
        case "SUBSCRIBE":
            talk.learned["follows"] = True
            return _greet(talk, happened.key.removeprefix("qrscene_"))
        case "SCAN":
            return _greet(talk, happened.key)
        case "CLICK":
            handler = MENU_KEYS.get(happened.key)
            return (await handler(talk, "") if handler else None) or Said(Reply(HELP), "answered")
        case name if name in _FORGET:
            # The platform asks to delete what the account gave; open matters go on under their numbers.
            talk.learned.update(follows=False, area_code=None, home="", name="", phone="")
            return Said(SILENCE, "unfollowed", Plan())
        case _:
            return Said(SILENCE, "noted", Plan())


def _greet(talk: ResidentTalk, scene: str) -> Said:
    code = scene.removeprefix(SCENE_PREFIX)
    city = talk.desk.city
    if scene.startswith(SCENE_PREFIX) and code in city.areas:
        talk.learned["area_code"] = code
        person = city.find_lead(code)
        phone = f"，电话{person.phone}" if person and person.phone else ""
        whom = f"网格员{person.name}{phone}。" if person else ""
        return Said(Reply(f"您好，这里是{city.area_name(code)}。{whom}\n有事直接发文字、照片或语音给我。"), "bound")
    return Said(Reply(WELCOME), "greeted")
