"""Read very many mutations of messages: `python -m lab.fuzz_reading NUMBER [--seed N] [--messages FILE]`.

Prints how many were read, how many raised (kinds only, never a text), and how long the worst took. Without a file the texts are
made ones. Every mutation is a new text: characters swapped, doubled, cut, replaced by odd ones, texts glued together.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from lab.bench_texts import make_text
from lab.city import make_city
from lab.places import list_rules
from lab.replay_crowd import read_messages
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.reading import Reading

SHORT = 120
"""Characters that a text is cut to before it is mutated: many short ones find more than few long ones."""
_ODD = "\x00\t\n \u200b\u202e\ufeff\ud800\udfff\uffff０Ａ＃（）()[]#-/.、，。！？①⑳樓號亂😊👍🏻1379号楼单元栋室村路没不是昨天着火打架快来"


@dataclass(frozen=True, slots=True)
class FuzzFigures:
    """`exceptions`: number per kind; `broken`: readings that contradict themselves; times in microseconds of the processor."""

    readings: int
    exceptions: dict[str, int]
    broken: int
    mean_microseconds: float
    worst_microseconds: float


def fuzz(texts: Sequence[str], number: int, seed: int = 1) -> FuzzFigures:
    """Read `number` mutations of the texts."""
    city, rng = make_city("street", 1), Random(seed)
    reader, exceptions = Reader(Gazetteer(list_rules(city))), Counter[str]()
    home, whole, worst, broken = city.places[0].area_code, 0.0, 0.0, 0
    for _ in range(number):
        text = mutate(rng.choice(texts)[:SHORT], texts, rng)
        began = time.process_time()
        try:
            broken += not is_sound(text, reader.read(text, home=rng.choice((None, home))))
        except Exception as fault:
            exceptions[type(fault).__name__] += 1
        took = time.process_time() - began
        whole, worst = whole + took, max(worst, took)
    return FuzzFigures(number, dict(exceptions), broken, round(whole / max(1, number) * 1e6, 1), round(worst * 1e6, 1))


def mutate(text: str, texts: Sequence[str], rng: Random) -> str:
    """One to six random changes."""
    for _ in range(rng.randint(1, 6)):
        at, width = rng.randint(0, len(text)), rng.randint(1, 8)
        piece = text[at : at + width]
        change = rng.randrange(7)
        if change == 0:
            text = text[:at] + text[at + width :]
        elif change == 1:
            text = text[:at] + piece * rng.randint(2, 5) + text[at + width :]
        elif change == 2:
            text = text[:at] + "".join(rng.choices(_ODD, k=width)) + text[at:]
        elif change == 3:
            text = text[:at] + piece[::-1] + text[at + width :]
        elif change == 4:
            other = rng.choice(texts)
            text = text[:at] + other[:SHORT][rng.randint(0, SHORT) :]
        elif change == 5:
            text = text[:at] + chr(rng.randrange(0x110000)) + text[at + 1 :]
        else:
            text = "".join(rng.sample(text, len(text))) if rng.random() < 0.1 else text[at:] + text[:at]
    return text


def is_sound(text: str, reading: Reading) -> bool:
    """Whether the evidence stands where the reading says, and the confidence is a chance."""
    words = (*reading.evidence, *(reading.emergency.evidence if reading.emergency else ()))
    return 0.0 <= reading.confidence <= 1.0 and all(text[one.start : one.end] == one.word for one in words)


def list_texts(messages: Path | None) -> list[str]:
    """The messages of the file, or made ones. Raises `OSError`."""
    if messages:
        return list(read_messages(messages))
    city, rng = make_city("street", 1), Random("fuzz")
    return [make_text(city, rng) for _ in range(500)]


def main(arguments: Sequence[str]) -> int:
    """1 where anything raised or contradicted itself."""
    parser = argparse.ArgumentParser(prog="lab.fuzz_reading")
    parser.add_argument("number", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=Path)
    chosen = parser.parse_args(arguments)
    figures = fuzz(list_texts(chosen.messages), chosen.number, chosen.seed)
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")
    return 1 if figures.exceptions or figures.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
