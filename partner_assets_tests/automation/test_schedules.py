"""What the schedules ask for, given the time: one run for two days, one for the roots of the catalogue.

Not here: what follows by itself (`test_following.py`).
"""

from datetime import UTC, date, datetime

import dagster as dg
import pytest

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.schedules import recent_days, rolling_window
from partner_assets.build import build_defs
from partner_assets.resources import Partner

START = date(2026, 3, 1)


def requested(name: str, now: datetime, instance: dg.DagsterInstance) -> dg.RunRequest:
    """Return the one run that a schedule asks for at a time."""
    repository = build_defs(Partner(), orders_start=START).get_repository_def()
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=now, repository_def=repository)
    requests = repository.get_schedule_def(name).evaluate_tick(context).run_requests
    assert requests is not None
    [request] = requests
    return request


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (date(2026, 3, 5), date(2026, 3, 4), date(2026, 3, 5)),
        (date(2027, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 3, 1), date(2028, 2, 29), date(2028, 3, 1)),
        (date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 2)),
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_the_recent_days_are_yesterday_and_today_from_the_first_day_on(now: date, first: date, last: date) -> None:
    """Guards against a day that is skipped at the turn of a month, and against one before the first of all."""
    assert recent_days(now, START) == (first, last)


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (datetime(2026, 3, 4, 23, 5, tzinfo=UTC), "2026-03-03", "2026-03-04"),
        (datetime(2026, 3, 5, 0, 5, tzinfo=UTC), "2026-03-04", "2026-03-05"),
        (datetime(2026, 3, 1, 0, 5, tzinfo=UTC), "2026-03-01", "2026-03-01"),
    ],
)
def test_the_hourly_schedule_asks_for_one_range_run(
    now: datetime, first: str, last: str, instance: dg.DagsterInstance
) -> None:
    """Guards against the last orders of a day, which come in the minutes before midnight and are read in the next."""
    request = requested("recent_orders_hourly", now, instance)
    assert request.tags["dagster/asset_partition_range_start"] == first
    assert request.tags["dagster/asset_partition_range_end"] == last
    assert request.run_key == f"{now:%Y-%m-%dT%H}"


def test_two_hours_are_two_runs_and_one_hour_is_one(instance: dg.DagsterInstance) -> None:
    """Guards against a key that Dagster has seen, which would end the schedule's work for ever and in silence."""
    hours = [datetime(2026, 3, 5, hour, 5, tzinfo=UTC) for hour in (7, 8, 8)]
    seven, eight, again = (requested("recent_orders_hourly", hour, instance).run_key for hour in hours)
    assert seven != eight == again


def test_the_daily_schedule_asks_for_the_roots_once_a_day(instance: dg.DagsterInstance) -> None:
    """Guards against a catalogue that is read never, or with every tick."""
    request = requested("catalogue_daily", datetime(2026, 3, 5, 4, 15, tzinfo=UTC), instance)
    assert request.run_key == "2026-03-05"
    repository = build_defs(Partner(), orders_start=START).get_repository_def()
    schedule = repository.get_schedule_def("catalogue_daily")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("15 4 * * *", "UTC")
    roots = repository.get_job("catalogue_roots").asset_layer.executable_asset_keys
    assert {key.to_user_string() for key in roots} == {"accreditations", "price_lists", "code_labels"}


def test_the_nightly_reconciliation_reads_sixty_days_again_in_two_runs(instance: dg.DagsterInstance) -> None:
    """Guards against orders that vanished at the vendor and stay in the lake, since the change feed does not tell of them."""
    start = date(2026, 1, 1)
    repository = build_defs(Partner(), orders_start=start).get_repository_def()
    now = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=now, repository_def=repository)
    requests = repository.get_schedule_def("reconciliation_nightly").evaluate_tick(context).run_requests or []
    spans = [(request.tags[RANGE_START], request.tags[RANGE_END]) for request in requests]
    assert spans == [("2026-01-05", "2026-02-04"), ("2026-02-05", "2026-03-05")]
    assert rolling_window(date(2026, 3, 5), date(2026, 3, 4)) == [date(2026, 3, 5), date(2026, 3, 4)]


def test_schedules_and_sensors_are_on_from_the_start() -> None:
    """Guards against an installation that looks alive and reads nothing until somebody finds the switches."""
    repository = build_defs(Partner(), orders_start=START).get_repository_def()
    assert repository.schedule_defs
    for schedule in repository.schedule_defs:
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
        assert schedule.execution_timezone == "UTC"
    assert repository.sensor_defs
    for sensor in repository.sensor_defs:
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
