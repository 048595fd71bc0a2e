"""What is wrong with a file, said by row and column; a file with one fault is not imported at all."""

from dataclasses import dataclass

SHOWN = 200
"""So many faults are listed; of the rest only the number is told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` as the spreadsheet counts (the header is 1; 0: the file as a whole); `column`: the header as written, or empty.

    `unit`: what is counted; a map counts features, and its `column` is the area's code.
    """

    row: int
    column: str
    message: str
    unit: str = "行"

    def __str__(self) -> str:
        place = f"第{self.row}{self.unit}" if self.row else "文件"
        return f"{place}“{self.column}”：{self.message}" if self.column else f"{place}：{self.message}"


class ImportRefused(ValueError):
    """A file that was not imported; nothing was written. `str()` is the Chinese text, one fault a line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.row))
        super().__init__("\n".join(render_faults(self.faults)))


def render_faults(faults: tuple[Fault, ...]) -> list[str]:
    """One line per fault, at most `SHOWN`, then how many more there are."""
    lines = [str(fault) for fault in faults[:SHOWN]]
    more = len(faults) - SHOWN
    return [*lines, f"另有 {more} 处错误未列出，请先改正以上各处。"] if more > 0 else lines
