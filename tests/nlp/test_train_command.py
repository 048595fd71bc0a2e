"""`wangge train` and `wangge evaluate --learn-from`: the list of ids is joined with the messages, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

WORDS = {"urban_property": "路灯坏了", "dispute": "拖欠工钱"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [(f"m:{place}", code) for place in range(30) for code in [list(WORDS)[place % 2]]]
    texts = [{"id": id, "title": f"第{id[2:]}件", "text": f"{WORDS[code]}，请看看"} for id, code in rows]
    (tmp_path / "messages.jsonl").write_text("\n".join(map(json.dumps, texts)), "utf-8")
    (tmp_path / "judged.tsv").write_text("".join(f"{id}\trandom\t{code}\n" for id, code in rows), "utf-8")
    labelled = [{"text": WORDS[code], "primary": code, "agreed": True} for code in WORDS]
    (tmp_path / "labelled.jsonl").write_text("\n".join(map(json.dumps, labelled)), "utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(folder / word) if "." in word else word for word in words])
    return done.exit_code, done.output


def test_a_list_and_a_file_are_learned_together(folder: Path) -> None:
    names = ("judged.tsv", "labelled.jsonl", "--messages", "messages.jsonl", "--out", "tuning.tsv", "--json")
    code, said = run(folder, "train", *names)
    assert code == 0
    assert json.loads(said)["messages"] == 32
    lines = (folder / "tuning.tsv").read_text("utf-8").splitlines()
    assert lines[1].startswith("(起点)")
    assert all(len(line.split("\t")) == 7 for line in lines)


def test_measuring_with_a_list_says_how_many_were_learned(folder: Path) -> None:
    names = ("labelled.jsonl", "--learn-from", "judged.tsv", "--messages", "messages.jsonl", "--json")
    code, said = run(folder, "evaluate", *names)
    assert code == 0
    figures = json.loads(said)
    assert (figures["learned_from"], figures["accepted"], figures["folds"]) == (30, 1.0, 1)


def test_a_list_without_its_messages_is_refused(folder: Path) -> None:
    assert run(folder, "train", "judged.tsv", "--out", "tuning.tsv")[0] == 2
    assert not (folder / "tuning.tsv").exists()


def test_ids_that_the_messages_do_not_have_are_refused(folder: Path) -> None:
    with (folder / "judged.tsv").open("a", encoding="utf-8") as file:
        file.write("m:99\trandom\tdispute\n")
    code, said = run(folder, "train", "judged.tsv", "--messages", "messages.jsonl", "--out", "tuning.tsv")
    assert code == 1
    assert "30/31" in said
