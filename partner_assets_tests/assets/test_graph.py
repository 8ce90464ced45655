"""The graph as a person sees it: an asset per table, described, owned, grouped, cut into partitions, and tied together.

Not here: what a run reports (`test_metadata.py`), and what the tables hold (`partner_assets_tests/test_truth.py`).
"""

from datetime import UTC, date, datetime

import dagster as dg
import pytest

from partner_assets.build import build_defs
from partner_assets.partitions import LONGEST_RANGE
from partner_assets.resources import Partner
from partner_assets.tables.dictionary import TABLES
from partner_assets_tests.tables.dictionary_contract import COLUMNS, KEYS

START = date(2026, 3, 1)
ORDERS = {"order_documents", "orders", "order_lines", "order_charges"}
CATALOGUE = {"accreditations", "price_lists", "products", "product_prices", "package_contents"}
GROUPS = {
    **dict.fromkeys(ORDERS, "orders"),
    **dict.fromkeys(CATALOGUE, "catalogue"),
    "code_labels": "reference",
    "analyst_views": "analytics",
}
TABLE_ASSETS = sorted(GROUPS.keys() - {"analyst_views"})
PARENTS = {
    "accreditations": set(),
    "price_lists": set(),
    "code_labels": set(),
    "products": {"accreditations"},
    "product_prices": {"accreditations", "price_lists"},
    "package_contents": {"products"},
    "order_documents": set(),
    "orders": {"order_documents"},
    "order_lines": {"order_documents"},
    "order_charges": {"order_documents"},
    "analyst_views": set(TABLE_ASSETS),
}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    """The code location, over settings that nobody reads."""
    return build_defs(Partner(), orders_start=START)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    """The assets by name."""
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_every_table_but_the_rejected_is_an_asset(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against a table of the dictionary that nothing fills."""
    assert specs.keys() == {table.name for table in TABLES if table.name != "rejected"} | {"analyst_views"}
    assert specs.keys() == GROUPS.keys()


def test_every_asset_says_what_it_is_and_whose(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against a node of the graph that explains nothing."""
    for name, spec in specs.items():
        assert spec.group_name == GROUPS[name]
        assert spec.description and len(spec.description) > 40, name
        assert list(spec.owners) == ["team:partner-data"]
        assert spec.code_version and len(spec.code_version) == 8
        assert spec.kinds == {"analyst_views": {"duckdb"}}.get(name, spec.kinds & {"api", "parquet"})
    asking = {name for name, spec in specs.items() if "api" in spec.kinds}
    assert asking == {*CATALOGUE, "order_documents"}


def test_the_column_schema_of_an_asset_is_its_table(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against columns in the UI that the files do not have, and against columns without a word."""
    for name in TABLE_ASSETS:
        schema = specs[name].metadata["dagster/column_schema"]
        shown = [f"{column.name}{'' if column.constraints.nullable else '!'}" for column in schema.columns]
        printed = [column.split(" ") for column in COLUMNS[name]]
        assert shown == [f"{column}{'!' if kind.endswith('!') else ''}" for column, kind in printed]
        assert [column.name for column in schema.columns if "key" in column.tags] == [
            column for column, _ in printed if column in KEYS[name]
        ]
        assert all(column.description for column in schema.columns)


def test_orders_have_a_partition_for_every_utc_day_through_today(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against today's orders that cannot be asked for before tomorrow, and against days of another time zone."""
    for name in ORDERS:
        partitions = specs[name].partitions_def
        assert isinstance(partitions, dg.DailyPartitionsDefinition)
        assert partitions.timezone == "UTC"
        just_after_midnight = datetime(2026, 3, 5, 0, 0, 1, tzinfo=UTC)
        keys = partitions.get_partition_keys(current_time=just_after_midnight)
        assert keys == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]


def test_products_and_prices_have_dynamic_partitions(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against a list of accreditations that stands in the code."""
    for name, partition_set in {"products": "accreditations", "product_prices": "accreditation_price_lists"}.items():
        partitions = specs[name].partitions_def
        assert isinstance(partitions, dg.DynamicPartitionsDefinition)
        assert partitions.name == partition_set
    for name in GROUPS.keys() - ORDERS - {"products", "product_prices"}:
        assert specs[name].partitions_def is None


def test_partitioned_assets_run_a_range_as_one_run(definitions: dg.Definitions) -> None:
    """Guards against a run per partition, which takes a second each and rewrites each month's file each time.

    And against a backfill of years as one run of days, which shows nothing until its end and loses all of it if it dies.
    """
    graph = definitions.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        if node.is_partitioned:
            bounded = dg.BackfillPolicy.multi_run(LONGEST_RANGE)
            assert node.backfill_policy == (
                bounded if key.to_user_string() in ORDERS else dg.BackfillPolicy.single_run()
            ), key


def test_the_edges_are_those_of_the_design(specs: dict[str, dg.AssetSpec]) -> None:
    """Guards against an asset that runs before what it reads, and against one that waits for what it does not."""
    edges = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in specs.items()}
    assert edges == PARENTS


def test_every_table_has_checks_and_just_the_two_of_soundness_block(definitions: dg.Definitions) -> None:
    """Guards against a table that nobody looks at, and against a broken file that others build on."""
    graph = definitions.resolve_asset_graph()
    checks = {
        name: {
            key.name: graph.get_check_spec(key).blocking
            for key in graph.asset_check_keys
            if key.asset_key.to_user_string() == name
        }
        for name in TABLE_ASSETS
    }
    for name in TABLE_ASSETS:
        assert {"columns_as_declared", "key_is_unique", "nothing_rejected"} <= checks[name].keys()
        blocking = {check for check, blocks in checks[name].items() if blocks}
        assert blocking == {"columns_as_declared", "key_is_unique"}


def test_every_asset_is_in_exactly_one_job(definitions: dg.Definitions) -> None:
    """Guards against an asset that no job materialises, and against two jobs that fight over one."""
    repository = definitions.get_repository_def()
    selected: list[str] = []
    for job in repository.get_all_jobs():
        if not job.name.startswith("__"):
            selected += [key.to_user_string() for key in job.asset_layer.executable_asset_keys]
    assert sorted(selected) == sorted(GROUPS)
