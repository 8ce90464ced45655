"""`partner-assets sql`: exact answers, and no way to anything but the lake."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from partner_assets_tests.commands.shell import COMMAND, environment, run

QUERY = (
    "SELECT product_number, ds_list_price AS price, distributor_discount_percentage AS percentage, extra, fetched_at "
    "FROM product_prices ORDER BY ALL"
)


def ask(lake: Path, statement: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Ask a lake by a relative path, as people do."""
    return run("sql", statement, *options, cwd=lake.parent, env={"PARTNER_LAKE": lake.name, **variables})


def test_a_table_is_aligned_and_exact(lake: Path) -> None:
    """Guards against floats, which lose the cents of 1e15, and against colours in a pipe."""
    assert ask(lake, QUERY).stdout.splitlines() == [
        "product_number               price     percentage  extra  fetched_at",
        "──────────────  ──────────────────  ─────────────  ─────  ────────────────────",
        "6NB-PCS-OC      999999999999999.99  33.3333333333  é,“ü”  2026-03-15 12:00:00Z",
        "7NB-PCS-OC                    NULL   0.0000000000  NULL   2026-03-15 12:00:00Z",
        "2 rows",
    ]


@pytest.mark.parametrize("width", [40, 80, 160])
def test_a_wide_table_fits_the_screen_and_cuts_no_number(width: int, lake: Path) -> None:
    """Guards against lines that wrap, and against a number that is wrong because its end is missing."""
    done = ask(lake, "SELECT ds_list_price, * FROM product_prices", COLUMNS=str(width))
    assert max(map(len, done.stdout.splitlines()[:-1])) <= width
    assert "999999999999999.99" in done.stdout
    assert "columns shown" in done.stdout.splitlines()[-1]


def test_a_single_row_too_wide_is_shown_upright(lake: Path) -> None:
    """Guards against looking at one record and seeing five of its ninety columns."""
    lines = ask(lake, "FROM order_items RIGHT JOIN (SELECT 1 AS one) ON true", COLUMNS="80").stdout.splitlines()
    assert lines[0].split() == ["column", "value"]
    assert lines[-2].split() == ["one", "1"]
    assert lines[-1] == "1 row"


def test_csv_keeps_every_digit_and_tells_null_from_empty(lake: Path) -> None:
    """Guards against exponents, local times, and NULL as a word."""
    done = ask(lake, QUERY.replace("extra", "extra, '' AS nothing"), "--format", "csv")
    assert done.stdout == (
        "product_number,price,percentage,extra,nothing,fetched_at\n"
        '6NB-PCS-OC,999999999999999.99,33.3333333333,"é,“ü”","",2026-03-15T12:00:00Z\n'
        '7NB-PCS-OC,,0.0000000000,,"",2026-03-15T12:00:00Z\n'
    )


def test_json_has_decimals_as_numbers_with_all_their_digits(lake: Path) -> None:
    """Guards against decimals as floats or as texts, and against a field that another of its name overwrites."""
    done = ask(lake, f"SELECT *, price AS price FROM ({QUERY})", "--format", "json")
    first, second = json.loads(done.stdout, parse_float=Decimal)
    assert first == {
        "product_number": "6NB-PCS-OC",
        "price": Decimal("999999999999999.99"),
        "percentage": Decimal("33.3333333333"),
        "extra": "é,“ü”",
        "fetched_at": "2026-03-15T12:00:00Z",
        "price_1": Decimal("999999999999999.99"),
    }
    assert second["price"] is None
    assert json.loads(ask(lake, "SELECT 1 LIMIT 0", "--format", "json").stdout) == []


def test_parquet_keeps_the_types(lake: Path, tmp_path: Path) -> None:
    """Guards against a file that holds doubles, and against half a file under the name of a whole one."""
    file = tmp_path / "answer.parquet"
    assert ask(lake, QUERY, "--format", "parquet", "--output", str(file)).returncode == 0
    assert pq.read_schema(file).field("price").type == pa.decimal128(18, 2)
    assert pq.read_table(file).num_rows == 2
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_a_month_is_a_month_and_a_nanosecond_stays(style: str, lake: Path) -> None:
    """Guards against Python, for which a month is thirty days, and which has no nanoseconds."""
    statement = (
        "SELECT age(DATE '2026-03-01', DATE '2026-02-01') AS a, [INTERVAL 5 MONTH] AS b, "
        "TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS c; -- so"
    )
    told = ask(lake, statement, "--format", style).stdout
    for value in ("1 month", "[5 months]", "2026-01-01 00:00:00.123456789"):
        assert value in told


def test_an_interval_in_parquet_is_a_text(lake: Path, tmp_path: Path) -> None:
    """Guards against a trace: Arrow cannot write the type."""
    file = tmp_path / "answer.parquet"
    assert (
        ask(lake, "SELECT INTERVAL 1 MONTH AS i, 1 AS i", "--format", "parquet", "--output", str(file)).returncode == 0
    )
    assert pq.read_table(file).to_pylist() == [{"i": "1 month", "i_1": 1}]


def test_csv_of_one_column_says_how_many_of_its_lines_are_empty(lake: Path) -> None:
    """Guards against rows that the reader of a CSV file leaves out, since nothing stands on their lines."""
    done = ask(lake, "SELECT unnest(['a', NULL, '', NULL]) AS x", "--format", "csv")
    assert done.stdout == 'x\na\n\n""\n\n'
    assert done.stderr.startswith("Warning: 2 of the lines are empty")
    assert ask(lake, "SELECT NULL AS x, 1 AS y", "--format", "csv").stderr == ""


def test_a_table_shows_every_script_and_moves_no_cursor(lake: Path) -> None:
    """Guards against names that nobody can read, and against data that draws on a terminal."""
    shown = ask(
        lake, "SELECT '株式会社' || chr(12288) || 'サンプル', '👩' || chr(8205) || '🔬', chr(27) || '[2J', chr(8238)"
    ).stdout
    assert "株式会社　サンプル" in shown
    assert "👩\u200d🔬" in shown
    assert "\\x1b[2J" in shown
    assert "\\u202e" in shown


def test_a_statement_can_come_from_standard_input(lake: Path) -> None:
    """Guards against quoting a long query for the shell."""
    done = run("sql", "-", cwd=lake.parent, env={"PARTNER_LAKE": "lake"}, stdin="-- how many?\nSELECT 41 + 1 AS n;\n")
    assert done.stdout.splitlines()[2] == "42"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_text('lake/../../../../../../etc/passwd')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "COPY (SELECT 1) TO '{lake}/product_prices/new.parquet'",
        "COPY (SELECT 1) TO '{outside}'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{lake}/new.parquet'",
        "EXPLAIN /* select */ ANALYZE COPY (SELECT 1) TO '{lake}/new.parquet'",
        "COPY (PIVOT (SELECT 1 AS a, 'x' AS b) ON b USING sum(a)) TO '{lake}/new.parquet'",
        "/* select */ COPY (PIVOT (SELECT 1 AS a, 'x' AS b) ON b USING sum(a)) TO '{lake}/new.parquet'",
        "EXPORT DATABASE '{lake}/new'",
        "ATTACH '{lake}/new.duckdb'",
        "CREATE TABLE new (a INT)",
        "DROP VIEW orders",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET VARIABLE lake = '/etc'",
        "SELECT 1; COPY (SELECT 1) TO '{lake}/new.parquet'",
        "CALL enable_logging()",
        "",
    ],
)
def test_a_statement_reaches_nothing_but_the_lake(statement: str, lake: Path, tmp_path: Path) -> None:
    """Guards against a query, perhaps one from the internet, that reads secrets, writes files, or loads code."""
    outside = tmp_path / "outside.parquet"
    pq.write_table(pa.table({"secret": ["hush"]}), outside)
    before = {path: path.stat().st_mtime_ns for path in (*lake.rglob("*"), outside)}
    done = ask(lake, statement.format(outside=outside, lake=lake))
    assert done.returncode == 1
    assert done.stdout == ""
    assert 1 <= len(done.stderr.splitlines()) <= 2
    assert {path: path.stat().st_mtime_ns for path in (*lake.rglob("*"), outside)} == before


@pytest.mark.parametrize(
    "statement", ["DESCRIBE orders", "SHOW TABLES", "SUMMARIZE price_lists", "EXPLAIN FROM orders", "FROM data_dictionary",
                  "PIVOT (SELECT 1 AS a, 'x' AS b) ON b USING sum(a)", "WITH a AS (SELECT 1) FROM a", "VALUES (1)"]
)  # fmt: skip
def test_every_kind_of_query_is_allowed(statement: str, lake: Path) -> None:
    """Guards against locking out analysts along with everybody else."""
    assert (done := ask(lake, statement)).returncode == 0, done.stderr


def test_a_wrong_statement_is_told_in_duckdbs_words(lake: Path) -> None:
    """Guards against a trace of our own code, where a column is misspelt."""
    done = ask(lake, "SELECT nope FROM orders")
    assert done.returncode == 1
    assert "nope" in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[1:] == ["LINE 1: SELECT nope FROM orders"]


def test_without_a_catalogue_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    """Guards against an empty lake that is made by asking it."""
    done = run("sql", "SELECT 1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no data/partner.duckdb yet. Make it with: partner-assets run\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_early_is_no_error(lake: Path) -> None:
    """Guards against `| head` ending in a trace."""
    command = f"{' '.join(COMMAND)} sql 'FROM range(1000000)' --format csv | head -n 1"
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        command, shell=True, cwd=lake.parent, env=environment(PARTNER_LAKE="lake"), capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"range\n", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_parquet_is_not_written_to_a_terminal(lake: Path) -> None:
    """Guards against a screen full of bytes."""
    import pty

    leader, follower = pty.openpty()
    done = subprocess.run(
        [*COMMAND, "sql", "SELECT 1", "--format", "parquet"],
        cwd=lake.parent, env=environment(PARTNER_LAKE="lake"), stdout=follower, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"--output" in done.stderr
    for descriptor in (leader, follower):
        __import__("os").close(descriptor)
