"""An operator's own word lists: read, preferred to the shipped ones, and refused as a whole with file, line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.gazetteer import Gazetteer
from nlp.lexicon import CATEGORIES, Entry, Pair, extended_lexicon, shipped_lexicon
from nlp.lexicon_files import LexiconRefused, OwnLines, list_conflicts, read_own_lines, signature
from nlp.reader import Reader
from nlp.reading import Category

LAW = Category.LAW_ENFORCEMENT


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(lines), "utf-8")


def test_own_lines_are_read_and_win_over_the_shipped_ones(tmp_path: Path) -> None:
    write(tmp_path, "law_enforcement.tsv", "# 本地说法", "", "撸串摊\t占道经营\t3", "油烟\t本地油烟\t1")
    write(tmp_path, "pairs.tsv", "冰面 冰道\t钓鱼 玩耍\tpublic_security\t冰面安全\t3")
    own = read_own_lines(tmp_path)
    assert own.entries == (Entry("撸串摊", LAW, "占道经营", 3), Entry("油烟", LAW, "本地油烟", 1))
    assert own.pairs == (Pair(("冰面", "冰道"), ("钓鱼", "玩耍"), Category.PUBLIC_SECURITY, "冰面安全", 3),)
    lexicon = extended_lexicon(own.entries, own.pairs)
    assert lexicon.item("油烟", LAW) == "本地油烟"
    assert lexicon.weights["油烟"][CATEGORIES.index(LAW)] < shipped_lexicon().weights["油烟"][CATEGORIES.index(LAW)]
    reader = Reader(Gazetteer(()), lexicon)
    assert reader.read("门口又来了撸串摊").category is LAW
    assert reader.read("有孩子在冰面上钓鱼").category is Category.PUBLIC_SECURITY


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("dispute.tsv", "吵架\t3", "dispute.tsv 第2行：应为三格"),
        ("dispute.tsv", "吵架\t邻里\t很重", "dispute.tsv 第2行：分量“很重”不是数字"),
        ("dispute.tsv", "吵架\t邻里\t9", "第2行：分量应在-5到5之间"),
        ("dispute.tsv", "吵架\t邻里\tnan", "第2行：分量应在"),
        ("dispute.tsv", "吵架\t邻里\t0", "第2行：分量应在"),
        ("dispute.tsv", "吵\t邻里\t1", "第2行：词应为2到20个字"),
        ("dispute.tsv", "吵 架\t邻里\t1", "第2行：词应为"),
        ("dispute.tsv", "吵架\t\t1", "第2行：没有写子类"),
        ("dispute.tsv", "吵架\t邻里\t1\n吵架\t邻里\t2", "第3行：“吵架”在这个文件里写了两遍"),
        ("pairs.tsv", "灯\t坏\tdispute\t1", "pairs.tsv 第2行：应为五格"),
        ("pairs.tsv", "灯\t坏\t城建\t照明\t1", "第2行：没有“城建”这个类别"),
        ("pairs.tsv", "\t坏\tdispute\t照明\t1", "第2行：前词和后词都要写"),
        ("pairs.tsv", "灯\t坏\tdispute\t\t1", "第2行：没有写子类"),
        ("emergency.tsv", "fire\t119\t着火", "emergency.tsv：不认识这个文件名"),
    ],
)
def test_a_faulty_line_is_refused_with_file_line_and_reason(tmp_path: Path, name: str, line: str, reason: str) -> None:
    write(tmp_path, "livelihood.tsv", "低保金\t社会救助\t3")
    write(tmp_path, name, "# 说明", line)
    with pytest.raises(LexiconRefused) as refused:
        read_own_lines(tmp_path)
    assert len(refused.value.faults) == 1
    assert reason in str(refused.value.faults[0])


def test_all_faults_are_named_together(tmp_path: Path) -> None:
    write(tmp_path, "dispute.tsv", "吵架\t3", "打架\t邻里\t很重")
    (tmp_path / "livelihood.tsv").write_bytes(b"\xb5\xcd\xb1\xa3")
    (tmp_path / "public_security.tsv").write_text("长" * (1 << 19), "utf-8")
    with pytest.raises(LexiconRefused) as refused:
        read_own_lines(tmp_path)
    told = [str(fault) for fault in refused.value.faults]
    assert [line.partition("：")[0] for line in told] == [
        "dispute.tsv 第1行",
        "dispute.tsv 第2行",
        "livelihood.tsv",
        "public_security.tsv",
    ]
    assert "UTF-8" in told[2]
    assert "超过 1 MiB" in told[3]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconRefused, match="没有这个文件夹"):
        read_own_lines(tmp_path / "nowhere")
    assert signature(tmp_path / "nowhere") == ()


def test_a_change_of_a_file_shows(tmp_path: Path) -> None:
    seen = [signature(tmp_path)]
    write(tmp_path, "dispute.tsv", "吵架\t邻里\t1")
    seen.append(signature(tmp_path))
    write(tmp_path, "dispute.tsv", "吵架\t邻里\t1.5")
    seen.append(signature(tmp_path))
    assert len(set(seen)) == 3


def test_conflicts_are_words_that_decide_alone_for_two() -> None:
    strong = Entry("飞线充电", LAW, "本地", 3)
    assert list_conflicts(OwnLines((strong,))) == ["“飞线充电”同时单独决定社会治安、综合执法"]
    assert list_conflicts(OwnLines((strong, Entry("飞线充电", Category.PUBLIC_SECURITY, "消防隐患", 1)))) == []
    assert list_conflicts(OwnLines((Entry("飞线充电", LAW, "本地", 2),))) == []
    assert list_conflicts(OwnLines()) == []
