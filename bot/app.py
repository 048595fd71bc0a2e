"""The composition root: settings in, a running service out. It reads as a table of contents."""

import asyncio
import gc
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from bot.case_pages import CASE_PAGE_KEY, draw_key, make_links, make_pages, read_key
from bot.cityhall import PLACES_VERSION, CityHall
from bot.clock import Clock, SharedClock, system_clock
from bot.delivery.directory import ArchiveDirectory
from bot.delivery.worker import Delivery, make_buckets
from bot.digests import Digests
from bot.dispatcher import Dispatcher
from bot.doors import AccountParts, ChatDoor, open_account, open_chat_door
from bot.erasing import Eraser
from bot.jobs import Jobs
from bot.lexicons import Lexicons
from bot.media import MediaKeeper
from bot.notices import NoticeJobs
from bot.notices_door import NoticeDoor, open_notices
from bot.notices_drafts import DraftPictures
from bot.schedule import Schedule
from bot.settings import Settings, VoiceProvider
from bot.supervision import Supervisor
from bot.supervision_calls import CallsSupervisor
from bot.voice.connect import KeptTeller, open_voice
from bot.voice.job import VoiceJob
from bot.web import OfficialAccountCallback, Probe, operator_routes
from bot.workgroup.webhook_transport import WebhookTransport
from grid.desk import House
from handlers.talk import CITY_VERSION
from storage.anchors import make_anchor
from storage.archive import Archive, open_archive
from storage.engine import make_engine
from storage.learning_queries import LEXICON_VERSION
from storage.queries import Books
from storage.schema import migrate
from storage.settings import set_facts
from storage.writing import writing

log = logging.getLogger(__name__)

_GARBAGE_AFTER = 20_000
_TURN_SECONDS = 0.001


@dataclass(slots=True)
class Service:
    """A running service: what the HTTP server needs, and what commands and tests look at."""

    app: web.Application
    archive: Archive
    books: Books
    hall: CityHall
    dispatcher: Dispatcher
    delivery: Delivery
    account: AccountParts | None
    chat: ChatDoor | None
    clock: Clock
    holder: str
    notices: NoticeDoor


def make_house(settings: Settings) -> House:
    """The law's own settings out of the file's."""
    return House(
        bot_name=settings.aibot.name if settings.aibot else "网格助手",
        gas_phone=settings.emergency.gas_phone,
        transcribes=settings.voice.provider is not VoiceProvider.OFF,
        repair_phones={
            "停水": settings.emergency.water_phone,
            "停电": settings.emergency.power_phone,
            "停暖": settings.emergency.heating_phone,
        },
        join_for=timedelta(seconds=settings.limits.join_seconds),
        checks=settings.checks.make_checks(),
        ladder=settings.ladder.make_ladder(),
        notices=settings.notices.make_rules(),
        most_characters=settings.limits.text_characters,
    )


async def prepare_archive(settings: Settings) -> None:
    """Bring the database to the present schema and write the facts that every process expects."""
    engine = make_engine(settings.storage.url)
    try:
        await migrate(engine)
        async with writing(engine) as connection:
            await set_facts(connection, {CASE_PAGE_KEY: draw_key()}, overwrite=False)
            await set_facts(connection, {CITY_VERSION: "", PLACES_VERSION: "", LEXICON_VERSION: ""}, overwrite=False)
    finally:
        await engine.dispose()


MakeDispatcher = Callable[[Archive, Books, CityHall], Dispatcher]


@asynccontextmanager
async def open_service(settings: Settings, make_dispatcher: MakeDispatcher = Dispatcher) -> AsyncIterator[Service]:
    """Everything but the listening socket, running; stopped in the reverse order at the end.

    `make_dispatcher` is where tests put an archive that is slow, broken or away in front of the deciding.
    """
    async with AsyncExitStack() as stack:
        await prepare_archive(settings)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        clock = await _open_clock(stack, settings, session)
        archive = await stack.enter_async_context(open_archive(settings.storage.url))
        books = Books(archive)
        zone = ZoneInfo(settings.server.timezone)
        hall = CityHall(books, settings.deadlines, zone, make_house(settings), clock)
        page_key = await read_key(books)
        hall.links = make_links(settings, page_key)
        await hall.load()
        lexicons = Lexicons(archive, hall, settings.nlp.lexicon_dir)
        await lexicons.follow()
        _settle_memory()
        dispatcher = make_dispatcher(archive, books, hall)
        registry = CollectorRegistry()
        holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        buckets = make_buckets(settings.delivery)
        account = await open_account(stack, settings, archive.engine, clock)
        chat = open_chat_door(settings, archive.engine, session, dispatcher, clock, holder, buckets)
        kept = KeptTeller(books, hall)
        media = MediaKeeper(
            archive,
            {**(account.fetchers if account else {}), **(chat.fetchers if chat else {})},
            Path(settings.storage.media_dir),
            settings.media,
            clock,
            on_kept=kept.on_kept,
            on_lost=kept.on_lost,
        )
        api = account.api if account else None
        voice = await open_voice(settings.voice, archive, books, media.store, api, dispatcher, clock)
        notices = await open_notices(settings, archive, books, hall, account, registry, clock, zone)
        webhook = WebhookTransport(session, settings.webhook.api_base)
        notices.shelf.lets_go.append(webhook.forget_pictures)
        delivery = Delivery(
            archive,
            ArchiveDirectory(archive.engine, settings.alerts.duty_group),
            account=account.transport if account else None,
            chats={
                "webhook": webhook,
                **(chat.transports if chat else {}),
            },
            templates=account.templates if account else (),
            load_picture=media.load,
            settings=settings.delivery,
            registry=registry,
            clock=clock,
            can_send=_sender(account is not None, chat),
            buckets=buckets,
            holder=holder,
            dress_picture=notices.shelf.dress,
        )
        app = web.Application(client_max_size=settings.limits.body_bytes)
        service = Service(app, archive, books, hall, dispatcher, delivery, account, chat, clock, holder, notices)
        if account is not None:
            refresh = clock.refresh if isinstance(clock, SharedClock) else None
            budget = settings.limits.reply_budget_seconds
            callback = OfficialAccountCallback(account.door, dispatcher, clock, budget, refresh)
            app.add_routes(callback.routes())
        app.add_routes(operator_routes(registry, _probe(service)))
        app.add_subapp("/n/", notices.pages)
        app.add_subapp("/c/", make_pages(settings, archive, books, hall, media, page_key))
        await _start_work(stack, service, media, voice, zone, lexicons)
        yield service


def _settle_memory() -> None:
    """What a busy process should not do: walk the whole city for garbage, and let the database's thread wait 5 ms for its turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER, 20, 20)
    sys.setswitchinterval(_TURN_SECONDS)


async def _open_clock(stack: AsyncExitStack, settings: Settings, session: aiohttp.ClientSession) -> Clock:
    if not settings.clock_url:
        return system_clock
    shared = SharedClock(session, settings.clock_url)
    await shared.refresh()
    _run_until_closed(stack, shared.follow(), "clock")
    return shared


def _sender(has_account: bool, chat: ChatDoor | None) -> Callable[[str], bool]:
    """Whether this process may send to a kind of target now; a bot's groups only while it holds the bot's line."""

    def can_send(prefix: str) -> bool:
        if prefix == "oa:":
            return has_account
        return chat.can_send() if chat is not None else True

    return can_send


def _probe(service: Service) -> Probe:
    async def probe() -> dict[str, bool]:
        found = {"database": await _answers(service.archive)}
        if service.chat is not None:
            found["aibot"] = service.chat.is_well()
        return found

    return probe


async def _answers(archive: Archive) -> bool:
    try:
        async with asyncio.timeout(2), archive.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:
        return False
    return True


async def _start_work(
    stack: AsyncExitStack,
    service: Service,
    media: MediaKeeper,
    voice: VoiceJob,
    zone: ZoneInfo,
    lexicons: Lexicons,
) -> None:
    """Delivery, the media job, the voice job, the bot's line and the ticks; each ends before what it works on does."""
    jobs = Jobs(service.archive, service.books, service.hall, service.dispatcher)
    await jobs.take_up_orphans()
    delivering = asyncio.create_task(service.delivery.run(), name="delivery")
    stack.push_async_callback(_stop_delivery, service.delivery, delivering)
    _run_until_closed(stack, media.run(), "media")
    _run_until_closed(stack, voice.run(), "voice")
    if service.chat is not None:
        holding = asyncio.create_task(service.chat.holder.run(), name="aibot")
        stack.push_async_callback(_stop_chat, service.chat, holding)
    _run_until_closed(stack, service.notices.fanout.run(), "fan-out")
    schedule = Schedule(zone)
    service.notices.tick(schedule)
    notice_jobs = NoticeJobs(service.archive, service.books, service.hall, service.notices.fanout.wake)
    schedule.every(2, notice_jobs.tick, "notices")
    drafts = DraftPictures(service.archive, service.books, service.hall, media.store, service.notices.pictures)
    schedule.every(1, drafts.take_in, "notice drafts")
    schedule.every(1, service.hall.follow, "city")
    schedule.every(1, lexicons.follow, "lexicon")
    schedule.every(5, jobs.take_up_orphans, "orphans")
    schedule.every(5, Supervisor(service.archive, service.books, service.hall).tick, "supervision")
    schedule.every(60, Digests(service.archive, service.books, service.hall).tick, "digests")
    schedule.every(20, CallsSupervisor(service.archive, service.books, service.hall).tick, "calls")
    await service.books.likeness.follow()
    schedule.every(5, service.books.likeness.follow, "likeness")
    schedule.every(60, Eraser(service.archive, media.store, service.clock).erase_wanted, "erasures")
    schedule.daily(3, 40, jobs.forget_sketches, "sketches")
    schedule.daily(0, 10, lambda: make_anchor(service.archive, service.clock()), "anchor")
    schedule.start()
    stack.callback(schedule.stop)


def _run_until_closed(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


async def _stop_delivery(delivery: Delivery, task: "asyncio.Task[None]") -> None:
    await delivery.stop()
    await task


async def _stop_chat(chat: ChatDoor, task: "asyncio.Task[None]") -> None:
    chat.holder.stop()
    await task


@asynccontextmanager
async def listening(service: Service, host: str, port: int) -> AsyncIterator[int]:
    """The service's HTTP on a socket; the port it got (0 asks for any)."""
    # WeChat never packs what it pushes: a stranger's broken or bursting packing is not even looked at.
    runner = web.AppRunner(service.app, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def serve(settings: Settings, on_ready: Callable[[int], None]) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with (
        open_service(settings) as service,
        listening(service, settings.server.host, settings.server.port) as port,
    ):
        on_ready(port)
        await stop.wait()
