"""A case page as somebody without a browser reads it: what it says, which forms it has, what comes of sending one."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp

from grid.links import Links
from storage.tables import Case
from tests.ears import number_in
from tests.house import ESTATE, WANG, House

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_TAGS = re.compile(r"<[^>]+>")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    status: int
    html: str
    headers: Mapping[str, str]
    url: str

    @property
    def text(self) -> str:
        """What people read, on one line."""
        return _BLANKS.sub(" ", unescape(_TAGS.sub(" ", self.html))).strip()

    @property
    def notice(self) -> str:
        """What has just happened, as the page says it."""
        found = re.search(r'<p class="notice[^>]*>(.*?)</p>', self.html, re.S)
        return unescape(found[1]) if found else ""

    @property
    def actions(self) -> set[str]:
        """Which forms there are."""
        return {value for name, value in _HIDDEN.findall(self.html) if name == "action"}

    def form(self, **fields: str) -> dict[str, str]:
        """What any form of the page brings along, with `fields`."""
        return {**dict(_HIDDEN.findall(self.html)), **fields}


@dataclass(slots=True)
class Office:
    """Opens links and sends forms."""

    house: House
    session: aiohttp.ClientSession

    @property
    def links(self) -> Links:
        """The links of the running service."""
        return self.house.service.hall.links

    async def report(self, openid: str, words: str = f"{ESTATE}12号楼3单元下水道堵了") -> Case:
        """Somebody reports a matter; the case."""
        resident = await self.house.resident(openid)
        return await self.house.case(number_in(await resident.says(words)))

    def link(self, case: Case, scope: str, *, worker: str = WANG, resident: int | None = None) -> str:
        """A link to a case: `read`, `resident` or `worker`."""
        now = self.house.service.clock()
        if scope == "read":
            return self.links.for_group(case.id, now)
        if scope == "resident":
            return self.links.for_resident(case.id, resident or case.resident_id or 0, now)
        return self.links.for_worker(case.id, self.house.service.hall.city.by_userid[worker].id, now)

    async def open(self, url: str, **headers: str) -> Page:
        """GET."""
        async with self.session.get(url, headers=headers, allow_redirects=False) as response:
            return Page(response.status, await response.text(), response.headers, str(response.url))

    async def fetch(self, url: str, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
        """GET of a picture or recording."""
        async with self.session.get(url, headers=headers) as response:
            return response.status, await response.read(), response.headers

    async def send(
        self, url: str, fields: Mapping[str, str], photos: Sequence[bytes] = (), follow: bool = True, **headers: str
    ) -> Page:
        """POST of a form as a browser sends it; afterwards the page that it leads to."""
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        for content in photos:
            form.add_field("photos", io.BytesIO(content), filename="IMG_0001.jpg", content_type="image/jpeg")
        async with self.session.post(url, data=form, headers=headers, allow_redirects=False) as response:
            page = Page(response.status, await response.text(), response.headers, url)
        if page.status == 303 and follow:
            return await self.open(self.house.url + page.headers["Location"])
        return page

    async def act(self, url: str, action: str, photos: Sequence[bytes] = (), **fields: str) -> Page:
        """Open the page, fill in one form, send it."""
        page = await self.open(url)
        return await self.send(url, page.form(action=action, **fields), photos)

    async def events(self, case: Case) -> list[Any]:
        """The case's history."""
        return list(await self.house.service.books.list_events(case.id))
