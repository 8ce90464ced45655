"""How Dagster takes 2,000 price partitions: one dynamic dimension with paired keys against two dimensions.

The choice in `partner_assets/partitions.py` rests on this. Prints a table; asserts nothing.
"""

import sys
import time
import warnings
from collections.abc import Callable

import dagster as dg

ACCREDITATIONS, PRICE_LISTS = 100, 20
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def one_dimension(instance: dg.DagsterInstance) -> tuple[dg.JobDefinition, dict[str, str], int]:
    """Return the job, the tags of one run over everything, and the number of partitions, for paired keys."""
    keys = [f"A{one:03}|{other}" for one in range(ACCREDITATIONS) for other in range(PRICE_LISTS)]
    instance.add_dynamic_partitions("pairs", keys)
    job = _job(dg.DynamicPartitionsDefinition(name="pairs"))
    tags = {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}
    return job, tags, len(keys)


def two_dimensions(instance: dg.DagsterInstance) -> tuple[dg.JobDefinition, dict[str, str], int]:
    """Return the same for the cross product of two dynamic dimensions."""
    ones = [f"A{one:03}" for one in range(ACCREDITATIONS)]
    others = [str(other) for other in range(PRICE_LISTS)]
    instance.add_dynamic_partitions("ones", ones)
    instance.add_dynamic_partitions("others", others)
    partitions = dg.MultiPartitionsDefinition(
        {
            "accreditation": dg.DynamicPartitionsDefinition(name="ones"),
            "price_list": dg.DynamicPartitionsDefinition(name="others"),
        }
    )
    first = dg.MultiPartitionKey({"accreditation": ones[0], "price_list": others[0]})
    last = dg.MultiPartitionKey({"accreditation": ones[-1], "price_list": others[-1]})
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return _job(partitions), tags, len(ones) * len(others)


def _job(partitions: dg.PartitionsDefinition[str]) -> dg.JobDefinition:
    @dg.multi_asset(
        name="prices",
        specs=[dg.AssetSpec("prices", partitions_def=partitions)],
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def prices(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        for key in context.partition_keys:
            context.add_asset_metadata({"rows": 1}, asset_key="prices", partition_key=key)
        return dg.MaterializeResult(asset_key="prices")

    return dg.Definitions(assets=[prices], executor=dg.in_process_executor).get_implicit_global_asset_job_def()


def measure(name: str, make: Callable[[dg.DagsterInstance], tuple[dg.JobDefinition, dict[str, str], int]]) -> None:
    """Run all partitions as one run on an instance of its own, and read their state as the UI does."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, dg.DagsterInstance.local_temp(folder) as instance:
        job, tags, count = make(instance)
        started = time.monotonic()
        result = job.execute_in_process(instance=instance, tags=tags, run_config=QUIET, raise_on_error=False)
        ran = time.monotonic() - started
        started = time.monotonic()
        done = len(instance.get_materialized_partitions(dg.AssetKey("prices")))
        read = time.monotonic() - started
        state = "ok" if result.success else "failed"
        sys.stdout.write(f"{name:<16} {count:>6} partitions  {state:<6} {done:>6} materialised  {ran:>6.1f} s  ")
        sys.stdout.write(f"{1000 * ran / count:>5.1f} ms each  state read in {1000 * read:>5.0f} ms\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    measure("one dimension", one_dimension)
    measure("two dimensions", two_dimensions)
