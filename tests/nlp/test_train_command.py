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


SENTENCES = "".join(
    f"{place}马蜂窝炸营了蜇得{who}满脸包\tpublic_security\tinjury\tmatter\n{place}的{who}说灯该修了\turban_property\t-\tmatter\n"
    for place in ("树上", "房檐", "路边")
    for who in ("他", "我", "娃")
)


def test_danger_is_learned_from_sentences_and_measured_by_folds(folder: Path) -> None:
    (folder / "chat.tsv").write_text(SENTENCES, "utf-8")
    names = (
        "chat.tsv",
        "--calm",
        "judged.tsv",
        "--messages",
        "messages.jsonl",
        "--folds",
        "3",
        "--out",
        "sounds.tsv",
        "--json",
    )
    code, said = run(folder, "train-ear", *names)
    assert code == 0, said
    figures = json.loads(said)
    assert (figures["sentences"], figures["calm"]) == (18, 30)
    assert (figures["caught"], figures["right_kind"], figures["false_alarms"]) == (1.0, 1.0, 0.0)
    lines = (folder / "sounds.tsv").read_text("utf-8").splitlines()
    assert lines[1] == "(种类)\tcalm\tinjury"
    assert len(lines) == figures["pieces"] + 3


def test_sentences_that_have_a_category_are_learned_like_messages(folder: Path) -> None:
    (folder / "chat.tsv").write_text(SENTENCES + "你好\tnone\t-\tgreeting\n", "utf-8")
    code, said = run(folder, "train", "chat.tsv", "--out", "tuning.tsv", "--json")
    assert code == 0, said
    assert json.loads(said)["messages"] == 9  # what tells of danger and what is no matter teach no category


def test_a_faulty_sentence_is_refused(folder: Path) -> None:
    (folder / "chat.tsv").write_text(SENTENCES + "少了\t两格\n", "utf-8")
    code, said = run(folder, "train-ear", "chat.tsv", "--out", "sounds.tsv")
    assert code == 1
    assert "chat.tsv" in said
    assert "line 19" in said
    assert not (folder / "sounds.tsv").exists()


def test_fewer_sentences_than_folds_are_refused(folder: Path) -> None:
    (folder / "chat.tsv").write_text("着火了\tpublic_security\tfire\tmatter\n", "utf-8")
    assert run(folder, "train-ear", "chat.tsv", "--folds", "5", "--out", "sounds.tsv")[0] == 2
