"""The code lists against what the vendor prints: every documented pair, and no invented one.

The vendor's lists stand in `documented_codes.py`; those of the machine-readable release are read where it lies near.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from partner_assets.tables.codes import CODE_SETS, codes_by_v0_name
from partner_assets_tests.tables.documented_codes import (
    EXAMPLE_PAIRS,
    OPENAPI_SCHEMAS,
    PRINTED_CODES,
    SAME_IN_BOTH,
    V0_PAIRS,
)

API = Path(__file__).parents[2].parent / "shared" / "api"
OPENAPI = API / "openapi-0.10.0.yaml"
REFERENCE = API / "seeds" / "000_e275342d797b97c9.txt"

set_by_set = pytest.mark.parametrize("code_set", sorted(CODE_SETS))


def test_the_code_sets_are_those_that_the_vendor_documents() -> None:
    """Guards against an invented code set, and against one that was forgotten."""
    assert set(CODE_SETS) == set(PRINTED_CODES)


@set_by_set
def test_no_code_and_no_old_name_stands_twice_in_a_set(code_set: str) -> None:
    """Guards against a join on code_labels that doubles rows, and a name that means two codes."""
    codes = [label.code for label in CODE_SETS[code_set]]
    names = [label.v0_name for label in CODE_SETS[code_set] if label.v0_name is not None]
    assert len(codes) == len(set(codes))
    assert len(names) == len(set(names))


@set_by_set
def test_every_printed_code_has_its_printed_label(code_set: str) -> None:
    """Guards against a wrong or forgotten label."""
    labels = {label.code: label.label for label in CODE_SETS[code_set]}
    assert PRINTED_CODES[code_set].items() <= labels.items()


@set_by_set
def test_an_old_name_has_a_code_only_where_the_pair_is_documented(code_set: str) -> None:
    """Guards against an invented code: an order that v0 gave would say something that the vendor never said."""
    pairs = {label.v0_name: label.code for label in CODE_SETS[code_set] if label.v0_name}
    if code_set in SAME_IN_BOTH:
        assert all(name == code for name, code in pairs.items())
        return
    documented = V0_PAIRS.get(code_set, {}) | EXAMPLE_PAIRS.get(code_set, {})
    assert {name: code for name, code in pairs.items() if name != code} == documented


@set_by_set
def test_a_code_stands_alone_only_where_the_vendor_prints_it(code_set: str) -> None:
    """Guards against a code that was guessed from another set."""
    without_name = {label.code for label in CODE_SETS[code_set] if label.v0_name is None}
    assert without_name <= set(PRINTED_CODES[code_set])


@pytest.mark.parametrize("code_set", sorted(OPENAPI_SCHEMAS))
def test_the_old_names_are_all_of_the_machine_readable_release(code_set: str) -> None:
    """Guards against a name of v0 that was left out, misspelt or made up."""
    if not OPENAPI.exists():
        pytest.skip(f"{OPENAPI} is not here")
    schema: Any = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]
    for part in OPENAPI_SCHEMAS[code_set].split("/"):
        schema = schema[part]
    assert {label.v0_name for label in CODE_SETS[code_set]} - {None} == set(schema["enum"])


@pytest.mark.parametrize(("code_set", "pairs"), PRINTED_CODES.items(), ids=PRINTED_CODES)
def test_the_transcription_is_printed_in_the_reference(code_set: str, pairs: dict[str, str]) -> None:
    """Guards against a typing error in these tests that agrees with one in the code."""
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE} is not here")
    if code_set == "price_list_status":
        pytest.skip("the reference says C and F in prose, not in an Enum table")
    text = REFERENCE.read_text().replace("\N{NON-BREAKING HYPHEN}", "-")
    for code, label in pairs.items():
        assert re.search(rf"^\| {re.escape(code)} \| {re.escape(label)}( \||\.)", text, re.M), f"{code_set}: {code}"


@set_by_set
def test_the_old_names_lead_to_the_codes(code_set: str) -> None:
    """Guards against a lookup that reads the lists the wrong way round, or forgets a name that has no code."""
    lookup = codes_by_v0_name(code_set)
    for label in CODE_SETS[code_set]:
        if label.v0_name is not None:
            assert lookup[label.v0_name] == label.code
    assert None not in lookup


def test_an_unknown_code_set_is_an_error_of_the_program() -> None:
    """Guards against a misspelt code set that maps nothing, silently."""
    with pytest.raises(KeyError):
        codes_by_v0_name("order_state")
