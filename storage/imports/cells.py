"""Cells to values. A `Cells` reads one line and collects what is wrong with it, so that every fault of a file is found."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from storage.imports.faults import Fault
from storage.imports.sheet import Line

EnumKind = TypeVar("EnumKind", bound=StrEnum)

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,5})?")
_SHORT = re.compile(r"[0-9]{7,8}|110|119|120|122|12345|[48]00-?[0-9]{3}-?[0-9]{4}")
_LIST = re.compile(r"[|、,;]+")
_YES = frozenset(("1", "是", "上班", "班", "true", "yes", "y"))
_NO = frozenset(("0", "否", "休", "休息", "放假", "假", "false", "no", "n"))


@dataclass(slots=True)
class Cells:
    """Reads one line; each method returns a value that is safe to go on with, and notes a fault where the cell is bad."""

    line: Line
    faults: list[Fault] = field(default_factory=list)

    def fault(self, code: str, message: str) -> None:
        """Note a fault in that column."""
        self.faults.append(Fault(self.line.row, code, message))

    def text(self, code: str, largest: int = 200) -> str:
        """Free text, one line, at most `largest` characters."""
        value = " ".join(self.line.cells.get(code, "").split())
        if len(value) > largest:
            self.fault(code, f"超过 {largest} 个字。")
        return value[:largest]

    def required(self, code: str, largest: int = 200) -> str:
        """Text that must be there."""
        value = self.text(code, largest)
        if not value:
            self.fault(code, "不能为空。")
        return value

    def matching(self, code: str, form: re.Pattern[str], wanted: str) -> str:
        """A code of a fixed form, full-width characters made narrow; empty stays empty."""
        value = self._narrow(code)
        if value and not form.fullmatch(value):
            self.fault(code, wanted)
            return ""
        return value

    def choice(self, code: str, words: Mapping[str, EnumKind], default: EnumKind) -> EnumKind:
        """One of the words; an empty cell gives the default."""
        value = self._narrow(code)
        if not value:
            return default
        if (found := words.get(value.lower())) is not None:
            return found
        self.fault(code, f"“{value[:20]}”不是可用的值，可用：{'、'.join(words)}。")
        return default

    def yes_no(self, code: str, default: bool = False) -> bool:
        """是/否, 1/0; for a calendar also 上班/休."""
        value = self._narrow(code).lower()
        if value and value not in _YES | _NO:
            self.fault(code, f"“{value[:20]}”应为 1 或 0（是或否）。")
        return value in _YES if value else default

    def integer(self, code: str, least: int, most: int) -> int | None:
        """A whole number within the bounds; None when empty."""
        value = self._narrow(code)
        if not value:
            return None
        number = int(value) if re.fullmatch(r"-?[0-9]{1,9}", value) else None
        if number is None or not least <= number <= most:
            self.fault(code, f"“{value[:20]}”应为 {least} 到 {most} 的整数。")
            return None
        return number

    def decimal(self, code: str, least: float, most: float) -> float | None:
        """A number within the bounds; None when empty."""
        value = self._narrow(code)
        if not value:
            return None
        number = float(value) if re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,15})?", value) else None
        if number is None or not least <= number <= most:
            self.fault(code, f"“{value[:20]}”应为 {least:g} 到 {most:g} 的数。")
            return None
        return number

    def day(self, code: str) -> date | None:
        """A date as 2026-01-01, 2026/1/1 or 2026年1月1日; None when empty."""
        value = self._narrow(code)
        if not value:
            return None
        found = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", value)
        try:
            if found is None:
                raise ValueError("no date")
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            self.fault(code, f"“{value[:20]}”不是日期，请写成 2026-01-01。")
            return None

    def phone(self, code: str, short: bool = False) -> str:
        """A mobile or a landline with its area code, without spaces or +86; `short`: also local and service numbers.

        The number itself is never repeated in a fault.
        """
        value = re.sub(r"^(\+|00)86-?", "", self._narrow(code).lstrip("'").replace(" ", ""))
        plain = value.replace("-", "")
        if not value or _MOBILE.fullmatch(plain):
            return plain
        if not (_LANDLINE.fullmatch(value) or (short and _SHORT.fullmatch(value))):
            self.fault(code, "不是 11 位手机号，也不是带区号的座机号。")
            return ""
        return value

    def words(self, code: str) -> tuple[str, ...]:
        """A list split at | 、 , or ;, without repeats."""
        value = unicodedata.normalize("NFKC", self.line.cells.get(code, ""))
        return tuple(dict.fromkeys(word.strip() for word in _LIST.split(value) if word.strip()))

    def _narrow(self, code: str) -> str:
        return unicodedata.normalize("NFKC", self.line.cells.get(code, "")).strip()


def spell(kind: type[EnumKind], *others: Mapping[EnumKind, str]) -> dict[str, EnumKind]:
    """The words that mean each member: its value, then the Chinese ones."""
    words = {member.value: member for member in kind if member.value}
    for names in others:
        words |= {word: member for member, listed in names.items() for word in listed.split("|")}
    return words
