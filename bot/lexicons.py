"""The word weights that run: the shipped ones, an operator's own folder on top, and the published version on top of both.

Every process looks for changes and reads with the new weights from then on, without a restart. What is faulty is refused as a
whole: the folder or version that ran before goes on running.
"""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from bot.cityhall import CityHall
from nlp.corrections import Deltas, parse_deltas
from nlp.lexicon import Lexicon, extended_lexicon, shipped_lexicon
from nlp.lexicon_files import LexiconRefused, OwnLines, read_own_lines, signature
from storage.archive import Archive
from storage.learning_queries import LearningBooks

log = logging.getLogger(__name__)
_Files = tuple[tuple[str, int, int], ...]


def build_lexicon(own: OwnLines, deltas: Deltas) -> Lexicon:
    """The three layers as one lexicon. Takes some 50 ms."""
    lexicon = extended_lexicon(own.entries, own.pairs) if own.entries or own.pairs else shipped_lexicon()
    return lexicon.with_deltas(deltas) if deltas else lexicon


async def read_folder(folder: str) -> OwnLines:
    """An operator's lines; none without a folder. Raises `LexiconRefused`."""
    return await asyncio.to_thread(read_own_lines, Path(folder)) if folder else OwnLines()


async def load_running(books: LearningBooks) -> dict[str, dict[str, float]]:
    """The published version's deltas; none where nothing is published. Raises ValueError with a Chinese sentence."""
    running = await books.find_running()
    if running is None:
        return {}
    try:
        return parse_deltas(running.weights)
    except ValueError as fault:
        raise ValueError(f"词表版本 {running.number} 不可用：{fault}") from None


class Lexicons:
    """Follows the published version and the operator's folder, and hands the city hall's reader a new lexicon when one moves."""

    def __init__(self, archive: Archive, hall: CityHall, folder: str = "") -> None:
        self._books, self._hall, self._folder = LearningBooks(archive), hall, folder
        self._own, self._deltas = OwnLines(), dict[str, Mapping[str, float]]()
        self._files: _Files | None = None if folder else ()
        self._fact = ""
        # Stays true over a reading that failed half-way, so that the next call does it again.
        self._is_stale = False

    async def follow(self) -> bool:
        """Read with other weights if they have moved since the last call; whether that was so. Off the loop: about half a second."""
        changed = [await self._follow_folder(), await self._follow_version()]
        self._is_stale = self._is_stale or any(changed)
        if not self._is_stale:
            return False
        lexicon = await asyncio.to_thread(build_lexicon, self._own, self._deltas)
        await self._hall.read_with(lexicon)
        self._is_stale = False
        return True

    async def _follow_folder(self) -> bool:
        files = await asyncio.to_thread(signature, Path(self._folder)) if self._folder else ()
        if files == self._files:
            return False
        self._files = files
        try:
            self._own = await read_folder(self._folder)
        except LexiconRefused as refused:
            log.error("lexicon_dir refused, the lines of before stay: %s", refused)
            return False
        return True

    async def _follow_version(self) -> bool:
        fact = await self._books.find_fact()
        if fact == self._fact:
            return False
        try:
            deltas = await load_running(self._books)
        except ValueError as fault:
            log.error("lexicon version refused, the one of before stays: %s", fault)
            self._fact = fact
            return False
        is_moved, self._fact, self._deltas = deltas != self._deltas, fact, dict(deltas)
        return is_moved
