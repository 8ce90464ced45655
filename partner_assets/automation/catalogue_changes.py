"""The sensor `catalogue_changes`: keeps partitions in step with accreditations and price lists, and all of them fresh.

A sensor of our own: declarative automation does not ask again for a partition that failed, so that one bad minute would
cost a day; it removes no partition; and it waits for ever for a parent that cannot be filled. What is decided, and why, is
in `catalogue_state.py`.
"""

from collections.abc import Collection, Mapping, Sequence

import dagster as dg

from partner_assets.automation.catalogue_facts import catalogue_facts, newest_reads
from partner_assets.automation.catalogue_state import (
    BRANCHES,
    ROOTS,
    WHOLE,
    CatalogueState,
    PartsRequest,
    called,
    left_over,
    new_keys,
    noticed,
    proven,
    requested,
    withdrawn,
)
from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.automation.jobs import JOBS, PRICES, PRODUCTS
from partner_assets.automation.parked_partitions import parked_partitions_told
from partner_assets.automation.sentences import counted
from partner_assets.materialization.slices import clear_failures
from partner_assets.partitions import ACCREDITATION_PARTITIONS, PRICE_PARTITIONS
from partner_assets.resources import Partner

NAME = "catalogue_changes"
INTERVAL_SECONDS = 60

_PARTITIONS = {PRODUCTS: ACCREDITATION_PARTITIONS, PRICES: PRICE_PARTITIONS}


@dg.sensor(
    name=NAME,
    jobs=[JOBS[branch.job] for branch in (ROOTS, *BRANCHES)],
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Adds and removes the partitions of products and prices, and asks for every part of the catalogue that is missing, "
        "failed, or older than what it hangs on."
    ),
)
def catalogue_changes(context: dg.SensorEvaluationContext, partner: dg.ResourceParam[Partner]) -> dg.SensorResult:
    """Look at the catalogue once; nothing is asked of the API."""
    now = partner.now()
    state = CatalogueState.from_json(context.cursor) if context.cursor else CatalogueState(since=now)
    with clear_failures():
        facts = catalogue_facts(context.instance, partner.lake)
    added = new_keys(facts)
    facts = facts.with_keys(added, {})
    state = noticed(state, facts, now=now)
    state = proven(state, newest_reads(context.instance, state.wanted))
    removed = withdrawn(facts, newest_reads(context.instance, left_over(facts)))
    state, requests = requested(state, facts.with_keys({}, removed), now=now)
    message = told(state, requests, added=added, removed=removed)
    context.log.info(message)
    return dg.SensorResult(
        run_requests=[_run_request(one) for one in requests],
        dynamic_partitions_requests=_partition_requests(added, removed),
        cursor=state.to_json(),
        asset_events=parked_partitions_told(context.instance, state),
        skip_reason=None if requests else dg.SkipReason(message),
    )


def told(
    state: CatalogueState,
    requests: Sequence[PartsRequest],
    *,
    added: Mapping[str, Collection[str]],
    removed: Mapping[str, Collection[str]],
) -> str:
    """Return what a tick did, as a sentence for the operator."""
    news = [
        f"{counted(count, 'partition')} {verb}"
        for verb, keys in (("added", added), ("removed", removed))
        if (count := sum(map(len, keys.values())))
    ]
    asked = sum(one.count for one in requests)
    runs = (
        f"{counted(len(requests), 'run')} requested for {counted(asked, 'partition')}"
        if requests
        else "nothing to ask for"
    )
    parts = [f"{', '.join(news) or 'No partition is new or gone'}: {runs}"]
    parked = [called(job, key) for job, keys in state.parked.items() for key in keys]
    waiting = sum(map(len, state.wanted.values())) - asked - len(parked)
    if waiting > 0:
        parts.append(f"{counted(waiting, 'partition')} under way or waiting")
    if parked:
        parts.append(f"{counted(len(parked), 'partition')} parked ({', '.join(parked[:5])})")
    return ", ".join(parts) + "."


def _run_request(one: PartsRequest) -> dg.RunRequest:
    tags = {} if one.first == WHOLE else {RANGE_START: one.first, RANGE_END: one.last}
    return dg.RunRequest(job_name=one.job, run_key=one.run_key, tags=tags)


def _partition_requests(
    added: Mapping[str, Sequence[str]], removed: Mapping[str, Sequence[str]]
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    for job, partitions in _PARTITIONS.items():
        if keys := added.get(job):
            requests.append(partitions.build_add_request(keys))
        if keys := removed.get(job):
            requests.append(partitions.build_delete_request(keys))
    return requests
