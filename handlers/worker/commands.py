"""Reading a worker's line as a command: full width, blanks, marks, numbers in any place, aliases, and slips of one character.

A command begins with its verb (a polite word or the number may stand before it). A question or a denial is never a command.
"""

import re
from dataclasses import dataclass
from functools import cache

from handlers.worker.verbs import CLOSED_WORDS, OPEN_WORDS, READ_ONLY, SLIPS, SOUNDS, Verb


@dataclass(frozen=True, slots=True)
class Command:
    """`number`: `1123-08`, or `#08` for a running number alone; `rest`: what follows, as it was written, trimmed."""

    verb: Verb
    number: str | None
    rest: str


_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；：？！（）"}
_HALF_WIDTH |= dict.fromkeys((160, 12288, *range(8192, 8203)), " ") | {ord("﹟"): "#"}
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe0e\ufe0f\ufeff]")
_DASHES = re.compile(r"[‐‑‒–—―－﹣~_]+")
_MARKS = " \t\r\n,，.。、;；:：!！…-*·“”\"'「」"
_FLUFF_BEFORE = re.compile(
    r"^(?:(?:好的|好嘞|收到|你好|您好|麻烦|请(?!问)|已经|已|我们?这边|我们|我来|我要|我|现在|这个|这件|本件|申请)[,，。!！ ]*)*"
)
_NUMBER = re.compile(
    r"(?:【?\s*工单\s*[:：#]?\s*|#\s*|№\s*)?(?<![\d督通-])((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s{0,2}-\s{0,2}(\d{1,5})(?![\d-])(?:\s*】)?(?:\s*号?工单)?"
)
_SPACED = re.compile(r"^\s*(?:工单)?\s*((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s?(\d{2,4})(?=$|[\s,，。;；:：、])")
_SHORT_MARKED = re.compile(r"(?<!\d)#\s?(\d{1,4})(?![\d\-号楼栋幢座院门单])")
_SHORT_BARE = re.compile(
    r"^\s*(\d{1,4}(?=$)|\d{2,4})(?=$|[,，。;；:：、]|\s+(?![号楼栋幢座院门单层室天日周小个月米元块人户分年]))"
)
_QUESTION = re.compile(r"^(?:了|完|好)*(?:吗|嘛|么|没有|没|不)?[?？]*$")
_ASKS = re.compile(r"(?:吗|么|没有|了没|是不是|怎么)[?？]*$")
_DENIES = re.compile(r"^(?:不了|不成|不上|不下来|了?(?:一半|一部分|大部分|大半|部分|差不多))")


def plain(text: str) -> str:
    """The text in half width, dashes as `-`, without invisible characters; sentence marks and lines stay as people read them."""
    return _DASHES.sub("-", _INVISIBLE.sub("", text.translate(_HALF_WIDTH))).strip()


def render_short(digits: str) -> str:
    """`#08`: a running number without its day."""
    return f"#{int(digits):02d}"


def find_numbers(text: str) -> list[str]:
    """All case numbers written in full, in order, each once."""
    return list(dict.fromkeys(_render(match) for match in _NUMBER.finditer(plain(text))))


def _render(match: re.Match[str]) -> str:
    return f"{match[1]}-{int(match[2]):02d}"


def parse_command(text: str, quote: str = "") -> Command | None:
    """The command in `text`; `quote` is the quoted message, whose 【工单 NNNN】 counts where no number is typed. None: not understood."""
    said = plain(text).lstrip(_MARKS)
    if not said:
        return None
    number, said = _take_leading_number(said)
    found = find_verb(said)
    if found is None:
        return _number_alone(number, said, quote)
    verb, rest = found
    if verb not in READ_ONLY and _is_no_command(verb, rest):
        return None
    if number is None:
        number, rest = _take_number(verb, rest, quoted=bool(find_numbers(quote)))
    return Command(verb, number or _quoted(quote), _trim(verb, rest))


def _number_alone(number: str | None, said: str, quote: str) -> Command | None:
    # A number and nothing else: somebody wants to see that case.
    if number is not None and not said.strip(_MARKS):
        return Command(Verb.PROGRESS, number, "")
    return None


def _quoted(quote: str) -> str | None:
    numbers = find_numbers(quote)
    # A quoted list names several cases: none of them is meant.
    return numbers[0] if len(numbers) == 1 else None


def _take_leading_number(said: str) -> tuple[str | None, str]:
    match = _NUMBER.match(said) or _SPACED.match(said)
    if match:
        return _render(match), said[match.end() :].lstrip(_MARKS)
    short = re.match(r"#\s?(\d{1,4})(?=$|[\s,，。;；:：、]|[\u4e00-\u9fff])(?![号楼栋幢座院门单])", said)
    if short:
        return render_short(short[1]), said[short.end() :].lstrip(_MARKS)
    bare = re.match(r"(\d{2,3})(?:$|[\s,，]+(?=[\u4e00-\u9fff]))", said)
    if bare and (bare.end() == len(said) or find_verb(said[bare.end() :]) is not None):
        return render_short(bare[1]), said[bare.end() :].lstrip(_MARKS)
    return None, said


_WITHOUT_CASE = frozenset(
    {
        Verb.BIND,
        Verb.REGISTER,
        Verb.APPROVE,
        Verb.REJECT,
        Verb.HOTLINE,
        Verb.TRY,
        Verb.AGENDA,
        Verb.HELP,
        Verb.TRIAGE,
        Verb.HEAT,
        Verb.LETTER,
        Verb.ON_BEHALF,
    }
)


def _take_number(verb: Verb, rest: str, quoted: bool) -> tuple[str | None, str]:
    """The number in what follows the verb. In the middle of words, or beside a quote, it is something told, not the case."""
    if verb in _WITHOUT_CASE:
        return None, rest
    head = rest.lstrip(_MARKS)
    beside = _NUMBER.match(head) or (_SPACED.match(head) if verb is not Verb.REPORT else None)
    if beside:
        return _render(beside), head[beside.end() :]
    if quoted or verb is Verb.REPORT:
        return None, rest
    for match in _NUMBER.finditer(rest):
        if _stands_apart(rest, match.start(), match.end()):
            return _render(match), f"{rest[: match.start()]} {rest[match.end() :]}".strip()
    return _take_short(head, rest)


def _take_short(head: str, rest: str) -> tuple[str | None, str]:
    bare = _SHORT_BARE.match(head)
    if bare:
        return render_short(bare[1]), head[bare.end() :]
    marked = _SHORT_MARKED.search(rest)
    if marked and _stands_apart(rest, marked.start(), marked.end()):
        return render_short(marked[1]), f"{rest[: marked.start()]} {rest[marked.end() :]}".strip()
    return None, rest


def _stands_apart(text: str, start: int, end: int) -> bool:
    return (
        not text[:start].strip() or not text[end:].strip(_MARKS) or (text[start - 1] in _MARKS and text[end] in _MARKS)
    )


def find_verb(said: str) -> tuple[Verb, str] | None:
    """The verb that a line begins with, and what follows it; polite words before it are passed over."""
    for start in _starts(said):
        found = _match_words(said[start:]) or _match_slip(said[start:])
        # 我问你个事 is no question to a resident.
        if found is not None and not (start and found[0] is Verb.ASK):
            return found
    return None


def _starts(said: str) -> list[int]:
    polite = _FLUFF_BEFORE.match(said)
    return list(dict.fromkeys((0, polite.end() if polite else 0)))


# What must follow a word for it to count: 问 begins other words too, 代办 alone is 待办 mistyped.
_GUARDS = {"问": r"(?![题候好卷责政讯号世])", "help": r"(?=$|[\s,，.。!！])", "代办": r"(?=[\s,，:：]+[\u4e00-\u9fff])"}


@cache
def _words() -> list[tuple[re.Pattern[str], Verb]]:
    # 接单后…, 退回的…, 办结率: the word is talked about there.
    rows = [(word, verb, r"(?![后前的率])") for verb, words in OPEN_WORDS.items() for word in words.split()]
    closed = r"(?=$|[\s\d,，.。、;；:：!！?？#【了啦])"
    rows += [
        (word, verb, r"(?=\W*$)" if verb is Verb.HELP else closed)
        for verb, words in CLOSED_WORDS.items()
        for word in words.split()
    ]
    rows.sort(key=lambda row: -len(row[0]))
    patterns = []
    for word, verb, after in rows:
        letters = r"\s*".join(re.escape(letter) for letter in word)
        guard = _GUARDS.get(word, "")
        patterns.append((re.compile(letters + after + guard, re.IGNORECASE), verb))
    return patterns


def _match_words(said: str) -> tuple[Verb, str] | None:
    for pattern, verb in _words():
        match = pattern.match(said)
        if match:
            return verb, said[match.end() :]
    return None


_TOKEN = re.compile(r"[\u4e00-\u9fff]+")


def _match_slip(said: str) -> tuple[Verb, str] | None:
    """A verb with one wrong character. Only where the word stands alone, since other words are one character away from verbs too."""
    token = _TOKEN.match(said)
    if token is None or len(token[0]) not in (2, 3, 4):
        return None
    word = token[0].removesuffix("了") if len(token[0]) > 2 else token[0]
    verbs = {SLIPS[word]} if word in SLIPS else {verb for verb in Verb if _is_slip(word, verb)}
    return (verbs.pop(), said[token.end() :]) if len(verbs) == 1 else None


def _is_slip(word: str, verb: Verb) -> bool:
    right = verb.value
    if len(right) < 2 or _NEGATIVES & set(word):
        return False
    if len(word) == len(right):
        wrong = [(typed, meant) for typed, meant in zip(word, right, strict=True) if typed != meant]
        sounds = len(wrong) == 1 and wrong[0][0] in SOUNDS.get(wrong[0][1], "")
        # 单接 for 接单; 问 and the like have no second character to swap.
        return (
            sounds
            or (len(right) == 2 and word == right[::-1])
            or (verb in READ_ONLY and len(wrong) == 1 < len(right) - 1)
        )
    return len(word) == len(right) + 1 and any(
        word[:place] + word[place + 1 :] == right
        and word[place] in (word[place - 1 : place], word[place + 1 : place + 2])
        for place in range(len(word))
    )


# What these carry is told in free words, which may be a question.
_FREE = frozenset({Verb.ASK, Verb.REPORT, Verb.HOTLINE, Verb.LETTER, Verb.ON_BEHALF})
_NEGATIVES = frozenset("不没未无别莫非")


def _is_no_command(verb: Verb, rest: str) -> bool:
    """`办结了吗`, `接单不了`: asked or denied, not done. What is asked of a resident, or reported, may be a question."""
    said = rest.strip(_MARKS)
    if _DENIES.match(said):
        return True
    if not said or verb in _FREE:
        return False
    has_particle = said not in ("了", "完", "好") and _QUESTION.fullmatch(said) is not None
    return (has_particle and said.rstrip("了完好") != "") or (len(said) <= 12 and _ASKS.search(said) is not None)


def _trim(verb: Verb, rest: str) -> str:
    rest = rest.strip(_MARKS)
    if verb not in _FREE:
        rest = re.sub(r"^[了啦](?=$|[\s,，。:：!])", "", rest).strip(_MARKS)
    return rest
