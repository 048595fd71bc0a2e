"""`import boundaries` and its line in `check`, as an operator meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from lab.city import make_city, write_city


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


def figures(result: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return found


def write_without_crs(folder: Path) -> str:
    whole = json.loads((folder / "city" / "boundaries.geojson").read_bytes())
    del whole["crs"]
    path = folder / "bare.geojson"
    path.write_text(json.dumps(whole))
    return str(path)


def test_a_dry_run_then_the_import(folder: Path) -> None:
    path = str(folder / "city" / "boundaries.geojson")
    words = ("import", "boundaries", path, "--json")
    expected = {"created": 40, "updated": 0, "unchanged": 0, "removed": 0, "bind_codes": {}, "warnings": []}
    for flags in (("--dry-run",), ("--dry-run",), ()):
        assert figures(run(folder, *words, *flags)) == expected
    assert figures(run(folder, *words)) == {**expected, "created": 0, "unchanged": 40}


def test_the_system_must_be_stated(folder: Path) -> None:
    path = write_without_crs(folder)
    refused = run(folder, "import", "boundaries", path)
    assert refused.exit_code == 1
    assert "坐标系不能猜" in refused.output
    assert run(folder, "import", "boundaries", path, "--crs", "EPSG:4490").exit_code == 0


@pytest.mark.parametrize(("kind", "crs"), [("boundaries", "EPSG:4525"), ("areas", "CGCS2000")])
def test_a_wrong_use_is_bad_usage(folder: Path, kind: str, crs: str) -> None:
    assert run(folder, "import", kind, write_without_crs(folder), "--crs", crs).exit_code == 2


def test_the_wrong_system_is_taken_with_warnings(folder: Path) -> None:
    told = run(folder, "import", "boundaries", write_without_crs(folder), "--crs", "GCJ-02")
    assert told.exit_code == 0
    assert "请核对编码和坐标系" in told.output


def test_check_has_a_line_on_boundaries(folder: Path) -> None:
    assert "没有导入" in run(folder, "check").output
    run(folder, "import", "boundaries", str(folder / "city" / "boundaries.geojson"))
    assert "无重叠，无空隙" in run(folder, "check").output
    whole = json.loads((folder / "city" / "boundaries.geojson").read_bytes())
    whole["features"][1]["geometry"] = whole["features"][0]["geometry"]
    path = folder / "twice.geojson"
    path.write_text(json.dumps(whole))
    run(folder, "import", "boundaries", str(path))
    assert "的边界重叠" in run(folder, "check").output
