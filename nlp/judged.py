"""Lists of judged messages: the ids and the right categories, without the texts, which stay where they are.

One message a line, three cells between tabs: id, how it was drawn, and the codes (the first is the primary one, the others are
equally right). `random` was drawn as messages come, by source; `hard` and `rare` were picked. `#` starts a comment line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nlp.evaluate import Labelled


def parse_judged(lines: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """Per id how it was drawn and the codes. Raises ValueError naming the line of a fault."""
    judged: dict[str, tuple[str, list[str]]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != 3 or not cells[2].split():
                raise ValueError(f"line {number}: expected id, how drawn, codes")
            judged[cells[0]] = (cells[1], cells[2].split())
    return judged


def join_texts(
    judged: Mapping[str, tuple[str, list[str]]], messages: Iterable[dict[str, object]]
) -> Iterator[Labelled]:
    """The judged among the messages (`id`, `text`, perhaps `title`, `dup_group`), in the order of the messages."""
    for row in messages:
        known = judged.get(str(row.get("id")))
        if known:
            drawn, (primary, *also) = known
            yield Labelled.parse(
                row | {"text": row.get("text") or "", "primary": primary, "also": also, "drawn": drawn}
            )
