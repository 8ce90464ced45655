"""The documents say what is true: every table, setting, command and link in the README exists, and the other way round.

What the commands print is tested in `commands/`; here it is only that they are there.
"""

import re
from pathlib import Path

import duckdb
import pytest

from partner_assets.api.endpoints import ENDPOINT_NAMES
from partner_assets.cli import main
from partner_assets.lake import catalogue
from partner_assets.settings import EXAMPLES
from partner_assets.tables.dictionary import TABLES_BY_NAME

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "data/README.md", ROOT / "benchmarks/README.md"]
)


def _section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_readme_lists_every_table_and_no_other() -> None:
    """Guards against a table that was added, renamed or removed without telling its readers."""
    listed = re.findall(r"^\| `(\w+)` \|", _section("The tables"), re.MULTILINE)
    assert sorted(listed) == sorted(TABLES_BY_NAME)


def test_the_readme_lists_every_setting_and_no_other() -> None:
    """Guards against settings that nobody can find, and against documented ones that do nothing."""
    listed = set(re.findall(r"`(PARTNER_[A-Z_]+)`", _section("Settings")))
    assert listed == set(EXAMPLES)


def test_the_readme_lists_every_path_that_can_be_moved() -> None:
    """Guards against an endpoint whose path cannot be corrected because its variable is not told."""
    (row,) = re.findall(r"^\| `PARTNER_API_PATH_…` .*$", _section("Settings"), re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+)`", row)) == {name.upper() for name in ENDPOINT_NAMES}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_a_document_exists(document: Path) -> None:
    """Guards against commands that were renamed: the first thing a stranger types must work."""
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    made = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    verbs = set(re.findall(r"(?:^|`)partner-assets ([a-z]+)", text, re.MULTILINE))
    assert made <= targets
    assert verbs <= set(main.commands)


def test_the_readme_names_every_make_target_that_a_stranger_needs() -> None:
    """Guards against a README that forgets its two commands."""
    assert {"demo", "ui", "test", "lint", "help"} <= set(re.findall(r"make ([a-z]+)", README))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_of_a_document_is_there(document: Path) -> None:
    """Guards against broken pictures and links to files that have moved."""
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


def test_the_question_of_the_readme_has_the_columns_of_its_answer(tmp_path: Path) -> None:
    """Guards against a first example that fails as soon as somebody copies it."""
    statement, answer = re.findall(r"```(?:sql)?\n(.*?)```", _section("One question"), re.DOTALL)[:2]
    (tmp_path / "lake").mkdir()
    catalogue.build(tmp_path / "lake")
    with catalogue.connect(tmp_path / "lake") as connection:
        names = [column[0] for column in connection.execute(statement).description or ()]
    assert names == answer.splitlines()[0].split()


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    """Guards against an API of DuckDB that has moved on: analysts paste these four lines."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    lake = tmp_path / "data"
    lake.mkdir()
    catalogue.build(lake)
    names: dict[str, object] = {}
    exec(code.replace('"data/', f'"{lake}/').replace("'data'", f"'{lake}'"), names)  # noqa: S102 - our own README
    connection = names["con"]
    assert isinstance(connection, duckdb.DuckDBPyConnection)
    connection.close()
    assert names["orders"].num_rows == 0  # type: ignore[attr-defined] # exec gives objects


def test_the_examples_in_the_help_name_columns_that_exist(tmp_path: Path) -> None:
    """Guards against a help text whose example fails."""
    (tmp_path / "lake").mkdir()
    catalogue.build(tmp_path / "lake")
    epilog = main.commands["sql"].epilog or ""
    (statement,) = re.findall(r'"(SELECT[^"]*)"', epilog)
    with catalogue.connect(tmp_path / "lake") as connection:
        assert connection.execute(statement).fetchall() == []
