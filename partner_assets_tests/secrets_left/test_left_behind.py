"""After runs that failed in every way, at debug level: the key is in nothing that they left, and in nothing that shows.

Not here: that the search would find it (`test_search.py`), and errors in Python's hands (`test_errors_shown.py`).
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from partner_assets.automation.day_ranges import RANGE_END, RANGE_START
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig
from partner_assets_tests.api.scripted_server import ScriptedServer
from partner_assets_tests.secrets_left.echo import Echo
from partner_assets_tests.secrets_left.failing_site import FailingSite, all_ended, until
from partner_assets_tests.secrets_left.processes import watched_processes
from partner_assets_tests.secrets_left.search import Find, Search, canary

FIRST = datetime.now(UTC).date() - timedelta(days=1)
HELD, LIST = "PRTF102", 5
# Faults that pass, and are asked about again; and faults of answers that are asked for in runs that fail.
PASSING = ("invalid_json", "success_false", "reset_in_body")
LASTING = {
    "server_error": {"rate": 0.5, "count": 1, "endpoints": ["accreditations"]},
    "truncated_json": {"rate": 0.5, "count": 1, "endpoints": ["accreditations"]},
}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGES = {
    "runs/{run}": "Bad key [the key]",
    "assets/price_lists": "Which price lists hold in which country",
    "locations/partner_assets/resources/partner": "This resource has no configuration fields",
    "config": "max_concurrent_runs",
}
"""What a browser is to show, with words that are on it once it is drawn."""


@dataclass
class Left:
    """What was left behind, and by whom.

    Attributes:
        site: The processes, and the folder of all that they wrote.
        keys: The canary, and the key that was made to follow it.
        shown: What was found among the arguments of processes.
        looks: How often that was looked at.
        codes: What the commands ended with.
        statuses: Jobs, and what became of their runs.
    """

    site: FailingSite
    keys: tuple[str, str]
    shown: list[Find] = field(default_factory=list)
    looks: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    statuses: set[tuple[str, str]] = field(default_factory=set)

    def look(self, lines: dict[str, bytes]) -> None:
        """Look at the arguments of all processes."""
        search = Search(*self.keys)
        self.looks += 1
        self.shown += [find for where, text in lines.items() for find in search.text(where, text)]


@pytest.fixture(scope="module", params=["environment", pytest.param("file", marks=pytest.mark.campaign)])
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """What is left when runs have failed: Dagster had the key by one way, and the commands by the other."""
    key, folder = canary(), tmp_path_factory.mktemp("left")
    key_file = tmp_path_factory.mktemp("keys") / "key"
    key_file.write_text(key)
    ways = {"PARTNER_API_KEY": key}, {"PARTNER_API_KEY_FILE": str(key_file)}
    of_dagster, of_shell = ways if request.param == "environment" else ways[::-1]
    with ExitStack() as stack:
        sandbox = stack.enter_context(RunningSandbox(SandboxConfig(days=3, orders_per_day=3, api_keys=(key,))))
        _make_small(sandbox)
        echo = Echo(sandbox)
        address = stack.enter_context(ScriptedServer(script=echo)).base_url
        site = FailingSite(folder, {"PARTNER_API_BASE_URL": address, "PARTNER_ORDERS_START": str(FIRST)})
        rotated = site.shell("key", "rotate", PARTNER_API_KEY_FILE=str(key_file))
        left = Left(site, (key, key_file.read_text().strip()), codes={"key rotate": rotated})
        stack.enter_context(watched_processes(left.look))
        sandbox.control("faults", **{name: {"rate": 0.3, "count": 1, "after": 4} for name in PASSING})
        left.codes["run"] = site.shell("run", **of_shell)
        sandbox.control("faults/clear")
        sandbox.control("faults", **LASTING)
        echo.is_on = True
        with site.dagster(**of_dagster):
            _fail(left, sandbox)
            site.ask_everything()
            if request.param == "file" and CHROMIUM is not None:
                _browse(left, CHROMIUM)
        for arguments in ("run", "key check"):
            left.codes[f"{arguments}, refused"] = site.shell(*arguments.split(), **of_shell)
    yield left


def _make_small(sandbox: RunningSandbox) -> None:
    """Leave one accreditation and one price list: what matters here is not the number of rows."""
    for each in sandbox.world.catalogue.accreditations():
        if each["id"] != HELD:
            sandbox.control("accreditations/remove", id=each["id"])
    for price_list in {each["id"] for each in sandbox.world.catalogue.every_price_list()} - {LIST}:
        sandbox.control("price-lists/remove", id=price_list)


def _fail(left: Left, sandbox: RunningSandbox) -> None:
    """Launch runs that fail each in its own way, and one when the key is refused; let sensors fail beside them."""
    [damaged] = (left.site.folder / "lake" / "price_lists").glob("**/*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-8])
    left.site.launch("orders_by_day", {RANGE_START: str(FIRST), RANGE_END: str(FIRST)})
    left.site.launch("catalogue_roots")
    until(lambda: len(left.site.runs()) >= 2 and all_ended(left.site.runs()))
    sandbox.control("keys/revoke", hashed_key=hash_of(left.keys[0]))
    left.site.launch("catalogue_roots")
    until(lambda: all_ended(left.site.runs()) and left.site.failed_ticks() > 0)
    left.statuses = {(run["jobName"], run["status"]) for run in left.site.runs()}


def _browse(left: Left, browser: str) -> None:
    """Write down pages as a browser shows them, with whatever it has fetched to make them."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"]
    options += [f"--user-data-dir={left.site.folder / 'browser'}", "--virtual-time-budget=20000"]
    run = next(
        run["runId"] for run in left.site.runs() if run["jobName"] == "orders_by_day" and run["status"] == "FAILURE"
    )
    for number, path in enumerate(PAGES):
        command = [browser, *options, left.site.page(path.format(run=run))]
        shown = subprocess.run(command, capture_output=True, timeout=120, check=True).stdout
        (left.site.folder / f"shown-{number}.html").write_bytes(shown)


PLACES = {
    "Bad key [the key]": ("history/runs", "schedules.db", "compute_logs", "graphql.txt"),
    "The key [the key] is not known": ("history/runs", "compute_logs", "graphql.txt", "-run.txt"),
    "Starting new HTTP connection": ("history/runs", "compute_logs", "graphql.txt", "-run.txt", "daemon.txt"),
}
"""Words of ours, two of which stand where the key would have stood, and where they are found."""


# One test, not five: what it looks at takes half a minute to make, and xdist would make it once for each worker.
def test_nothing_that_is_left_holds_the_key(left: Left) -> None:
    """Guards against a key in a database, a log, a table, an answer, a file between them, or the arguments of a process."""
    assert left.codes == {"key rotate": 0, "run": 0, "run, refused": 1, "key check, refused": 1}
    assert {("orders_by_day", "FAILURE"), ("catalogue_roots", "FAILURE")} <= left.statuses

    search = Search(*left.keys)
    assert search.folder(left.site.folder) == []
    assert left.shown == []

    # From here on, that it was not blind. Of the file that is damaged on purpose, only the bytes can be searched.
    assert [file.relative_to(left.site.folder).parts[:2] for file in search.unread] == [("lake", "quarantine")]
    assert search.counts["SQLite"] >= 3
    assert search.counts["Parquet"] >= 8
    assert search.counts["catalogue"] == 1
    assert search.counts["compressed"] >= 10
    assert left.looks > 20
    for words, places in PLACES.items():
        found = {find.where for find in Search(words).folder(left.site.folder)}
        assert [place for place in places if not any(place in where for where in found)] == [], words


@pytest.mark.campaign
@pytest.mark.parametrize("left", ["file"], indirect=True)
def test_no_page_shows_the_key(left: Left) -> None:
    """Guards against what only a browser puts together: what it shows, and what it keeps of that."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium on this machine to show pages with.")
    for number, words in enumerate(PAGES.values()):
        page = left.site.folder / f"shown-{number}.html"
        assert Search(*left.keys).file(page) == []
        assert Search(words).file(page), words
