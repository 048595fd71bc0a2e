"""Corrections of a category on their way into the archive, the same for residents and workers."""

from grid.actions.learning import make_correction
from grid.desk import Actor
from handlers.talk import ResidentTalk, WorkerTalk
from storage.learning_tables import Correction
from storage.tables import Case


async def draw_correction(talk: ResidentTalk | WorkerTalk, case: Case, actor: Actor, category: str) -> Correction:
    """What will be kept when `actor` moves `case` to `category`: the words that the reader knows of its text."""
    row_id = await talk.numbers.take_id()
    return make_correction(talk.desk, case, actor, category, talk.reader.features(case.text), row_id)
