"""The judges of a soak alone: each sees the fault that it is there for, and none where there is none.

Not here: a soak (`test_soak.py`).
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from partner_assets.sandbox.given import Given
from partner_assets_tests.soak.judge_runs import judge_runs
from partner_assets_tests.soak.judge_tables import SHOWN, differences
from partner_assets_tests.soak.judge_ticks import failed_ticks
from partner_assets_tests.soak.judge_versions import VersionVerdict, judge_versions, lost_removals
from partner_assets_tests.soak.lake_rows import Row
from partner_assets_tests.soak.ledger import ADDED, ADDED_LATE, CHANGED, FOUND, REMOVED, Ledger, Version
from partner_assets_tests.soak.plan import Plan
from partner_assets_tests.soak.records import Read, Run, Tick
from partner_assets_tests.soak.report import WIDTH, report
from partner_assets_tests.soak.story import Story, Trouble

DAY = date(2026, 3, 5)
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    """Return a moment so many seconds after noon."""
    return NOON + timedelta(seconds=second)


def a_ledger(*seconds: float) -> Ledger:
    """Return the ledger of one order that was found, and changed at some moments."""
    ledger = Ledger()
    for second in (-3600.0, *seconds):
        ledger.note(Version("PO_1", DAY, at(second), {"second": second}, FOUND if second < 0 else CHANGED))
    return ledger


def given(*pairs: tuple[float, float]) -> list[Given]:
    """Return what was given: pairs of the version's second and the second in which it was given."""
    return [
        Given("PO_1", at(version).isoformat().replace("+00:00", "Z"), int(at(moment).timestamp()) * 1_000_000)
        for version, moment in pairs
    ]


def held(*seconds: float) -> list[Row]:
    """Return the rows of `order_documents` for versions of the order."""
    return [
        {
            "transaction_id": "PO_1",
            "last_update_datetime": at(second),
            "creation_date": DAY,
            "document": f'{{"second": {second}}}',
            "extra": None,
            "gone_at": None,
            "is_current": second == max(seconds),
        }
        for second in seconds
    ]


def read(start: float, end: float) -> Read:
    """Return a read of the day that was published."""
    return Read(DAY, at(start), at(end), at(end + 1))


def verdict(ledger: Ledger, told: list[Given], reads: list[Read], rows: list[Row]) -> VersionVerdict:
    """Judge versions of which the first, found one was given and read before all others."""
    return judge_versions(ledger, [*given((-3600, -60)), *told], [read(-70, -50), *reads], [*held(-3600), *rows])


def test_versions_that_were_all_read_are_all_there() -> None:
    """Guards against a judge that complains of what is right."""
    judged = verdict(a_ledger(0, 60), given((0, 31), (60, 91)), [read(30, 32), read(90, 92)], held(0, 60))
    assert (judged.complaints, judged.must, judged.held, judged.never_read) == ([], 3, 3, 0)


def test_a_version_that_was_given_and_published_must_be_there() -> None:
    """Guards against a judge that is blind to the loss of a version."""
    judged = verdict(a_ledger(0, 31.5), given((0, 31), (31.5, 91)), [read(30, 32), read(90, 92)], held(31.5))
    (sentence,) = judged.complaints
    assert "PO_1 as of 12:00:00" in sentence
    assert "its details were given" in sentence


def test_a_version_that_stood_during_a_whole_read_must_be_there_though_nobody_was_given_it() -> None:
    """Guards against a read that passes over a change: then there are no details either."""
    judged = verdict(a_ledger(0), [], [read(30, 32)], [])
    (sentence,) = judged.complaints
    assert "it stood in the API" in sentence


def test_a_version_that_only_a_dead_run_was_given_is_counted_and_forgiven() -> None:
    """Guards against asking the impossible: what a killed process has not written, nobody has."""
    judged = verdict(a_ledger(0, 60), given((0, 31), (60, 91)), [read(90, 92)], held(60))
    assert (judged.complaints, judged.died_with, judged.never_read) == ([], 1, 0)


def test_a_version_that_was_replaced_before_any_read_is_counted_and_forgiven() -> None:
    """Guards against asking the impossible: the API tells of the newest version only."""
    judged = verdict(a_ledger(0, 5), given((5, 31)), [read(30, 32)], held(5))
    assert (judged.complaints, judged.died_with, judged.never_read) == ([], 0, 1)


def test_a_version_that_nobody_was_given_must_not_be_there() -> None:
    """Guards against versions that are made up, such as one document under another's time."""
    judged = verdict(a_ledger(), [], [], held(7))
    assert ["was never given" in sentence for sentence in judged.complaints] == [True]


def test_a_version_whose_document_is_another_is_seen() -> None:
    """Guards against versions that are there, and hold the text of their neighbour."""
    rows = [{**row, "document": '{"second": 1}', "extra": '{"(earlier documents)": []}'} for row in held(0)]
    judged = verdict(a_ledger(0), given((0, 31)), [read(30, 32)], rows)
    assert [sentence.rpartition(" has ")[2] for sentence in judged.complaints] == [
        "another document.",
        "two documents.",
    ]


def test_a_removed_order_that_still_looks_alive_is_seen() -> None:
    """Guards against orders that vanish from the API and stay in the lake for ever."""
    ledger = a_ledger(0)
    ledger.note_removal("PO_1")
    assert len(lost_removals(ledger, held(0))) == 2
    gone = [{**row, "gone_at": at(60), "is_current": False} for row in held(0)]
    assert lost_removals(ledger, gone) == []
    assert ledger.counts() == Counter({CHANGED: 1, REMOVED: 1})
    assert list(ledger.waiting()) == []


def a_run(status: str = "SUCCESS", asked_by: str = "order_changes") -> Run:
    """Return a run of the day."""
    return Run("1", "orders_by_day", status, asked_by, [DAY], NOON, at(9))


TICKS = [at(second) for second in (0, 30, 60)]


def test_changes_between_two_ticks_justify_one_run_and_no_second_one() -> None:
    """Guards against days that are read again and again for one change."""
    changes = {DAY: [at(1), at(2), at(29)]}
    assert judge_runs([a_run()], changes, TICKS).complaints == []
    (sentence,) = judge_runs([a_run(), a_run()], changes, TICKS).complaints
    assert f"{DAY} was run 2 times; its changes justify 1" in sentence
    assert judge_runs([a_run(), a_run()], {DAY: [at(1), at(31)]}, TICKS).complaints == []


def test_a_run_that_failed_and_one_that_a_schedule_wanted_justify_themselves() -> None:
    """Guards against a rule that forbids to try again, or to reconcile."""
    changes = {DAY: [at(1)]}
    assert judge_runs([a_run("FAILURE"), a_run(asked_by="retry")], changes, TICKS).complaints == []
    assert judge_runs([a_run(), a_run(asked_by="reconciliation_nightly")], changes, TICKS).complaints == []
    assert len(judge_runs([a_run(), a_run(asked_by="order_gaps")], changes, TICKS).complaints) == 1
    assert len(judge_runs([a_run(asked_by="retry")], {}, TICKS).complaints) == 1


def test_a_tick_may_fail_while_the_api_is_down_and_at_no_other_time() -> None:
    """Guards against a sensor that never works, and whose work is done by the night."""
    down = [Trouble("API down", at(0), at(20))]
    early, late = (Tick("FAILURE", at(second), at(second + 1), "no connection") for second in (19, 21))
    fine = Tick("SKIPPED", at(22), at(23), "Nothing changed.")
    assert failed_ticks({"order_changes": [early, fine]}, down) == []
    assert failed_ticks({"order_changes": [late]}, down) == ["ticks: order_changes failed at 12:00:21: no connection"]


def test_rows_that_differ_are_named_and_those_beyond_a_few_are_counted() -> None:
    """Guards against a report that says nothing, or is as long as the lake."""
    wanted = [{"id": number, "name": "a", "extra": None} for number in range(9)]
    assert differences("orders", wanted, wanted, ("id",)) == []
    one_off = [{**row, "name": "b" if row["id"] == 3 else "a"} for row in wanted]
    assert differences("orders", one_off, wanted, ("id",)) == ["orders: 3: name is 'b', the truth says 'a'."]
    assert differences("orders", wanted[1:], wanted, ("id",)) == ["orders: 0 is missing."]
    assert differences("orders", wanted, wanted[1:], ("id",)) == ["orders: 0 should not be there."]
    assert "came before" in differences("orders", [*wanted, wanted[0]], wanted, ("id",))[0]
    told = differences("orders", [], wanted, ("id",))
    assert (len(told), told[-1]) == (SHOWN + 1, "orders: and 4 more differences.")


def test_a_plan_has_two_deaths_one_outage_and_time_to_recover() -> None:
    """Guards against a soak in which nothing happens, or one that cannot end well."""
    for plan in (Plan(2.5), Plan(20)):
        events = plan.events()
        moments = {what: [event.second for event in events if event.what == what] for what in ("down", "up", "kill")}
        assert len(moments["kill"]) == 2
        assert plan.seconds - max(moments["kill"]) > 80
        assert moments["up"][0] - moments["down"][0] == plan.outage_seconds
        assert max(event.second for event in events) < plan.seconds
    assert (Plan(2.5).outage_seconds, Plan(20).outage_seconds) == (21, 120)


def test_the_report_fits_into_eighty_columns_and_names_what_is_wrong() -> None:
    """Guards against a table that no terminal shows whole, and against a soak that fails without a word."""
    ledger = a_ledger(0, 60)
    for order, kind in (("PO_2", ADDED), ("PO_3", ADDED_LATE)):
        ledger.note(Version(order, DAY, at(1), {}, kind, landed=at(31)))
    troubles = [Trouble("API down", at(0), at(20)), Trouble("no daemon", at(100))]
    story = Story(Plan(2.5), ledger, troubles, started=NOON, quiet=at(150), ended=at(240), runs=[a_run()] * 30)
    story.ticks = {"order_changes": [Tick("SKIPPED", NOON, NOON, "")]}
    story.requests = {"search_orders": 1234}
    told = report(story)
    assert "Every table equals" in told
    assert max(map(len, told.splitlines())) <= WIDTH
    story.complaints = ["orders: PO_1 is missing. " * 9]
    told = report(story)
    assert max(map(len, told.splitlines())) <= WIDTH
    assert "1 things are wrong" in told
    assert "30 success (order_changes)" in told
    assert "median 30, worst 30, of 2 changes" in told
