"""What is kept of a correction, so that the word weights can learn from it: who, from which category to which, which words."""

from collections.abc import Iterable

from grid.actions.routing import Sent
from grid.desk import Actor, Desk
from grid.workflow import Refusal
from storage.learning_tables import Correction
from storage.rows import fresh
from storage.tables import Case


def make_correction(
    desk: Desk, case: Case, actor: Actor, category: str, features: Iterable[str], row_id: int
) -> Correction:
    """The row for `case` (as it was) moved to `category`. `features`: words of the lexicon, never the text.

    A danger and a complaint about conduct got their category by rule, not by words: there no word is to blame.
    """
    words = [] if case.emergency or case.conduct else sorted(set(features))
    return fresh(
        Correction,
        id=row_id,
        case_id=case.id,
        at=desk.now,
        actor=actor.key,
        was=case.category,
        now=category,
        features=words,
    )


def noted(made: Sent | Refusal, correction: Correction) -> Sent | Refusal:
    """The same decision with the correction in its plan; a refused one corrects nothing."""
    if isinstance(made, Sent):
        made.plan.rows.append(correction)
    return made
