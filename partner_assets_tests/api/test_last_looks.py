"""The last look of a search, for rows after the end: what slips by before it, and what comes again in it.

Not here: rows that move between pages elsewhere (`test_shifting_pages.py`).
"""

import pytest

from partner_assets.api.errors import ShiftingPages
from partner_assets_tests.api.fake_time import client
from partner_assets_tests.api.scripted_server import Reply, Request, ScriptedServer, rows


@pytest.mark.parametrize("estimated", [3, 4, 5, 6])
def test_rows_that_always_slip_by_before_the_last_look_are_an_error(estimated: int) -> None:
    """Guards against 4 of 5 products where the server cuts its pages at four and estimates four: all seemed to be there."""
    stock = [{"number": f"{i}"} for i in range(5)]

    def script(request: Request) -> Reply:
        skip = request.query["skip"]
        start = skip + 2 if skip else 0
        return rows(*stock[start : start + 4], estimated=estimated)

    with (
        ScriptedServer(script=script) as server,
        client(server.base_url) as api,
        pytest.raises(ShiftingPages),
    ):
        list(api.products("R", "PRTF1"))


def test_rows_that_come_again_after_a_page_of_one_row_are_not_taken_for_more() -> None:
    """Guards against the last parts of a package twice: a page that holds one row cannot overlap with the next."""
    parts = [{"number": f"{i}", "quantity": 1} for i in range(4)]

    def script(request: Request) -> Reply:
        skip = request.query["skip"]
        is_early = skip == len(parts) and sum(each.query["skip"] == skip for each in server.requests) == 1
        start = skip - 2 if is_early else skip
        return rows(*parts[start : start + 4], estimated=9)

    with ScriptedServer(script=script) as server, client(server.base_url) as api:
        assert list(api.package_content("5CB", "V5")) == parts
