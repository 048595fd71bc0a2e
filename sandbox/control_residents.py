"""Control of the official account and its residents."""

from aiohttp import web

from sandbox.account import MODES, Account
from sandbox.control import Route, rows
from sandbox.fields import Json, flag_of, object_of, text_of, texts_of
from sandbox.oa_push import verify_callback
from sandbox.oa_say import say
from sandbox.residents import Resident
from sandbox.world import World


async def put_account(world: World, request: web.Request, body: Json) -> object:
    """Sets the account up; another app id or secret makes its old tokens worthless."""
    old = world.account
    account = Account(
        app_id=text_of(body, "app_id", old.app_id),
        app_secret=text_of(body, "app_secret", old.app_secret),
        token=text_of(body, "token", old.token),
        encoding_aes_key=text_of(body, "encoding_aes_key", old.encoding_aes_key),
        mode=text_of(body, "mode", old.mode),
        callback_url=text_of(body, "callback_url", old.callback_url),
        gh_id=text_of(body, "gh_id", old.gh_id),
        is_put=True,
    )
    if account.mode not in MODES:
        raise ValueError("mode is plain, compatible or safe")
    if account.mode != "plain":
        account.crypto()
    if (account.app_id, account.app_secret) != (old.app_id, old.app_secret):
        world.tokens.forget()
    world.account = account
    return {
        "app_id": account.app_id,
        "mode": account.mode,
        "callback_url": account.callback_url,
        "gh_id": account.gh_id,
    }


async def get_account(world: World, request: web.Request, body: Json) -> object:
    """The account without its secrets."""
    account = world.account
    return {
        "app_id": account.app_id,
        "mode": account.mode,
        "callback_url": account.callback_url,
        "gh_id": account.gh_id,
        "is_put": account.is_put,
    }


async def verify(world: World, request: web.Request, body: Json) -> object:
    """Sends the platform's verification GET to the callback address."""
    if not world.account.callback_url:
        raise ValueError("no callback_url")
    return await verify_callback(world)


async def revoke_tokens(world: World, request: web.Request, body: Json) -> object:
    """Kills every access token, as another system that fetches its own would."""
    world.tokens.revoke_all()
    return {"ok": True}


def _resident(world: World, request: web.Request) -> Resident:
    return world.residents.ensure(request.match_info["openid"])


async def put_resident(world: World, request: web.Request, body: Json) -> object:
    """Sets a resident: follows, window_open, templates_accepted (true, false, or a list of template ids)."""
    resident = _resident(world, request)
    resident.follows = flag_of(body, "follows", resident.follows)
    if body.get("window_open") is not None:
        resident.close_windows()
        if flag_of(body, "window_open"):
            resident.note_message(world.clock.now())
    accepted = body.get("templates_accepted")
    if isinstance(accepted, list):
        resident.templates_accepted = frozenset(texts_of(body, "templates_accepted"))
    elif accepted is not None:
        resident.templates_accepted = bool(accepted)
    return _shown(world, resident)


def _shown(world: World, resident: Resident) -> Json:
    now, accepted = world.clock.now(), resident.templates_accepted
    return resident.as_json() | {
        "window_open": resident.message_window.is_open(now),
        "pushes_left": resident.message_window.left if resident.message_window.is_open(now) else 0,
        "templates_accepted": sorted(accepted) if isinstance(accepted, frozenset) else accepted,
    }


async def get_resident(world: World, request: web.Request, body: Json) -> object:
    """One resident with the state of the windows."""
    return _shown(world, _resident(world, request))


async def list_residents(world: World, request: web.Request, body: Json) -> object:
    """All residents."""
    return [resident.as_json() for resident in world.residents.all()]


async def say_as_resident(world: World, request: web.Request, body: Json) -> object:
    """Does something on the resident's phone and waits until WeChat's tries are over."""
    return await say(world, request.match_info["openid"], body)


async def inbox(world: World, request: web.Request, body: Json) -> object:
    """What the resident received."""
    return await rows(request, _resident(world, request).talk, received_only=True)


async def talk(world: World, request: web.Request, body: Json) -> object:
    """Both sides of the resident's chat."""
    return await rows(request, _resident(world, request).talk, received_only=False)


async def list_qrcodes(world: World, request: web.Request, body: Json) -> object:
    """The scenes made through the API so far."""
    return [{"scene": code.scene, "ticket": code.ticket, "url": code.url} for code in world.qrcodes.all()]


async def scan(world: World, request: web.Request, body: Json) -> object:
    """A resident scans a code: follows by it, or is already there; `{ticket}` or `{scene}`. Raises ValueError."""
    resident = _resident(world, request)
    code = world.qrcodes.find(text_of(body, "ticket")) or world.qrcodes.find_scene(text_of(body, "scene"))
    if code is None:
        raise ValueError("no such QR code, or it has expired")
    is_new = not resident.follows or flag_of(body, "first", not resident.talk.after(0))
    event: Json = {
        "Event": "subscribe" if is_new else "SCAN",
        "EventKey": f"qrscene_{code.scene}" if is_new else code.scene,
        "Ticket": code.ticket,
    }
    return await say(world, resident.openid, {"event": event})


async def put_voice(world: World, request: web.Request, body: Json) -> object:
    """What speech recognition will hear: `{sha256|default, text}`."""
    key = text_of(body, "sha256")
    if not key and isinstance(body.get("default"), str):
        world.voices.set("default", text_of(body, "default"))
    else:
        world.voices.set(key or "default", text_of(body, "text"))
    return {"ok": True}


async def put_templates(world: World, request: web.Request, body: Json) -> object:
    """The account's template ids `{ids}`; any other is refused from then on (40037). An empty list accepts all."""
    world.sendings.template_ids = set(texts_of(body, "ids"))
    return {"ids": sorted(world.sendings.template_ids)}


async def put_mass(world: World, request: web.Request, body: Json) -> object:
    """How mass messages end: `{status}` of MASSSENDJOBFINISH, such as `err(40001)` when the admin refuses."""
    world.sendings.mass_status = text_of(body, "status", "send success")
    return {"status": world.sendings.mass_status}


async def get_menu(world: World, request: web.Request, body: Json) -> object:
    """The live menu, null when there is none."""
    return object_of({"menu": world.menu.menu}, "menu") or None


ROUTES: tuple[Route, ...] = (
    ("PUT", "/sandbox/official_account", put_account),
    ("GET", "/sandbox/official_account", get_account),
    ("POST", "/sandbox/official_account/verify", verify),
    ("POST", "/sandbox/official_account/revoke_tokens", revoke_tokens),
    ("GET", "/sandbox/residents", list_residents),
    ("PUT", "/sandbox/residents/{openid}", put_resident),
    ("GET", "/sandbox/residents/{openid}", get_resident),
    ("POST", "/sandbox/residents/{openid}/say", say_as_resident),
    ("POST", "/sandbox/residents/{openid}/scan", scan),
    ("GET", "/sandbox/residents/{openid}/inbox", inbox),
    ("GET", "/sandbox/residents/{openid}/talk", talk),
    ("GET", "/sandbox/qrcodes", list_qrcodes),
    ("GET", "/sandbox/menu", get_menu),
    ("PUT", "/sandbox/voices", put_voice),
    ("PUT", "/sandbox/templates", put_templates),
    ("PUT", "/sandbox/mass", put_mass),
)
