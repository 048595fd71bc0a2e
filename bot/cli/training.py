"""`train` and `train-ear`: learn the weights that are shipped anew."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import JsonFlag, errors, fail, finish
from bot.cli.labelled import MessagesFile, read_rows, read_sentences
from nlp.lexicon import Lexicon, list_entries, list_pairs


def train(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="标注好的 JSONL、judged 列表或写好的句子（.tsv）")
    ],
    out: Annotated[Path, typer.Option("--out", help="写到哪里（tuning.tsv）")],
    messages: MessagesFile = None,
    strength: Annotated[float, typer.Option("--strength", min=0.01, help="向词库收缩的力度，越大越保守")] = 1.5,
    as_json: JsonFlag = False,
) -> None:
    """从标注数据重新学习词的分量，写成 tuning.tsv。学过的数据不能再用来度量，请用 evaluate --cross-validate。"""
    from nlp.learning import learn_anew, list_tuning  # numpy: only who learns needs it, and only he waits for it

    rows = [row for file in files for row in read_rows(file, messages)]
    known = Lexicon.of(list_entries(), list_pairs())
    learned = learn_anew(rows, known, strength)
    _write(out, list_tuning(learned, known))
    finish(as_json, file=str(out), messages=len(rows), words=len(learned.weights))


def train_ear(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="写好的句子（.tsv：句子、类别、险情、说话的种类）")
    ],
    out: Annotated[Path, typer.Option("--out", help="写到哪里（sounds.tsv）")],
    calm: Annotated[
        Path | None, typer.Option("--calm", help="没有险情的真实消息（judged 列表或 JSONL），学平常人怎么说话")
    ] = None,
    messages: MessagesFile = None,
    folds: Annotated[int, typer.Option("--folds", min=0, max=20, help="交叉验证分几份，0 为不做")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """从写好的句子学习短消息听起来像什么（险情、闲话、平常事），写成 sounds.tsv；--folds 另外度量没学过的句子。"""
    from nlp.ear_learning import cross_validate, learn_ear, list_calm, list_calm_words  # numpy, as above

    sentences = [one for file in files for one in read_sentences(file)]
    messages_read = list(list_calm(read_rows(calm, messages))) if calm else []
    quiet = [*list_calm_words(), *messages_read]
    if 0 < len(sentences) < folds:
        raise fail(f"只有 {len(sentences)} 句，分不成 {folds} 份。", 2)
    with errors.status("正在学习…"):
        figures = cross_validate(sentences, quiet, folds) if folds > 1 else {}
        lines = list(learn_ear([*sentences, *quiet]))
    _write(out, lines)
    finish(as_json, file=str(out), sentences=len(sentences), calm=len(messages_read), pieces=len(lines) - 3, **figures)


def _write(out: Path, lines: Iterable[str]) -> None:
    try:
        out.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise fail(f"无法写入 {out}：{error.strerror}", 2) from None
