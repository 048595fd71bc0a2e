"""`import cases`: letters of the hotline become cases through the one door, all or none."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from lab.city import make_city, write_city

HEAD = "外部编号,来源,内容,电话,时间\n"
GOOD = "20261123-0001,热线,居民反映楼道堆放杂物,13900000001,2026-11-23 09:30\nXF-2026-001,信访,居民反映下水道堵塞,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_city(make_city("street", 1), tmp_path / "city")
    config = tmp_path / "config.toml"
    config.write_text(f'[storage]\nurl = "sqlite+aiosqlite:///{tmp_path / "w.db"}"\n')
    config.chmod(0o600)
    assert run(tmp_path, "import", "areas", str(tmp_path / "city" / "areas.csv")).exit_code == 0
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(folder / "config.toml")])


def write(folder: Path, rows: str) -> str:
    path = folder / "letters.csv"
    path.write_text(HEAD + rows)
    return str(path)


def list_cases(folder: Path) -> list[dict[str, object]]:
    found: dict[str, list[dict[str, object]]] = json.loads(run(folder, "cases", "--json").stdout.splitlines()[-1])
    return found["cases"]


def test_each_letter_is_a_case_once(folder: Path) -> None:
    path = write(folder, GOOD)
    assert run(folder, "import", "cases", path, "--dry-run").exit_code == 0
    assert list_cases(folder) == []
    told = run(folder, "import", "cases", path, "--json")
    assert json.loads(told.stdout.splitlines()[-1])["created"] == 2
    cases = list_cases(folder)
    assert {case["status"] for case in cases} == {"triage"}
    # Again: both numbers are known, and the row says by which case.
    again = run(folder, "import", "cases", path)
    assert again.exit_code == 1
    assert f"已登记为工单 {min(str(case['number']) for case in cases)}" in again.output
    assert len(list_cases(folder)) == 2


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("20261123-0001,热线,又一封,,", "重复"),
        (",热线,没有编号的信,,", "不能为空"),
        ("a b,热线,编号不对的信,,", "应为 4 到 40 位"),
        ("20261123-0009,微博,来源不对的信,,", "不是可用的值"),
        ("20261123-0009,热线,,,", "不能为空"),
        ("20261123-0009,热线,电话不对的信,123,", "不是 11 位手机号"),
        ("20261123-0009,热线,时间不对的信,,昨天", "应写成 2026-11-23 09:30"),
    ],
)
def test_one_fault_and_none_is_opened(folder: Path, row: str, fault: str) -> None:
    refused = run(folder, "import", "cases", write(folder, f"{GOOD}{row}\n"))
    assert refused.exit_code == 1
    assert fault in refused.output
    assert "13900000001" not in refused.output
    assert list_cases(folder) == []
