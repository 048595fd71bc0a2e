"""Everything that carries notices out, put together: pictures, the fan-out, mass messages, the pages of notices."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.case_pages import CASE_PAGE_KEY
from bot.cityhall import CityHall
from bot.clock import Clock
from bot.doors import AccountParts
from bot.notice_pictures import NoticePictures
from bot.notice_pictures_marks import find_font
from bot.notice_pictures_shelf import NoticeShelf
from bot.notices_fanout import FanOut, ResidentDoor
from bot.notices_mass import MassSender
from bot.notices_words import MakeLink, NoticeWords
from bot.schedule import Schedule
from bot.sealing import load_seal
from bot.settings import Settings
from console.notice_links import NoticeLinks, NoticeTicket
from console.notice_page import NoticeParts, make_notice_pages
from grid.notices.wording import TEMPLATE
from storage.archive import Archive
from storage.notice_tables import Notice
from storage.queries import Books

_MASS_SECONDS, _ERASE_SECONDS, _SWEEP_SECONDS = 2, 30, 20


@dataclass(frozen=True, slots=True)
class NoticeDoor:
    """What the service runs, and what others ask: `pictures.keep` takes a picture in, `shelf.dress` and `show` give it out marked."""

    pictures: NoticePictures
    shelf: NoticeShelf
    fanout: FanOut
    words: NoticeWords
    mass: MassSender | None
    pages: web.Application

    def tick(self, schedule: Schedule) -> None:
        """The timed work; the fan-out itself is a task of its own."""
        schedule.every(_ERASE_SECONDS, self.pictures.erase_due, "notice pictures")
        schedule.every(_SWEEP_SECONDS, self.shelf.sweep, "notice shelf")
        if self.mass is not None:
            schedule.every(_MASS_SECONDS, self.mass.turn, "mass messages")


async def open_notices(
    settings: Settings,
    archive: Archive,
    books: Books,
    hall: CityHall,
    account: AccountParts | None,
    registry: CollectorRegistry,
    clock: Clock,
    zone: ZoneInfo,
) -> NoticeDoor:
    """Put together, not yet running. Raises `BadKey`, `OSError` when there is no key to seal pictures with."""
    ours, media_folder = settings.fanout, Path(settings.storage.media_dir)
    seal = await asyncio.to_thread(load_seal, media_folder, ours.picture_key.get_secret_value())
    pictures = NoticePictures(archive, media_folder, seal, clock)
    font, per_group = find_font(ours.font), ours.watermark_per_group
    shelf = NoticeShelf(archive, pictures, lambda: hall.city, zone, font=font, per_group=per_group)
    links = NoticeLinks(bytes.fromhex(await books.find_setting(CASE_PAGE_KEY) or ""), settings.server.public_url)
    words = NoticeWords(hall, ours.most_uploads, _link_maker(settings, links))
    templates = account.templates if account else ()
    door = ResidentDoor(account is not None and ours.mass, TEMPLATE in templates)
    fanout = FanOut(archive, hall, words, ours, door, registry)
    mass = MassSender(archive, account.api, words, clock) if account and ours.mass else None
    pages = make_notice_pages(NoticeParts(archive, hall.desk, links, shelf.show, time.monotonic))
    return NoticeDoor(pictures, shelf, fanout, words, mass, pages)


def _link_maker(settings: Settings, links: NoticeLinks) -> MakeLink:
    """Links for a house that has said where it is reached from outside; others send none, a reader could not open them."""

    def make(notice: Notice, target_id: int) -> str:
        return links.make(NoticeTicket(notice.id, target_id))

    return make if "public_url" in settings.server.model_fields_set else lambda _notice, _target: ""
