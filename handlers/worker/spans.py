"""How long a worker asks for: `2天`, `两个工作日`, `一周` → a limit that `grid.limits` reads, and the reason after it."""

import re

_DIGITS = {"一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS = {
    "工作日": ("wd", 1),
    "工作小时": ("wh", 1),
    "天": ("d", 1),
    "日": ("d", 1),
    "周": ("d", 7),
    "星期": ("d", 7),
    "礼拜": ("d", 7),
    "小时": ("h", 1),
    "钟头": ("h", 1),
    "月": ("mo", 1),
    "wd": ("wd", 1),
    "wh": ("wh", 1),
    "d": ("d", 1),
    "h": ("h", 1),
}
_SPAN = re.compile(
    rf"(?P<amount>\d{{1,4}}|[{''.join(_DIGITS)}]{{1,3}})\s*个?\s*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z])"
)
_EDGES = " ,，。、;；:："


def parse_span(text: str) -> tuple[str | None, str]:
    """The limit (`2d`, `3wd`) and the reason; (None, text) where no span is named."""
    match = _SPAN.search(text)
    if match is None:
        return None, text
    code, times = _UNITS[match["unit"]]
    before, after = text[: match.start()].strip(_EDGES), text[match.end() :].strip(_EDGES)
    return f"{_parse_amount(match['amount']) * times}{code}", "，".join(part for part in (before, after) if part)


def _parse_amount(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text[-1]]
    return (_DIGITS[tens[-1]] if tens else 1) * 10 + (_DIGITS[ones[-1]] if ones else 0)
