"""Control of bots, groups and workers."""

from aiohttp import web

from sandbox.bot_http import verify_bot_callback
from sandbox.bot_say import click, say_in_group, say_in_single
from sandbox.control import Route, rows
from sandbox.fields import Json, objects_of, text_of, texts_of
from sandbox.world import World

BOT_MODES = ("ws", "callback")


async def put_bot(world: World, request: web.Request, body: Json) -> object:
    """Sets a bot up."""
    bot = world.bots.ensure(request.match_info["bot_id"])
    mode = text_of(body, "mode", bot.mode)
    if mode not in BOT_MODES:
        raise ValueError("mode is ws or callback")
    bot.mode, world.bots.is_put, bot.is_put = mode, True, True
    for field in ("secret", "name", "callback_url", "token", "encoding_aes_key"):
        if isinstance(body.get(field), str):
            setattr(bot, field, text_of(body, field))
    if mode == "callback":
        bot.crypto()
    return bot.as_json()


async def verify_bot(world: World, request: web.Request, body: Json) -> object:
    """Sends the platform's verification GET to the bot's callback address."""
    return await verify_bot_callback(world, world.bots.ensure(request.match_info["bot_id"]))


async def list_bots(world: World, request: web.Request, body: Json) -> object:
    """All bots and whether they are connected."""
    return [bot.as_json() for bot in world.bots.by_id.values()]


def _members(body: Json) -> list[tuple[str, str]]:
    found = [(text_of(member, "userid"), text_of(member, "name")) for member in objects_of(body, "members")]
    return found + [(userid, "") for userid in texts_of(body, "members")]


async def put_group(world: World, request: web.Request, body: Json) -> object:
    """Sets a group up; without `bots` any bot serves it."""
    bots = texts_of(body, "bots") if isinstance(body.get("bots"), list) else None
    for bot_id in bots or []:
        world.bots.ensure(bot_id)
    chatid, key = request.match_info["chatid"], text_of(body, "webhook_key")
    return world.chats.set_group(chatid, text_of(body, "name"), _members(body), bots, key).as_json()


async def list_groups(world: World, request: web.Request, body: Json) -> object:
    """All groups."""
    every = [bot.bot_id for bot in world.bots.by_id.values()]
    return [
        group.as_json() | {"bots": every if group.bots is None else group.bots} for group in world.chats.groups.values()
    ]


async def list_workers(world: World, request: web.Request, body: Json) -> object:
    """All workers."""
    return [worker.as_json() for worker in world.chats.workers.values()]


async def say_group(world: World, request: web.Request, body: Json) -> object:
    """A worker writes in a group."""
    return await say_in_group(world, request.match_info["chatid"], body)


async def click_group(world: World, request: web.Request, body: Json) -> object:
    """A worker presses a card's button in a group."""
    return await click(world, request.match_info["chatid"], True, body)


async def messages(world: World, request: web.Request, body: Json) -> object:
    """Both sides of a group's chat."""
    return await rows(request, world.chats.ensure_group(request.match_info["chatid"]).talk, received_only=False)


async def say_worker(world: World, request: web.Request, body: Json) -> object:
    """A worker writes to the bot alone."""
    return await say_in_single(world, request.match_info["userid"], body)


async def click_worker(world: World, request: web.Request, body: Json) -> object:
    """A worker presses a card's button in single chat."""
    userid = request.match_info["userid"]
    return await click(world, userid, False, body | {"userid": userid})


async def worker_inbox(world: World, request: web.Request, body: Json) -> object:
    """What the bot wrote to a worker."""
    return await rows(request, world.chats.ensure_worker(request.match_info["userid"]).talk, received_only=True)


async def worker_talk(world: World, request: web.Request, body: Json) -> object:
    """Both sides of a single chat."""
    return await rows(request, world.chats.ensure_worker(request.match_info["userid"]).talk, received_only=False)


ROUTES: tuple[Route, ...] = (
    ("PUT", "/sandbox/bots/{bot_id}", put_bot),
    ("GET", "/sandbox/bots", list_bots),
    ("POST", "/sandbox/bots/{bot_id}/verify", verify_bot),
    ("PUT", "/sandbox/groups/{chatid}", put_group),
    ("GET", "/sandbox/groups", list_groups),
    ("POST", "/sandbox/groups/{chatid}/say", say_group),
    ("POST", "/sandbox/groups/{chatid}/click", click_group),
    ("GET", "/sandbox/groups/{chatid}/messages", messages),
    ("GET", "/sandbox/groups/{chatid}/talk", messages),
    ("GET", "/sandbox/workers", list_workers),
    ("POST", "/sandbox/workers/{userid}/say", say_worker),
    ("POST", "/sandbox/workers/{userid}/click", click_worker),
    ("GET", "/sandbox/workers/{userid}/inbox", worker_inbox),
    ("GET", "/sandbox/workers/{userid}/talk", worker_talk),
)
