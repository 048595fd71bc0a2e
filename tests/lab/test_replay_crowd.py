"""Who says what in a replay, and the config of the child."""

import gzip
import json
import tomllib
from pathlib import Path
from random import Random

import pytest

from lab.replay import plan_kills
from lab.replay_crowd import NoMessages, plan_visits, read_messages
from lab.replay_service import write_config

ROWS = [
    {"title": "路灯", "text": "路灯不亮"},
    {"text": "井盖丢了"},
    {"title": "", "text": "噪音大"},
    {"title": "只有标题"},
]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_messages_are_title_and_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert read_messages(path) == ["路灯。路灯不亮", "井盖丢了", "噪音大", "只有标题"]
    assert read_messages(path, 1) == ["路灯。路灯不亮"]


@pytest.mark.parametrize("content", ["", "路灯不亮", '{"title": " "}', "[1]", "{}"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NoMessages):
        read_messages(path)


def test_each_message_is_said_once_in_order_and_nobody_shares_an_openid() -> None:
    texts = [f"第{number}件事" for number in range(2000)]
    visits = plan_visits(texts, ["grid-1", "grid-2"], Random(1), "run")
    assert [text for visit in visits for text in visit.texts] == texts
    assert len({visit.openid for visit in visits}) == len(visits)
    assert all(visit.openid.startswith("run-") for visit in visits)
    assert 100 < sum(len(visit.texts) == 2 for visit in visits) < 250
    assert 0.87 < sum(visit.scene is not None for visit in visits) / len(visits) < 0.93


def test_kills_are_spread_over_the_run_and_the_same_for_a_seed() -> None:
    moments = plan_kills(1000, 5, Random(7))
    assert [int(moment // 200) for moment in moments] == [0, 1, 2, 3, 4]
    assert moments == plan_kills(1000, 5, Random(7))
    assert plan_kills(1000, 0, Random(7)) == []


def test_the_config_that_the_child_reads_is_what_was_meant(tmp_path: Path) -> None:
    tree = {
        "server": {"port": 8600, "public_url": "http://127.0.0.1:8600"},
        "a": {"b": {"name": '网格"助手"\\', "n": 1.5}},
    }
    path = tmp_path / "config.toml"
    write_config(path, tree)
    assert tomllib.loads(path.read_text(encoding="utf-8")) == tree
    assert path.stat().st_mode & 0o077 == 0
