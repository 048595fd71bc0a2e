"""Making a lexicon version of what people corrected, with its figures before and after; and saying what speaks for a word."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.lexicons import build_lexicon, load_running, read_folder
from nlp.corrections import Correction, Deltas, count_votes, learn, parse_deltas
from nlp.evaluate import Labelled, evaluate
from nlp.gazetteer import Gazetteer
from nlp.lexicon import CATEGORIES, NOTHING, Lexicon
from nlp.lexicon_files import LexiconRefused, list_conflicts
from nlp.reader import Reader
from storage.archive import Archive
from storage.columns import VersionState
from storage.learning_queries import LearningBooks
from storage.learning_tables import LexiconVersion

_SHOWN = 5


class NothingLearned(Exception):
    """There is no version to make or to move; the text is the Chinese sentence why."""


@dataclass(frozen=True, slots=True)
class WordReport:
    """What speaks for a word, per category code: the files' weight (with what was learned from labels), the running delta, and
    the people who moved matters with it there (`people_to`) and away (`people_away`)."""

    word: str
    is_known: bool
    weights: dict[str, float]
    deltas: dict[str, float]
    people: dict[str, tuple[int, int]]


async def make_draft(
    archive: Archive, folder: str, now: datetime, by: str, labelled: Sequence[Labelled] = ()
) -> LexiconVersion:
    """Learn from all corrections and write the result as a draft. `labelled`: what to measure the reading on, before and after.

    Raises `NothingLearned`, `LexiconRefused` for the operator's folder, ValueError for a published version that cannot be read.
    """
    books = LearningBooks(archive)
    rows = await books.list_corrections()
    if not rows:
        raise NothingLearned("还没有人更正过类别，没有可学的。")
    own, running = await read_folder(folder), await load_running(books)
    corrections = [Correction(row.actor, row.was, row.now, tuple(row.features)) for row in rows]
    lexicon = build_lexicon(own, {})
    deltas = await asyncio.to_thread(learn, corrections, lexicon, running=running)
    if deltas == running:
        raise NothingLearned(f"{len(rows)}条更正里没有足够的人意见一致，权重没有变化，不新建版本。")
    figures: dict[str, Any] = {
        "corrections": len(rows),
        "people": len({row.actor for row in rows}),
        "words": len(deltas),
    }
    if labelled:
        figures["before"] = await asyncio.to_thread(_measure, lexicon, running, labelled)
        figures["after"] = await asyncio.to_thread(_measure, lexicon, deltas, labelled)
    return await books.add_draft(deltas, figures, now, by, rows[-1].id)


def _measure(lexicon: Lexicon, deltas: Deltas, labelled: Sequence[Labelled]) -> dict[str, float]:
    return evaluate(Reader(Gazetteer(()), lexicon.with_deltas(deltas)), labelled).as_json()


async def publish(archive: Archive, number: int, now: datetime) -> None:
    """Let a version run in all processes. Raises `NothingLearned` where it cannot, ValueError where its weights cannot be read."""
    books = LearningBooks(archive)
    version = await books.find_version(number)
    if version is None:
        raise NothingLearned(f"没有词表版本 {number}；wangge lexicon list 可列出全部版本。")
    parse_deltas(version.weights)
    if version.state is VersionState.PUBLISHED or not await books.publish(number, now):
        raise NothingLearned(f"词表版本 {number} 已经在使用。")


async def roll_back(archive: Archive, now: datetime) -> tuple[int, int]:
    """Take the running version back: (its number, the number that runs now, 0 for the shipped weights). Raises `NothingLearned`."""
    moved = await LearningBooks(archive).roll_back(now)
    if moved is None:
        raise NothingLearned("现在使用的就是自带词表，没有可撤回的版本。")
    return moved


async def report_word(archive: Archive, folder: str, word: str) -> WordReport:
    """What speaks for a word now. Raises as `make_draft` does."""
    books = LearningBooks(archive)
    lexicon = build_lexicon(await read_folder(folder), {})
    running = await load_running(books)
    rows = await books.list_corrections()
    tallies = count_votes([Correction(row.actor, row.was, row.now, tuple(row.features)) for row in rows], lexicon)
    row = lexicon.weights.get(word, NOTHING)
    return WordReport(
        word,
        word in lexicon.weights,
        {one.value: round(value, 3) for one, value in zip(CATEGORIES, row, strict=True) if value},
        dict(running.get(word, {})),
        {code: (one.people_to, one.people_away) for (key, code), one in sorted(tallies.items()) if key == word},
    )


async def check_lexicon(archive: Archive, folder: str) -> tuple[bool, str, str]:
    """For `check`: whether the operator's word lists and the published version can be used and do not contradict the shipped
    ones; what was found; how to mend it."""
    books = LearningBooks(archive)
    try:
        own, running, version = await read_folder(folder), await load_running(books), await books.find_running()
    except LexiconRefused as refused:
        told = "；".join(map(str, refused.faults[:_SHOWN]))
        return False, f"{len(refused.faults)}处有误，未采用：{told}", "按所指的文件和行改正，保存后自动生效。"
    except ValueError as fault:
        return False, str(fault), "wangge lexicon rollback，或重新 wangge lexicon learn。"
    conflicts = list_conflicts(own)
    if conflicts:
        told = "；".join(conflicts[:_SHOWN])
        return False, f"{len(conflicts)}处矛盾：{told}", "一个词只让一类的分量达到 3，其余调低。"
    layers = [f"自备{len(own.entries) + len(own.pairs)}行"] if folder else []
    layers += [f"版本 {version.number}（调整{len(running)}个词）"] if version else []
    return True, "，".join(["自带", *layers]), ""
