"""汉字 numerals and digits, as they stand in addresses (十二号楼, 三单元, 四〇二室)."""

from __future__ import annotations

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_DIGITS |= {"壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_WRITTEN = "零一二三四五六七八九"

NUMERAL_CHARACTERS = "".join((*_DIGITS, *_SCALES))
"""Every 汉字 that `parse_number` understands, for character classes."""


def parse_number(text: str) -> int | None:
    """Read `12`, `十二`, `一百零二` or `四〇二`; None where the text is no number of at most eight signs."""
    if len(text) > 8:
        return None
    if text.isascii():
        return int(text) if text.isdigit() else None
    if any(char not in _DIGITS and char not in _SCALES for char in text):
        return None
    if not any(char in _SCALES for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    return _parse_scaled(text)


def _parse_scaled(text: str) -> int:
    total, digit = 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            total += (digit or 1) * _SCALES[char]
            digit = 0
    return total + digit


def render_number(number: int) -> str:
    """Write 0–9999 in 汉字 the way people say it (12 → 十二). Raises ValueError outside that range."""
    if not 0 <= number <= 9999:
        raise ValueError(f"number out of range: {number}")
    written, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            written += ("零" if gap else "") + _WRITTEN[digit] + name
        gap = not digit and bool(written)
    return (written[1:] if 10 <= number < 20 else written) or "零"


def normalise_number(text: str) -> str:
    """The digits of a house number in one spelling: 十二 → "12", 012 → "12"; other text is kept, in capitals."""
    number = parse_number(text)
    return text.upper() if number is None else str(number)
