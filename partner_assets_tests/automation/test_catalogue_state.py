"""What the catalogue is asked for, decided without Dagster, lake or API: rules that hold whatever happens.

Not here: the sensor at work (`test_catalogue_changes.py`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.automation.catalogue_state import (
    BRANCHES,
    OLD_AFTER,
    ROOTS,
    WHOLE,
    CatalogueFacts,
    CatalogueState,
    noticed,
    proven,
    requested,
    withdrawn,
)
from partner_assets.automation.jobs import PACKAGES, PRICES, PRODUCTS
from partner_assets.automation.wanted import Wanted, from_groups, to_groups

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEYS = ("A", "B", "C", "D", "E")

MOMENTS = st.integers(0, 3_000).map(lambda minutes: NOW - minutes * MINUTE)
WANTED = st.builds(Wanted, MOMENTS, st.integers(0, 9), st.none() | MOMENTS)


def facts(
    *,
    published: Mapping[str, datetime] | None = None,
    changed: Mapping[str, datetime] | None = None,
    ever_read: tuple[str, ...] = KEYS,
    existing: tuple[str, ...] = KEYS,
    running: Mapping[str, tuple[str, ...]] | None = None,
) -> CatalogueFacts:
    """What is true of products, of which there are five; roots are fresh, prices and packages are not there."""
    keys = {ROOTS.job: [WHOLE], PRODUCTS: KEYS, PRICES: [], PACKAGES: []}
    return CatalogueFacts(
        roots_read_at=NOW,
        published=published if published is not None else {"accreditations": NOW},
        changed={PRODUCTS: dict.fromkeys(KEYS, NOW - timedelta(days=9)) if changed is None else changed},
        keys=keys,
        ever_read={PRODUCTS: ever_read, PRICES: (), PACKAGES: ()},
        existing={PRODUCTS: existing, PRICES: ()},
        running=running or {},
    )


def wanted_after(state: CatalogueState, read_at: Mapping[str, datetime]) -> set[str]:
    """Return the products that are wanted when some reads are known."""
    return set(proven(state, {PRODUCTS: read_at}).wanted[PRODUCTS])


@given(st.dictionaries(st.sampled_from(KEYS), MOMENTS), st.dictionaries(st.sampled_from(KEYS), MOMENTS))
def test_a_part_is_wanted_if_and_only_if_its_read_is_old_or_older_than_what_it_hangs_on(
    changed: dict[str, datetime], read_at: dict[str, datetime]
) -> None:
    """Guards against a catalogue that is read for nothing, and against prices asked with yesterday's list."""
    long_ago = dict.fromkeys(KEYS, NOW - timedelta(days=9))
    state = noticed(CatalogueState(), facts(changed=long_ago | changed), now=NOW)
    stale = {
        key
        for key in KEYS
        if key not in read_at or read_at[key] <= changed.get(key, long_ago[key]) or read_at[key] <= NOW - OLD_AFTER
    }
    assert wanted_after(state, read_at) == stale


@given(st.dictionaries(st.sampled_from(KEYS), WANTED), st.sets(st.sampled_from(KEYS)))
def test_each_part_is_asked_for_once_and_never_while_it_is_being_read(
    wanted: dict[str, Wanted], running: set[str]
) -> None:
    """Guards against double work, against a request before its time, and against one that does not count as a try."""
    before = CatalogueState({}, {ROOTS.job: {}, PRODUCTS: wanted, PRICES: {}, PACKAGES: {}})
    after, requests = requested(before, facts(running={PRODUCTS: tuple(running)}), now=NOW)
    asked = [key for one in requests for key in KEYS[KEYS.index(one.first) : KEYS.index(one.last) + 1]]
    assert sorted(asked) == sorted(set(asked))
    assert set(asked) == {key for key, one in wanted.items() if key not in running and one.is_due(NOW)}
    for key, one in wanted.items():
        now = after.wanted[PRODUCTS][key]
        assert now.tries == one.tries + (key in asked)
        assert key not in asked or not now.is_due(NOW)
    assert len({one.run_key for one in requests}) == len(requests)
    again, more = requested(after, facts(running={PRODUCTS: tuple(running)}), now=NOW)
    assert (again, more) == (after, [])


@given(
    st.dictionaries(st.sampled_from(KEYS), MOMENTS),
    st.dictionaries(st.sampled_from(KEYS), MOMENTS),
    st.sets(st.sampled_from(KEYS)),
    st.booleans(),
)
def test_no_partition_goes_that_exists_or_has_open_rows(
    read_at: dict[str, datetime], changed: dict[str, datetime], existing: set[str], is_running: bool
) -> None:
    """Guards against products of a living accreditation that vanish from the UI, and rows that are never closed."""
    running = {PRODUCTS: ("A",)} if is_running else {}
    now = facts(existing=tuple(existing), ever_read=tuple(read_at), running=running, changed=changed)
    gone = set(withdrawn(now, {PRODUCTS: read_at})[PRODUCTS])
    open_rows = {key for key in read_at if key in changed and read_at[key] <= changed[key]}
    assert gone == (set() if is_running or not existing else set(KEYS) - existing - open_rows)


def test_nothing_new_is_followed_while_its_parents_are_being_read() -> None:
    """Guards against prices that are read twice because accreditations were published before price lists."""
    busy = facts(running={ROOTS.job: (WHOLE,)})
    state = noticed(CatalogueState(), busy, now=NOW)
    assert not state.wanted[PRODUCTS]
    assert noticed(state, facts(), now=NOW).wanted[PRODUCTS].keys() == set(KEYS)


def test_a_failing_part_keeps_its_patience_when_its_parents_are_read_again() -> None:
    """Guards against a day of requests in vain that starts anew whenever somebody reads the accreditations."""
    tried = Wanted(NOW - MINUTE, 3, NOW + MINUTE)
    before = CatalogueState({PRODUCTS: NOW - MINUTE}, {PRODUCTS: {"A": tried}})
    again = noticed(before, facts(changed=dict.fromkeys(KEYS, NOW - timedelta(days=2))), now=NOW)
    assert again.wanted[PRODUCTS]["A"] == tried
    changed = noticed(before, facts(changed=dict.fromkeys(KEYS, NOW)), now=NOW)
    assert changed.wanted[PRODUCTS]["A"] == Wanted(NOW)


def test_a_parked_parent_does_not_hold_up_what_hangs_on_it() -> None:
    """Guards against packages that are never read again because one accreditation always fails."""
    parked, fresh = Wanted(NOW, 9, NOW + timedelta(days=1)), Wanted(NOW)
    for product, is_asked in ((parked, True), (fresh, False)):
        state = CatalogueState({}, {ROOTS.job: {}, PRODUCTS: {"A": product}, PRICES: {}, PACKAGES: {WHOLE: fresh}})
        now = CatalogueFacts(
            roots_read_at=NOW,
            published={},
            changed={},
            keys={ROOTS.job: [WHOLE], PRODUCTS: KEYS, PRICES: [], PACKAGES: [WHOLE]},
            ever_read={},
            existing={},
            running={},
        )
        _, requests = requested(state, now, now=NOW)
        assert (PACKAGES in {one.job for one in requests}) is is_asked


@given(st.dictionaries(st.text(), WANTED))
def test_the_memory_survives_the_cursor(wanted: dict[str, Wanted]) -> None:
    """Guards against a part that is forgotten between two ticks."""
    assert from_groups(to_groups(wanted)) == wanted
    state = CatalogueState({branch.job: NOW for branch in BRANCHES}, {PRODUCTS: wanted})
    assert CatalogueState.from_json(state.to_json()) == state


@pytest.mark.parametrize(
    "cursor", ["", "[]", "{}", '{"followed": {}, "wanted": {"a": [1]}}', '{"followed": 1, "wanted": {}}']
)
def test_a_cursor_that_is_none_says_what_to_do(cursor: str) -> None:
    """Guards against a sensor that fails for ever without saying how to mend it."""
    with pytest.raises(ValueError, match="Reset it in the UI"):
        CatalogueState.from_json(cursor)
