"""The versions of orders put together: what is stored with what two reads saw, in whatever order they were published.

Pure; not here: reading a day over HTTP (`test_order_changes.py`).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from partner_assets.materialization.order_versions import (
    EARLIER,
    LONGEST_ANSWER,
    LONGEST_READ,
    SAME_MOMENT,
    all_versions,
    row_of,
    version_of,
    was_read_too_soon,
)
from partner_assets.tables.record import Row
from partner_assets.tables.values import from_json

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def minute(number: int) -> datetime:
    """Return a time some minutes after noon."""
    return NOON + timedelta(minutes=number)


def read(document: str, *, at: int, updated: int | None = 0, order: str = "PO_1", gone: int | None = None) -> Row:
    """Return what a read saw of an order: its document, or, with `gone`, that it is there no more."""
    version: dict[str, Any] = {
        "creation_date": date(2026, 3, 1),
        "transaction_id": order,
        "creation_datetime": datetime(2026, 3, 1, tzinfo=UTC),
        "last_update_datetime": None if updated is None else minute(updated),
        "api_version": "v1",
        "document": document,
        "is_current": True,
        "gone_at": None if gone is None else minute(gone),
        "extra": None,
        "fetched_at": minute(at),
        "run_id": "run",
        "legal_entity": "main",
    }
    return row_of(version)


def current(rows: list[Row]) -> list[str]:
    """Return the documents of the current versions."""
    return [version["document"] for version in map(version_of, rows) if version["is_current"]]


def test_a_new_document_is_a_new_version_and_the_old_one_stays() -> None:
    """Guards against a history that only knows the last state."""
    rows = all_versions([read("old", at=1)], [read("new", at=9, updated=8)])
    assert len(rows) == 2
    assert current(rows) == ["new"]


def test_what_was_not_asked_for_stays_as_it_is_stored() -> None:
    """Guards against a late run that writes back the state it read before another run changed it."""
    stored = all_versions([], [read("a", at=1), read("b", at=5, order="PO_2")])
    after = all_versions(stored, [read("a2", at=9, updated=8)])
    assert [row for row in after if version_of(row)["transaction_id"] == "PO_2"] == stored[1:]


def test_an_order_restored_to_an_older_time_is_current_as_the_api_has_it() -> None:
    """Guards against a backup restored by the vendor, after which live orders would be missing for good."""
    stored = all_versions([read("old", at=1, updated=0)], [read("new", at=9, updated=8)])
    assert current(all_versions(stored, [read("restored", at=20, updated=2)])) == ["restored"]
    assert current(all_versions(stored, [read("old", at=20, updated=0)])) == ["old"]
    assert current(all_versions(stored, [read("untimed", at=20, updated=None)])) == ["untimed"]


def test_an_earlier_read_that_is_published_later_does_not_win() -> None:
    """Guards against two runs of one day, of which the slower one brings back what the faster one replaced."""
    stored = all_versions([read("old", at=1)], [read("new", at=9, updated=8)])
    late = all_versions(stored, [read("between", at=5, updated=4)])
    assert len(late) == 3
    assert current(late) == ["new"]


def test_of_two_documents_asked_for_at_the_same_time_the_one_updated_last_is_current() -> None:
    """Guards against an answer that was long under way, brings the newer state, and loses against a quicker one."""
    assert minute(10) - minute(9) >= LONGEST_ANSWER
    newer = version_of(read("newer", at=9, updated=8))
    older = version_of(read("older", at=9, updated=7)) | {"fetched_at": minute(10) - timedelta(seconds=1)}
    for first, second in ((newer, older), (older, newer)):
        assert current(all_versions([row_of(first)], [row_of(second)])) == ["newer"]
    gone = row_of(newer | {"gone_at": minute(9) + timedelta(seconds=30)})
    assert current(all_versions([gone], [row_of(older)])) == ["older"]


def test_a_missing_order_that_somebody_has_read_since_is_not_gone() -> None:
    """Guards against an order that came back between two runs and is buried by the slower one."""
    stored = all_versions([], [read("back", at=9, updated=8)])
    assert current(all_versions(stored, [read("back", at=9, updated=8, gone=5)])) == ["back"]
    assert current(all_versions(stored, [read("back", at=9, updated=8, gone=10)])) == []


def test_an_order_that_is_gone_from_the_lake_as_well_leaves_no_row() -> None:
    """Guards against a run that ends where a file was set aside between its read of what is kept and its publication."""
    assert all_versions([], [read("gone", at=1, gone=5)]) == []
    assert len(all_versions([], [read("gone", at=1, gone=5), read("other", at=1, order="PO_2")])) == 1


def test_a_gone_order_that_comes_back_is_current_again() -> None:
    """Guards against a live order that stays out of the tables because it was away for a moment."""
    gone = all_versions(all_versions([], [read("same", at=1)]), [read("same", at=1, gone=5)])
    [row] = all_versions(gone, [read("same", at=9)])
    assert (version_of(row)["is_current"], version_of(row)["gone_at"]) == (True, None)


def test_a_document_replaced_without_a_new_time_is_kept_in_extra() -> None:
    """Guards against a version that is overwritten because its key says that nothing changed."""
    rows = all_versions([], [read('{"a":1.50}', at=1)])
    rows = all_versions(rows, [read('{"a":2}', at=5)])
    [row] = all_versions(rows, [read('{"a":3}', at=9)])
    assert version_of(row)["document"] == '{"a":3}'
    earlier = from_json(version_of(row)["extra"])[EARLIER]
    assert [one["document"] for one in earlier] == ['{"a":1.50}', '{"a":2}']


def test_a_document_read_in_the_moment_of_its_change_is_read_once_more_and_no_more() -> None:
    """Guards against a second change within the same second that nobody ever sees, and against asking for ever."""
    at_once = read("first", at=0, updated=0)
    assert was_read_too_soon(version_of(at_once))
    [row] = all_versions([at_once], [read("first", at=1, updated=0)])
    assert not was_read_too_soon(version_of(row))
    assert timedelta(minutes=1) > SAME_MOMENT


def test_a_document_that_changed_while_its_day_was_read_is_read_once_more() -> None:
    """Guards against a change in the last seconds of a long read that is followed by another one within the same second."""
    meanwhile = read("first", at=0, updated=20)
    assert was_read_too_soon(version_of(meanwhile))
    assert not was_read_too_soon(version_of(read("of tomorrow", at=0, updated=24 * 60)))
    assert timedelta(minutes=20) < LONGEST_READ


reads = st.builds(
    read,
    document=st.sampled_from("abc"),
    at=st.integers(0, 30),
    updated=st.none() | st.integers(0, 5),
    order=st.sampled_from(["PO_1", "PO_2"]),
)


@given(st.lists(reads, max_size=8), st.randoms(use_true_random=False))
def test_whatever_comes_in_whatever_order_the_last_read_is_current_and_no_document_is_lost(
    seen: list[Row], random: Any
) -> None:
    """Guards against any interleaving of runs that loses a version, or leaves an order with two current ones."""
    # One read of an order at a time: two answers at the very same instant have no order.
    unique = list({(version_of(row)["transaction_id"], version_of(row)["fetched_at"]): row for row in seen}.values())
    published = unique.copy()
    random.shuffle(published)
    stored: list[Row] = []
    for row in published:
        stored = all_versions(stored, [row])
    versions = [version_of(row) for row in stored]
    for order in {version_of(row)["transaction_id"] for row in unique}:
        last = max((version_of(row) for row in unique if version_of(row)["transaction_id"] == order), key=_fetched)
        [now] = [one for one in versions if one["transaction_id"] == order and one["is_current"]]
        assert now["document"] == last["document"]
        kept = {one["document"] for one in versions if one["transaction_id"] == order}
        kept |= {
            earlier["document"]
            for one in versions
            if one["transaction_id"] == order and one["extra"]
            for earlier in from_json(one["extra"])[EARLIER]
        }
        assert kept == {version_of(row)["document"] for row in unique if version_of(row)["transaction_id"] == order}
        assert len({one["last_update_datetime"] for one in versions if one["transaction_id"] == order}) == len(
            [one for one in versions if one["transaction_id"] == order]
        )


@given(st.lists(reads, max_size=8), st.integers(0, 30), st.data())
def test_in_whatever_order_reads_are_published_an_order_is_there_if_it_was_when_last_asked_for(
    there: list[Row], gone: int, data: st.DataObject
) -> None:
    """Guards against an order that is gone and is brought back by a run that had read it before, and the other way round."""
    seen = [row for row in there if version_of(row)["transaction_id"] == "PO_1"] + [read("a", at=0, gone=gone)]
    unique = list({_asked(version_of(row)): row for row in seen}.values())
    stored = [read("a", at=-1)]
    for row in data.draw(st.permutations(unique)):
        stored = all_versions(stored, [row])
    last = max(map(version_of, unique), key=_asked)
    assert current(stored) == ([last["document"]] if last["gone_at"] is None else [])


def _asked(version: dict[str, Any]) -> datetime:
    asked: datetime = version["gone_at"] or version["fetched_at"]
    return asked


def _fetched(version: dict[str, Any]) -> datetime:
    fetched: datetime = version["fetched_at"]
    return fetched
