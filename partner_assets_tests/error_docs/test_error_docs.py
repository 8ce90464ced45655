"""`docs/errors.md` says what is true: every message in it is seen, and every one that can be seen is in it.

Not here: which message belongs where; the tests of each part look at that.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import partner_assets
from partner_assets.settings import EXAMPLES
from partner_assets_tests.error_docs import (  # noqa: F401 - each puts its producers on the list
    api_messages,
    check_messages,
    command_messages,
    connection_messages,
    day_messages,
    doctor_messages,
    key_messages,
    lake_messages,
    paging_messages,
    rejected_messages,
    settings_messages,
    sql_messages,
    tick_messages,
)
from partner_assets_tests.error_docs.rows import Row, all_rows
from partner_assets_tests.error_docs.scene import PRODUCERS, Producer, Scene

PACKAGE = Path(partner_assets.__file__).parent
ROWS = all_rows()

NOBODY_SEES = {
    "Unfit": "tables/values.py puts it into the reason of a rejected record",
    "CannotBecomeRow": "its words are the reason of a rejected record",
    "Refusal": "the sandbox's answer 400, which a client turns into its own error",
}
"""Errors that end inside the program, with where they go."""

FOR_PEOPLE = {"ClickException", "UsageError", "BadParameter", "Failure", "CannotRead", "FileNotFoundError"}
"""Errors of libraries, and of Python, that reach a person."""

WITH_VALUE_ERRORS = ("settings.py", "automation/")
"""Files whose errors of values are told to a person as they are; elsewhere they are for programmers."""

FEWEST_WORDS = 12
"""Letters of fixed words by which a row can be told from another."""


def row_of(producer: Producer) -> Row:
    """Return the one row that holds a producer's words."""
    found = [row for row in ROWS if producer.words in f"| `{row.seen}`"]
    assert len(found) == 1, f"{producer.words!r} stands in {len(found)} rows"
    return found[0]


def own_errors() -> Iterator[type[Exception]]:
    """Yield every class of error that the package declares."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "partner_assets."):
        if module.name.endswith((".definitions", ".cli")):
            continue
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, type) and issubclass(one, Exception) and one.__module__ == module.name:
                yield one


@pytest.mark.parametrize("producer", PRODUCERS, ids=lambda producer: producer.words)
def test_the_message_is_seen(producer: Producer, scene: Scene) -> None:
    """Guards against a page whose words the program does not say, or not any more."""
    row, text = row_of(producer), producer.text(scene)
    assert row.pattern.search(text), f"{row.seen}\nis not in:\n{text}"


def test_every_row_is_produced() -> None:
    """Guards against a row that nobody has ever seen."""
    produced = {row_of(producer).seen for producer in PRODUCERS}
    assert [row.seen for row in ROWS if row.seen not in produced] == []


def test_every_row_can_be_told_from_the_others() -> None:
    """Guards against two rows for one message, and against a pattern that fits anything."""
    assert len({row.seen for row in ROWS}) == len(ROWS)
    assert [row.seen for row in ROWS if sum(map(len, row.fragments)) < FEWEST_WORDS] == []


def test_every_error_of_the_package_has_a_row() -> None:
    """Guards against a new kind of error that nobody has written about; one with kinds below it is told by those."""
    declared = {one for one in own_errors() if one.__name__ not in NOBODY_SEES}
    raised = {producer.raises for producer in PRODUCERS}
    # Told in a setting's own sentence, or in that of `key rotate`.
    raised |= {one for one in declared if one.__name__ == "KeyFileError"}
    assert sorted(one.__name__ for one in declared - raised if not one.__subclasses__()) == []


def people_errors() -> set[str]:
    """Return the names of the classes whose words reach a person."""
    return FOR_PEOPLE | {one.__name__ for one in own_errors() if one.__name__ not in NOBODY_SEES}


def sentences(source: str, names: set[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the fixed words of every message for people in a source.

    Args:
        source: Python.
        names: Classes of errors; what they are made with counts, and what a check or `doctor` finds amiss.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name, given = ast.unparse(node.func).split(".")[-1], []
        if name in names:
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "description")]
        elif name == "Finding" and ast.unparse(node.args[0]) in ("False", "Mark.WARN", "Mark.FAIL"):
            given = [node.args[-1] if "Mark" in ast.unparse(node.args[0]) else node.args[1]]
        for one in given:
            pieces = one.values if isinstance(one, ast.JoinedStr) else [one]
            words = [
                piece.value for piece in pieces if isinstance(piece, ast.Constant) and isinstance(piece.value, str)
            ]
            if words:
                yield node.lineno, words


def is_told(words: list[str]) -> bool:
    """Tell whether a row has the longest of some fixed words, or they have fixed words of a row."""
    longest, whole = max(words, key=len).strip(" .:,"), "\0".join(words)
    if len(longest) < FEWEST_WORDS:
        return True  # another one's sentence with a place before it
    return any(
        longest in row.seen or any(one in whole for one in row.fragments if len(one) > FEWEST_WORDS) for row in ROWS
    )


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_every_sentence_of_an_error_stands_in_a_row(file: Path) -> None:
    """Guards against a new message of an old kind that is missing here: read from the source, said or not."""
    is_theirs = str(file.relative_to(PACKAGE)).startswith(WITH_VALUE_ERRORS)
    names = people_errors() | ({"ValueError"} if is_theirs else set())
    missing = [(line, words) for line, words in sentences(file.read_text(), names) if not is_told(words)]
    assert missing == []


def test_a_sentence_that_no_row_has_is_found() -> None:
    """Guards against a search that is blind."""
    for call in ("SettingsError(", "Finding(Mark.FAIL, subject, ", "Finding(False, ", "dg.Failure(description="):
        source = f'{call}f"{{name}} is painted in a colour that nobody likes: choose another.")'
        [(_, words)] = sentences(source, people_errors())
        assert not is_told(words)


def test_every_variable_of_the_page_is_one() -> None:
    """Guards against advice to set what does nothing."""
    text = (PACKAGE.parent / "docs" / "errors.md").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"PARTNER_[A-Z_]+[A-Z]", text) if "PATH" not in name} <= set(EXAMPLES)
