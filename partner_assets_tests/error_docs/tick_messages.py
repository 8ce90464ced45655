"""Provokes what sensors say at their ticks, and what is said of days and partitions that they have asked for in vain.

Not here: the runs that failed (`day_messages.py`), and the API's answers in a tick (`api_messages.py`).
"""

from collections.abc import Callable
from datetime import date, timedelta

import dagster as dg

from partner_assets.automation import catalogue_changes, dead_runs, order_changes, order_gaps
from partner_assets.automation.catalogue_state import ROOTS, WHOLE, CatalogueState
from partner_assets.automation.change_feed import DirtyDay, FeedState
from partner_assets.automation.feed_reading import FeedRead, read_feed
from partner_assets.automation.gaps import GapState
from partner_assets.automation.parked_days import with_reasons
from partner_assets.automation.wanted import PARK_AFTER, Wanted
from partner_assets.checks.parked import ParkedDay, ParkedPartition, no_days_parked, no_partitions_parked
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.paged_orders import order, shelf
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows
from partner_assets_tests.automation.sensor_daemon import SensorDaemon, lasting_instance
from partner_assets_tests.automation.test_dead_runs import begun, worker
from partner_assets_tests.error_docs.scene import Scene, produces
from partner_assets_tests.materialization.site import NOW, TODAY, Site

NONSENSE = '{"mark": "yesterday"}'
TOMORROW = NOW + timedelta(days=1)

for words, read in {
    "The cursor of order_changes cannot be read": lambda _: FeedState.from_json(NONSENSE),
    "The cursor of order_gaps cannot be read": lambda _: GapState.from_json(NONSENSE, now=NOW),
    "The cursor of catalogue_changes cannot be read": lambda _: CatalogueState.from_json(NONSENSE),
}.items():
    produces(words, ValueError)(read)


@produces("no_days_parked could not look")
def parked_by_a_broken_memory(scene: Scene) -> str:
    """Let the check look where the memory of a sensor cannot be read."""
    folder = scene.folder / "instance"
    folder.mkdir()
    with lasting_instance(folder) as instance:
        site = Site(scene.sandbox, scene.folder, instance, start=TODAY, with_checks=True)
        daemon = SensorDaemon(site, order_changes.NAME)
        daemon.tick()
        daemon.remember(order_changes.NAME, NONSENSE)
        result = site.run("orders_by_day", key=TODAY.isoformat())
        site.close()
        [check] = [one for one in result.get_asset_check_evaluations() if one.check_name == "no_days_parked"]
    return str(check.description)


def parked(day: date = TODAY) -> ParkedDay:
    """Return a day that keeps failing."""
    return ParkedDay(day, order_gaps.NAME, PARK_AFTER, TOMORROW)


@produces("N days keep failing")
def days_in_vain(scene: Scene) -> str:
    """Tell of two days."""
    return no_days_parked([parked(), parked(TODAY - timedelta(days=1))]).description


@produces("N partitions keep failing")
def partitions_in_vain(scene: Scene) -> str:
    """Tell of two partitions."""
    names = ("PRTF012", "PRTF034")
    return no_partitions_parked([ParkedPartition(one, PARK_AFTER, TOMORROW) for one in names]).description


@produces("Its worker died, or was ended, without a word")
def silent_death(scene: Scene) -> str | None:
    """Let a run of a day fail without a failed step, and look for the day's reason."""
    status, tags = dg.DagsterRunStatus.STARTED, {"dagster/partition": TODAY.isoformat()}
    run = scene.instance.add_run(dg.DagsterRun("orders_by_day", tags=tags, status=status))
    scene.instance.report_run_failed(run)
    [day] = with_reasons(scene.instance, [parked()])
    return day.reason


@produces("N days parked")
def tick_with_parked_days(scene: Scene) -> str:
    """Tell of a tick whose memory has parked days."""
    dirty = {TODAY: DirtyDay(NOW, PARK_AFTER, TOMORROW, need=NOW)}
    state = FeedState(NOW, dirty=dirty, since=NOW)
    return order_changes.told(FeedRead(state), state, [], [])


@produces("N partitions parked")
def tick_with_parked_partitions(scene: Scene) -> str:
    """Tell of a tick whose memory has parked partitions."""
    one = Wanted(NOW, PARK_AFTER, TOMORROW)
    state = CatalogueState({}, {ROOTS.job: {WHOLE: one}, "products_by_accreditation": {"PRTF034": one}})
    return catalogue_changes.told(state, [], added={}, removed={})


def feed_of(script: Callable[[Request], Reply]) -> str:
    """Return what a tick says that read the feed of a server."""
    state = FeedState(NOW - timedelta(minutes=30), since=NOW)
    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        read = read_feed(api, state, now=NOW, seconds=30)
    return order_changes.told(read, read.state, [], [])


@produces("entries have no id or no time")
def nameless_entry(scene: Scene) -> str:
    """Read a feed that lists an order without times."""
    return feed_of(shelf([{"transaction": {"id": "PO_1"}}], estimated=1))


@produces("while the feed was read, and are looked for again")
def restless_feed(scene: Scene) -> str:
    """Read a feed whose pages after the first always begin too late."""
    behind = [{**order(number), "creationDateTime": "2026-03-01T00:00:00Z"} for number in range(250)]

    def script(request: Request) -> Reply:
        skip, top = request.query["skip"], request.query["top"]
        alive = behind[2:] if skip else behind
        return rows(*alive[skip : skip + top], estimated=250)

    return feed_of(script)


@produces("The change feed could not be read: missing days wait")
def gaps_behind_a_failed_feed(scene: Scene) -> str:
    """Tick when the last tick of the feed has failed, since the key is refused."""
    folder = scene.folder / "instance"
    folder.mkdir()
    with lasting_instance(folder) as instance:
        with RunningSandbox(SandboxConfig(days=1, orders_per_day=0, api_keys=("another",))) as sandbox:
            site = Site(sandbox, scene.folder, instance, start=TODAY)
            daemon = SensorDaemon(site, order_changes.NAME, order_gaps.NAME)
            for _ in range(2):
                daemon.let_the_interval_pass()
                daemon.tick()
            site.close()
        return str(daemon.message(order_gaps.NAME))


@produces("runs had lost their process")
def killed_run(scene: Scene) -> str:
    """Tick after the process of a run was killed."""
    site = scene.open_site(orders_per_day=0)
    with worker(site.lake, begun(site).run_id) as process:
        process.kill()
        process.wait()
    repository = site.definitions.get_repository_def()
    with dg.build_sensor_context(
        instance=site.instance, repository_def=repository, resources={"partner": site.partner}
    ) as context:
        result = repository.get_sensor_def(dead_runs.NAME).evaluate_tick(context)
    return str(result.skip_message)
