"""Carrying out what residents asked for: 删除我的信息."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.media_store import MediaStore
from storage.archive import Archive
from storage.erasure import erase_resident, list_wanted

log = logging.getLogger(__name__)

_PAGE = 50


class Eraser:
    """Looks for wishes that are still open. Erasing twice does no harm, so several processes may look."""

    def __init__(self, archive: Archive, store: MediaStore, now: Callable[[], datetime]) -> None:
        self._archive, self._store, self._now = archive, store, now
        self._after = 0

    async def erase_wanted(self) -> int:
        """Erase what may go by now; how many residents nothing is left to do for."""
        done = 0
        wanted = await list_wanted(self._archive, self._after, _PAGE)
        # The next look takes the next page; after the last one it begins again.
        self._after = wanted[-1] if len(wanted) == _PAGE else 0
        for resident_id in wanted:
            erased = await erase_resident(self._archive, resident_id, self._now())
            for digest in erased.digests:
                await asyncio.to_thread(self._store.remove, digest)
            done += erased.is_done
            log.info(
                "resident %d erased: %d cases, %s", resident_id, erased.cases, "all" if erased.is_done else "so far"
            )
        return done
