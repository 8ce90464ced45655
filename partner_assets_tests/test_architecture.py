"""The house rules, read from the source with `ast`: who may import whom, how long a file is, what every file says first.

A broken rule is a sentence that names the file and what it imports. Not here: style, which ruff checks.
"""

import ast
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "partner_assets"
Sources = dict[str, str]
"""Path below the package, such as `lake/store.py`, to source."""

WINGS: dict[str, tuple[set[str], set[str]]] = {
    "tables": ({"tables"}, {"dagster", "pyarrow", "duckdb", "requests", "pandas"}),
    "lake": ({"lake", "tables"}, {"dagster", "requests"}),
    "api": ({"api"}, {"dagster", "pyarrow", "duckdb", "pandas"}),
    "sandbox": ({"sandbox", "tables.codes"}, set()),
    "progress": (set(), {"dagster"}),
    "key_file": ({"key_file"}, {"dagster", "pyarrow", "duckdb", "requests", "pandas"}),
    "setting_values": ({"key_file"}, {"dagster"}),
    "settings": ({"api.endpoints", "key_file", "setting_values", "tables"}, {"dagster"}),
}
"""For each part that is not the shell: what it may import of the package, and which libraries it may not."""

SHELL = (
    "settings",
    "keys",
    "partitions",
    "resources",
    "materialization",
    "assets",
    "checks",
    "automation",
    "build",
    "definitions",
    "runs",
    "commands",
    "cli",
)
"""The shell in its order: a module may import only what stands before its own part, and the wings."""

EVERYBODYS = {"tables", "lake", "api", "progress", "key_file"}
AFTER_BUILD = {"runs", "commands", "cli"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "core"}
LONGEST, MEDIAN = 300, 90


def part_of(path: str) -> str:
    """Return the part of the package that a file belongs to: its folder, or its own name."""
    return path.split("/")[0].removesuffix(".py")


def imports(source: str) -> Iterator[str]:
    """Yield every name that is imported anywhere in the source, in full: `a.b.c` for `from a.b import c`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def is_within(name: str, parts: set[str]) -> bool:
    """Tell whether a name of the package is one of these parts or lies in one."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def allowed_parts(part: str) -> set[str]:
    """Return what a part may import of the package."""
    if part in WINGS:
        return WINGS[part][0]
    before = set(SHELL[: SHELL.index(part)]) if part in SHELL else set()
    own = set() if part == "assets" else {part}
    return before | own | EVERYBODYS | ({"sandbox"} if part in AFTER_BUILD else set())


def wrong_imports(sources: Sources) -> Iterator[str]:
    """Say every import that goes against the direction of the house."""
    for path, source in sources.items():
        part = part_of(path)
        if path != "__init__.py" and part not in {*WINGS, *SHELL}:
            yield f"{path} has no place in the house: give {part} one in WINGS or SHELL."
        for name in imports(source):
            inside = name.removeprefix("partner_assets.")
            if name.startswith("."):
                yield f"{path} imports {name} by a relative name; write it in full."
            elif name.split(".")[0] == "partner_assets" and not is_within(inside, allowed_parts(part)):
                yield f"{path} imports {name}, and {part} may not import it."
            elif name.split(".")[0] in WINGS.get(part, (set(), set()))[1]:
                yield f"{path} imports {name}, and {part} has to do without {name.split('.')[0]}."


def environment_readers(sources: Sources) -> Iterator[str]:
    """Say every mention of the environment outside of the settings; commands may hand one on to child processes."""
    for path, source in sources.items():
        if part_of(path) in ("settings", "commands"):
            continue
        for node in ast.walk(ast.parse(source)):
            is_attribute = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
            is_name = isinstance(node, ast.alias) and node.name in ("environ", "environb", "getenv")
            if is_attribute or is_name:
                yield f"{path} reads the environment; only settings.py names environment variables."
                break


def badly_opened(sources: Sources) -> Iterator[str]:
    """Say every module that does not open with a docstring, and every `__init__.py` that is not empty."""
    for path, source in sources.items():
        if path.endswith("__init__.py"):
            if source:
                yield f"{path} is not empty; names are imported from where they are defined."
        elif not ast.get_docstring(ast.parse(source)):
            yield f"{path} does not say first what belongs in it."


def badly_named(sources: Sources) -> Iterator[str]:
    """Say every module or folder whose name would take in anything."""
    for path in sources:
        vague = VAGUE & set(path.removesuffix(".py").split("/"))
        if vague:
            yield f"{path} is called {vague.pop()}, which says nothing; name it after what is in it."


def too_long(sources: Sources) -> Iterator[str]:
    """Say every file that is longer than a reader's patience, and a median that has crept up."""
    lengths = {path: len(source.splitlines()) for path, source in sources.items() if not path.endswith("__init__.py")}
    for path, length in lengths.items():
        if length > LONGEST:
            yield f"{path} has {length} lines; {LONGEST} is the most."
    if lengths and statistics.median(lengths.values()) > MEDIAN:
        yield f"Half of all files have more than {statistics.median(lengths.values()):.0f} lines; {MEDIAN} is the most."


def the_house() -> Sources:
    """Return the package's own sources."""
    return {file.relative_to(PACKAGE).as_posix(): file.read_text() for file in sorted(PACKAGE.rglob("*.py"))}


RULES: list[Callable[[Sources], Iterator[str]]] = [
    wrong_imports,
    environment_readers,
    badly_opened,
    badly_named,
    too_long,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rule(rule: Callable[[Sources], Iterator[str]]) -> None:
    """Guards against a wing that learns of Dagster, an environment read at import, and files that nobody reads."""
    broken = list(rule(the_house()))
    assert not broken, "\n".join(broken)


def test_the_house_is_found() -> None:
    """Guards against rules that all hold because no file was read."""
    assert {"tables/table.py", "lake/store.py", "api/client.py", "settings.py"} <= set(the_house())


BAD_IMPORTS = {
    "tables of Arrow": ("tables/a.py", "import pyarrow.parquet as pq"),
    "tables of pandas": ("tables/a.py", "from pandas import DataFrame"),
    "tables of the lake": ("tables/a.py", "from partner_assets.lake import sql"),
    "tables of the lake in a function": ("tables/a.py", "def f():\n    import partner_assets.lake.sql"),
    "tables of the lake by name": (
        "tables/a.py",
        "import importlib\nimportlib.import_module('partner_assets.lake.sql')",
    ),
    "lake of Dagster": ("lake/a.py", "import dagster as dg"),
    "lake of the api": ("lake/a.py", "from partner_assets.api.errors import NotFound"),
    "lake of requests": ("lake/a.py", "try:\n    import requests\nexcept ImportError:\n    pass"),
    "api of the tables": ("api/a.py", "from partner_assets.tables.values import json_text"),
    "api of DuckDB": ("api/a.py", "from duckdb import connect"),
    "sandbox of a table": ("sandbox/a.py", "from partner_assets.tables.orders import ORDERS"),
    "sandbox of all tables": ("sandbox/a.py", "from partner_assets import tables"),
    "settings of the client": ("settings.py", "from partner_assets.api.client import PartnerApi"),
    "settings of Dagster": ("settings.py", "from dagster import Config"),
    "partitions of resources": ("partitions.py", "from partner_assets.resources import Partner"),
    "an asset of an asset": ("assets/a.py", "from partner_assets.assets.orders import order_assets"),
    "an asset of a check": ("assets/a.py", "from partner_assets.checks import table_checks"),
    "an asset of the sandbox": ("assets/a.py", "from partner_assets.sandbox.world import World"),
    "a check of a sensor": ("checks.py", "from partner_assets.automation.jobs import ORDERS"),
    "build of definitions": ("build.py", "from partner_assets.definitions import defs"),
    "a relative name": ("lake/a.py", "from . import sql"),
    "a relative name further up": ("lake/a.py", "from ..tables.table import Table"),
    "the whole package": ("lake/a.py", "import partner_assets"),
    "a part that nobody knows": ("plumbing.py", '"""Pipes."""'),
}

GOOD_IMPORTS = {
    "tables/a.py": "import msgspec\nfrom partner_assets.tables.table import Table",
    "lake/a.py": "import duckdb\nfrom partner_assets.tables import codes\nfrom partner_assets.lake import sql",
    "api/a.py": "import requests\nfrom partner_assets.api.errors import NotFound",
    "sandbox/a.py": "from partner_assets.tables.codes import CODE_SETS\nfrom partner_assets.sandbox.world import World",
    "settings.py": "from partner_assets.api.endpoints import ENDPOINT_NAMES\nfrom partner_assets.tables.table import Table",
    "assets/a.py": "import dagster\nfrom partner_assets.materialization.slices import WHOLE",
    "automation/a.py": "from partner_assets.automation.jobs import ORDERS\nfrom partner_assets.checks import table_checks",
    "commands/a.py": "from partner_assets.sandbox.server import serve\nfrom partner_assets.build import build_defs",
    "tables/b.py": '"""A word of dagster or partner_assets.lake in a text is no import."""\nx = "import dagster"',
}


@pytest.mark.parametrize(("path", "source"), BAD_IMPORTS.values(), ids=BAD_IMPORTS)
def test_a_wrong_import_is_seen_and_said(path: str, source: str) -> None:
    """Guards against a checker that is blind: every direction that is forbidden is tried on it once."""
    (sentence,) = wrong_imports({path: source})
    assert sentence.startswith(path)
    assert sentence.endswith(".")


@pytest.mark.parametrize("path", GOOD_IMPORTS)
def test_a_right_import_is_left_in_peace(path: str) -> None:
    """Guards against a checker that forbids what the house is built on."""
    assert list(wrong_imports({path: GOOD_IMPORTS[path]})) == []


@pytest.mark.parametrize(
    "source",
    ["import os\nx = os.environ['A']", "import os\nos.getenv('A')", "from os import environ", "from os import getenv"],
)
def test_a_read_of_the_environment_is_seen(source: str) -> None:
    """Guards against a setting that no documentation knows."""
    assert list(environment_readers({"lake/a.py": source})) == [
        "lake/a.py reads the environment; only settings.py names environment variables."
    ]
    assert list(environment_readers({"settings.py": source, "commands/run.py": source})) == []


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (badly_opened, "lake/a.py", "x = 1"),
        (badly_opened, "lake/__init__.py", '"""The lake."""'),
        (badly_named, "lake/utils.py", ""),
        (badly_named, "common/a.py", ""),
        (too_long, "lake/a.py", "\n" * 301),
    ],
)
def test_the_other_rules_see_what_breaks_them(rule: Callable[[Sources], Iterator[str]], path: str, source: str) -> None:
    """Guards against rules that hold whatever the files look like."""
    short = {f"lake/{number}.py": '"""Short."""' for number in range(3)}
    (sentence,) = rule({path: source, **short})
    assert sentence.startswith(path)


def test_a_median_that_creeps_up_is_seen() -> None:
    """Guards against a house in which every file is just short enough."""
    (sentence,) = too_long({f"lake/{number}.py": "\n" * 91 for number in range(3)})
    assert "91 lines" in sentence
