"""Labelled messages from files: a JSONL with texts, a list of judged ids beside the messages themselves, or written sentences."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from bot.cli.common import fail
from nlp.evaluate import Labelled
from nlp.judged import join_texts, parse_judged
from nlp.sentences import Sentence, parse_sentences

MessagesFile = Annotated[
    Path | None, typer.Option("--messages", help="judged 列表里的编号所指的消息（JSONL，可以是 .gz）")
]


def read_rows(file: Path, messages: Path | None) -> list[Labelled]:
    """Rows of a labelled JSONL, or of a `.tsv`: a judged list with its `messages`, or sentences (those that have a category).

    Ends the command: 2 for a file that cannot be read or is missing, 1 for one of another form.
    """
    with _said(file):
        if file.suffix != ".tsv":
            return [Labelled.parse(row) for row in _read_json(file)]
        lines = file.read_text(encoding="utf-8").splitlines()
        if _is_sentences(lines):
            return [row for one in parse_sentences(lines) if (row := one.as_labelled())]
        return _join(file, lines, messages)


def read_sentences(file: Path) -> list[Sentence]:
    """Written sentences. Ends the command as `read_rows` does."""
    with _said(file):
        return list(parse_sentences(file.read_text(encoding="utf-8").splitlines()))


def _is_sentences(lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return first.count("\t") == 3


@contextmanager
def _said(file: Path) -> Iterator[None]:
    """Says what is wrong with the file, and ends the command."""
    try:
        yield
    except UnicodeDecodeError:
        raise fail(f"{file} 不是 UTF-8 编码。") from None
    except OSError as error:
        raise fail(f"无法读取 {error.filename or file}：{error.strerror or error}", 2) from None
    except ValueError as fault:
        # What the parsers say names a line or a place in it, never a text.
        raise fail(f"{file} 不是标注数据：{fault}") from None
    except (KeyError, TypeError, AttributeError, EOFError) as fault:
        raise fail(f"{file} 不是标注数据：{type(fault).__name__}") from None


def _join(file: Path, lines: list[str], messages: Path | None) -> list[Labelled]:
    if messages is None:
        raise fail(f"{file} 只有编号，请用 --messages 给出正文所在的文件。", 2)
    judged = parse_judged(lines)
    rows = list(join_texts(judged, _read_json(messages)))
    if len(rows) != len(judged):
        raise fail(f"{messages} 里只找到 {file} 的 {len(rows)}/{len(judged)} 条。")
    return rows


def _read_json(file: Path) -> Iterator[dict[str, object]]:
    with _open(file) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _open(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8")
    return file.open(encoding="utf-8")
