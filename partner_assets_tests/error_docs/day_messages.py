"""Provokes what failed runs say in Dagster, by runs of the real graph over a sandbox.

Not here: records that are rejected (`rejected_messages.py`), checks (`check_messages.py`), and ticks (`tick_messages.py`).
"""

import shutil
from datetime import timedelta

import dagster as dg

from partner_assets.automation.dead_runs import end_dead_runs
from partner_assets.materialization.parents import Parents, refuse_sudden_loss
from partner_assets.materialization.reports import SHOWN, failure_text
from partner_assets.materialization.slices import CannotRead
from partner_assets.partitions import ACCREDITATION_SET
from partner_assets.sandbox.keys import hash_of
from partner_assets.tables.accreditations import ACCREDITATIONS
from partner_assets.tables.record import Rows
from partner_assets_tests.automation.test_dead_runs import begun, worker
from partner_assets_tests.automation.test_run_workers import a_run
from partner_assets_tests.error_docs.scene import Scene, produces
from partner_assets_tests.lake.rows import put, row
from partner_assets_tests.materialization.site import KEY, TODAY, Site, failure_texts

YESTERDAY = TODAY - timedelta(days=1)
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def said(result: dg.ExecuteInProcessResult) -> str:
    """Return what a failed run says."""
    return " ".join(failure_texts(result))


def refused_days(scene: Scene) -> str:
    """Run two days with a key that is refused."""
    site = scene.open_site(start=YESTERDAY, orders_per_day=0)
    site.sandbox.control("keys/revoke", hashed_key=hash_of(KEY))
    return said(site.run("orders_by_day", span=(YESTERDAY.isoformat(), TODAY.isoformat())))


produces("partitions keep their old rows")(refused_days)
produces("Not tried, since it would have failed")(refused_days)


@produces("more reasons are in the log")
def many_reasons(scene: Scene) -> str:
    """Let more partitions fail than a sentence tells, each for its own reason."""
    parents = Parents(scene.open_site(orders_per_day=0).partner.lake)
    failures = {}
    for number in range(SHOWN + 1):
        try:
            parents.price_list(number)
        except CannotRead as error:
            failures[str(number)] = str(error)
    return failure_text(failures, len(failures))


@produces("There is no accreditation …: materialise")
def products_of_nobody(scene: Scene) -> str:
    """Run the products of an accreditation that the lake does not know."""
    site = scene.open_site(orders_per_day=0)
    site.instance.add_dynamic_partitions(ACCREDITATION_SET, ["PRTF000"])
    return said(site.run("products_by_accreditation", key="PRTF000"))


@produces("There is no price list …: materialise", CannotRead)
def unknown_list(scene: Scene) -> None:
    """Ask an empty lake for a price list."""
    Parents(scene.open_site(orders_per_day=0).partner.lake).price_list(1)


@produces("The documents of DAY are lost")
def lost_documents(scene: Scene) -> str:
    """Run orders of a day whose documents somebody has removed."""
    site = scene.open_site(orders_per_day=10)
    site.run_day(TODAY)
    shutil.rmtree(site.lake / "order_documents")
    job = dg.define_asset_job("orders_alone", dg.AssetSelection.assets("orders", "order_lines", "order_charges"))
    definitions = dg.Definitions.merge(site.definitions, dg.Definitions(jobs=[job]))
    result = definitions.resolve_job_def("orders_alone").execute_in_process(
        instance=site.instance, partition_key=TODAY.isoformat(), raise_on_error=False, run_config=QUIET
    )
    return said(result)


@produces("are missing from the answer", CannotRead)
def empty_answer(scene: Scene) -> None:
    """Take an empty answer for all accreditations."""
    lake = scene.open_site(orders_per_day=0).partner.lake
    put(lake, ACCREDITATIONS, [row(ACCREDITATIONS, accreditation_id="PRTF1")])
    refuse_sudden_loss(lake, ACCREDITATIONS, Rows([]), column="accreditation_id", percent=20)


@produces("The run's tag partner_assets/details")
def tag_without_meaning(scene: Scene) -> str:
    """Run a day with a value of the tag that is none."""
    site = scene.open_site(orders_per_day=0)
    result = site.definitions.resolve_job_def("orders_by_day").execute_in_process(
        instance=site.instance,
        partition_key=TODAY.isoformat(),
        tags={"partner_assets/details": "some"},
        raise_on_error=False,
        run_config=QUIET,
    )
    return said(result)


def last_words(site: Site, run: dg.DagsterRun) -> str:
    """Return what Dagster's log says of the end of a run."""
    logs = site.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return " ".join(entry.user_message or str(entry.message) for entry in logs)


@produces("ended in the middle of an asset")
def killed_run(scene: Scene) -> str:
    """Kill the process of a run, and look for dead runs."""
    site = scene.open_site(orders_per_day=0)
    run = begun(site)
    with worker(site.lake, run.run_id) as process:
        process.kill()
        process.wait()
        end_dead_runs(site.instance, site.partner.lake)
    return last_words(site, run)


@produces("and so is its code server")
def killed_server(scene: Scene) -> str:
    """Look for a run whose code server is gone as well."""
    site = scene.open_site(orders_per_day=0)
    run = a_run(site.instance, scene.folder / "never", None)
    end_dead_runs(site.instance, site.partner.lake)
    return last_words(site, run)
