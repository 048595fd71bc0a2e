"""What a resident can do with a phone, and the push that WeChat makes of it.

Source: developers.weixin.qq.com/doc/service/guide/capability/basic-message/receive-message
"""

import asyncio
from dataclasses import dataclass

from sandbox.fields import Json, decode_base64, flag_of, number_of, object_of, text_of, whole_of
from sandbox.oa_push import Outcome, push, settle
from sandbox.oa_xml import Pair, Value, render_push
from sandbox.residents import Resident
from sandbox.world import World

ACTION_EVENTS = frozenset({"subscribe", "SCAN", "CLICK", "scancode_push", "scancode_waitmsg"})
MAX_REPEAT = 50


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing done on a phone: the push's fields after CreateTime, and how the page shows it."""

    msgtype: str
    pairs: list[Pair]
    text: str
    media: list[Json]
    has_msgid: bool = True


def read_saying(world: World, body: Json) -> Saying:
    """What `say` was asked to send. Raises ValueError when it is none of the kinds."""
    for key, reader in _READERS.items():
        if key in body:
            return reader(world, body)
    raise ValueError("one of text, image, voice, video, location, link, event is needed")


def _text(world: World, body: Json) -> Saying:
    pairs: list[Pair] = [("MsgType", "text"), ("Content", text_of(body, "text"))]
    if body.get("bizmsgmenuid") is not None:
        pairs.append(("bizmsgmenuid", text_of(body, "bizmsgmenuid")))
    return Saying("text", pairs, text_of(body, "text"), [])


def _image(world: World, body: Json) -> Saying:
    medium = world.media.add("image", decode_base64(body["image"]), "oa", "image.jpg")
    address = f"{world.base_url}/sandbox/media/{medium.sha256}"
    pairs: list[Pair] = [("MsgType", "image"), ("PicUrl", address), ("MediaId", medium.media_id)]
    return Saying("image", pairs, "", [world.media.as_json(medium.sha256, world.base_url)])


def _voice(world: World, body: Json) -> Saying:
    sound = decode_base64(body["voice"])
    narrow, wide = (world.media.add("voice", sound, "oa", "voice.amr") for _ in range(2))
    pairs: list[Pair] = [
        ("MsgType", "voice"),
        ("MediaId", narrow.media_id),
        ("Format", text_of(body, "format", "amr")),
        ("MediaId16K", wide.media_id),
    ]
    if flag_of(body, "recognition_element"):
        pairs.append(("Recognition", ""))
    return Saying("voice", pairs, "", [world.media.as_json(narrow.sha256, world.base_url, "voice")])


def _video(world: World, body: Json) -> Saying:
    medium = world.media.add("video", decode_base64(body["video"]), "oa", "video.mp4")
    thumb = world.media.add("thumb", b"\xff\xd8\xff\xd9", "oa", "thumb.jpg")
    kind = text_of(body, "msgtype", "video")
    pairs: list[Pair] = [("MsgType", kind), ("MediaId", medium.media_id), ("ThumbMediaId", thumb.media_id)]
    return Saying(kind, pairs, "", [world.media.as_json(medium.sha256, world.base_url, "video")])


def _location(world: World, body: Json) -> Saying:
    place = object_of(body, "location")
    latitude, longitude = number_of(place, "lat"), number_of(place, "lon")
    label = text_of(place, "label")
    pairs: list[Pair] = [
        ("MsgType", "location"),
        ("Location_X", latitude),
        ("Location_Y", longitude),
        ("Scale", whole_of(place, "scale", 16)),
        ("Label", label),
    ]
    return Saying("location", pairs, f"[位置] {label} {latitude:.6f},{longitude:.6f}", [])


def _link(world: World, body: Json) -> Saying:
    link = object_of(body, "link")
    title, url = text_of(link, "title"), text_of(link, "url")
    pairs: list[Pair] = [
        ("MsgType", "link"),
        ("Title", title),
        ("Description", text_of(link, "description")),
        ("Url", url),
    ]
    return Saying("link", pairs, f"{title} {url}", [])


def _event(world: World, body: Json) -> Saying:
    event = object_of(body, "event")
    name = text_of(event, "Event")
    if not name:
        raise ValueError("event needs Event")
    pairs: list[Pair] = [("MsgType", "event"), ("Event", name)]
    if name in ("subscribe", "unsubscribe") and "EventKey" not in event:
        pairs.append(("EventKey", ""))
    pairs += _pairs_of({key: value for key, value in event.items() if key != "Event"})
    return Saying("event", pairs, f"[{name}] {text_of(event, 'EventKey')}".strip(), [], has_msgid=False)


def _pairs_of(fields: Json) -> list[Pair]:
    pairs: list[Pair] = []
    for key, value in fields.items():
        pairs += _expand(key, value)
    return pairs


def _expand(key: str, value: object) -> list[Pair]:
    """A list of objects becomes repeated elements, as WeChat repeats `List` and `item`."""
    if isinstance(value, dict):
        return [(key, _pairs_of(value))]
    if isinstance(value, list):
        return [pair for item in value for pair in _expand(key, item)]
    plain: Value = value if isinstance(value, str | int | float) else str(value)
    return [(key, plain)]


_READERS = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "location": _location,
    "link": _link,
    "event": _event,
}


def note_on_resident(world: World, resident: Resident, saying: Saying) -> None:
    """What the platform itself draws from it: following, scene, and the windows for pushing."""
    now = world.clock.now()
    if saying.has_msgid:
        resident.note_message(now)
        return
    fields = dict(saying.pairs)
    event, key = str(fields.get("Event", "")), str(fields.get("EventKey", ""))
    if event == "subscribe":
        resident.follows, resident.followed_at = True, now
        resident.scene = key.removeprefix("qrscene_") or resident.scene
    elif event == "unsubscribe":
        resident.follows = False
        resident.close_windows()
    if event in ACTION_EVENTS:
        resident.note_action(now)


async def say(world: World, openid: str, body: Json) -> Json:
    """Does on a resident's phone what `body` tells, and answers once every try has ended. Raises ValueError."""
    resident = world.residents.ensure(openid)
    saying = read_saying(world, body)
    is_following_now = dict(saying.pairs).get("Event") == "subscribe"
    if not resident.follows and not is_following_now:
        return {"msgid": None, "tries": [], "reply": None, "why": "没有关注公众号，发不出消息"}
    own = resident.talk.add("me", saying.msgtype, saying.text, media=saying.media)
    note_on_resident(world, resident, saying)
    msgid = text_of(body, "msgid") or str(world.next_number())
    numbered: list[Pair] = [("MsgId", int(msgid) if msgid.isdigit() else msgid)] if saying.has_msgid else []
    created_at = whole_of(body, "create_time", int(own.at))
    own.raw = inner = render_push(world.account, openid, created_at, saying.pairs + numbered)
    if not world.account.callback_url:
        return {"msgid": msgid, "tries": [], "reply": None, "why": "公众号没有配置回调地址"}
    outcomes = await _push_all(world, openid, inner, max(1, min(whole_of(body, "repeat", 1), MAX_REPEAT)))
    return _report(world, resident, msgid if saying.has_msgid else None, outcomes)


async def _push_all(world: World, openid: str, inner: str, times: int) -> list[Outcome]:
    """The same push `times` times: all but the last at once, and of three or more the last when the others are over."""
    at_once = times if times < 3 else times - 1
    outcomes = list(await asyncio.gather(*(push(world, openid, inner) for _ in range(at_once))))
    if at_once < times:
        outcomes.append(await push(world, openid, inner))
    return outcomes


def _report(world: World, resident: Resident, msgid: str | None, outcomes: list[Outcome]) -> Json:
    best = next((item for item in outcomes if item.reply), None) or next(
        (item for item in outcomes if not item.gave_up and not item.malformed), outcomes[0]
    )
    settle(world, resident, best)
    reply = {"msgtype": best.reply.msgtype, "text": best.reply.text} if best.reply else None
    answer: Json = {
        "msgid": msgid,
        "tries": [item.as_json() for outcome in outcomes for item in outcome.tries],
        "reply": reply,
    }
    if len(outcomes) > 1:
        answer["replies"] = [outcome.reply.text if outcome.reply else None for outcome in outcomes]
    if best.malformed:
        answer["why"] = best.malformed
    return answer | ({"platform_gave_up": True} if best.gave_up else {})
