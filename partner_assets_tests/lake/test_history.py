"""Versions of rows: whatever comes after whatever, the past stays what it was. Not here: the files that hold them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from partner_assets.lake.history import merge
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.product_prices import PRODUCT_PRICES
from partner_assets.tables.record import Row
from partner_assets.tables.unread import Unread
from partner_assets_tests.lake.rows import NOW, row

ID, NAME, EXTRA, START, END, RUN = (
    ACCREDITATIONS.column_names.index(name)
    for name in ("accreditation_id", "name", "extra", "valid_from", "valid_to", "run_id")
)
CONTENTS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from("xyz"), st.sampled_from([None, "{}"])))
SNAPSHOTS = st.lists(st.tuples(st.integers(0, 2), CONTENTS), max_size=8)


def snapshot(content: dict[str, tuple[str, str | None]], run_id: str = "a-run") -> list[Row]:
    """Return the rows that the API gives: id to name and extra."""
    return [
        row(ACCREDITATIONS, accreditation_id=key, name=name, extra=extra, run_id=run_id)
        for key, (name, extra) in content.items()
    ]


def as_of(versions: list[Row], moment: Any) -> dict[str, tuple[str, str | None]]:
    """Return what the versions say held at an instant."""
    held = [one for one in versions if one[START] <= moment and (one[END] is None or moment < one[END])]
    assert len(held) == len({one[ID] for one in held}), "two versions of one row hold at once"
    return {one[ID]: (one[NAME], one[EXTRA]) for one in held}


@given(SNAPSHOTS)
def test_every_instant_shows_the_snapshot_of_that_instant(steps: list[tuple[int, Any]]) -> None:
    """Guards against a price of last year that changes when this year's is read, and versions that overlap.

    A step of zero hours reads twice at one instant; then the later reading holds.
    """
    versions: list[Row] = []
    seen: dict[Any, Any] = {}
    moment = NOW
    for hours, content in steps:
        moment += timedelta(hours=hours)
        versions = merge(ACCREDITATIONS, versions, snapshot(content, run_id=str(len(seen))), moment)
        seen[moment] = content
        assert [one for one in versions if one[END] is not None and one[END] <= one[START]] == []
        for instant, expected in seen.items():
            assert as_of(versions, instant) == expected
            assert as_of(versions, instant + timedelta(minutes=30)) == expected
    assert as_of(versions, NOW - timedelta(seconds=1)) == {}
    assert len({(one[ID], one[START]) for one in versions}) == len(versions)


@given(SNAPSHOTS, CONTENTS)
def test_the_same_snapshot_again_writes_nothing(steps: list[tuple[int, Any]], content: Any) -> None:
    """Guards against a history that grows with every run, and lineage that says a row is newer than it is."""
    versions: list[Row] = []
    for number, (hours, earlier) in enumerate(steps):
        versions = merge(ACCREDITATIONS, versions, snapshot(earlier), NOW + timedelta(days=number, hours=hours))
    versions = merge(ACCREDITATIONS, versions, snapshot(content), NOW + timedelta(days=100))
    again = merge(ACCREDITATIONS, versions, snapshot(content, run_id="another"), NOW + timedelta(days=101))
    assert sorted(again, key=repr) == sorted(versions, key=repr)


@given(st.lists(st.tuples(CONTENTS, st.sets(st.sampled_from("abcd"))), max_size=8))
def test_a_record_that_cannot_be_read_leaves_what_was_last_read_of_it(steps: list[tuple[Any, set[str]]]) -> None:
    """Guards against a product that is taken for withdrawn, and is there again tomorrow, because one field was odd for a day."""
    versions: list[Row] = []
    held: dict[str, Any] = {}
    for number, (content, unread) in enumerate(steps):
        moment = NOW + timedelta(hours=number)
        odd = Unread({"accreditation_id": key} for key in sorted(unread))
        versions = merge(ACCREDITATIONS, versions, snapshot(content), moment, unread=odd)
        held = {**{key: value for key, value in held.items() if key in unread}, **content}
        assert as_of(versions, moment) == held


def test_a_row_that_vanishes_is_closed_and_kept() -> None:
    """Guards against a product that is deleted from the past because it is no longer sold."""
    first = merge(ACCREDITATIONS, [], snapshot({"a": ("x", None)}), NOW)
    later = NOW + timedelta(hours=1)
    (closed,) = merge(ACCREDITATIONS, first, [], later)
    assert (closed[ID], closed[START], closed[END]) == ("a", NOW, later)


def test_a_row_that_comes_back_is_a_new_version() -> None:
    """Guards against a gap in the history that is closed as if it had never been."""
    content: dict[str, tuple[str, str | None]] = {"a": ("x", None)}
    versions = merge(ACCREDITATIONS, [], snapshot(content), NOW)
    versions = merge(ACCREDITATIONS, versions, [], NOW + timedelta(hours=1))
    versions = merge(ACCREDITATIONS, versions, snapshot(content), NOW + timedelta(hours=2))
    assert [(one[START] - NOW, one[END] and one[END] - NOW) for one in versions] == [
        (timedelta(0), timedelta(hours=1)),
        (timedelta(hours=2), None),
    ]


def test_only_values_make_a_version_and_not_lineage() -> None:
    """Guards against a new version for every run, since every run has its own id and time."""
    first = merge(ACCREDITATIONS, [], snapshot({"a": ("x", None)}), NOW)
    again = snapshot({"a": ("x", None)}, run_id="another")
    assert merge(ACCREDITATIONS, first, again, NOW + timedelta(hours=1)) == first


def test_an_amount_written_with_other_zeros_is_the_same() -> None:
    """Guards against a version for 10.0 and one for 10.00."""
    short, long = (row(PRODUCT_PRICES, ds_list_price=Decimal(text)) for text in ("10.0", "10.00"))
    first = merge(PRODUCT_PRICES, [], [short], NOW)
    assert merge(PRODUCT_PRICES, first, [long], NOW + timedelta(hours=1)) == first
