"""What the assets work with: here, the file in which all processes of a legal entity share what they know of its quota.

Not here: what they make of it (`api/test_pacing_file.py`, `quota/`).
"""

from datetime import date
from pathlib import Path

from pydantic import SecretStr

from partner_assets.resources import quota_file
from partner_assets.settings import Settings
from partner_assets_tests.materialization.site import KEY, OpenSite

BASE = {"api_base_url": "https://one.example", "legal_entity": "main", "lake": Path("data"), "api_key": SecretStr(KEY)}


def file_for(**other: object) -> Path:
    """Return the file for settings that differ in something."""
    return quota_file(Settings.model_validate({**BASE, **other, "orders_start": date(2026, 1, 1)}))


def test_a_quota_belongs_to_a_legal_entity_and_a_host() -> None:
    """Guards against two keys that reckon with each other's requests, and two processes of one key that do not."""
    assert file_for() == file_for(api_key=SecretStr("x" * 64), api_version="v0")
    others: list[dict[str, object]] = [
        {"legal_entity": "other"},
        {"api_base_url": "https://two.example"},
        {"lake": Path("elsewhere")},
    ]
    assert len({file_for(), *(file_for(**other) for other in others)}) == 4
    assert file_for(api_base_url="http://[::1]:8400").name == "quota.main.__1"


def test_a_run_shares_what_it_knows_and_writes_nothing_of_the_key(open_site: OpenSite) -> None:
    """Guards against runs that each reckon alone, and against a key, or what is derived from it, on the disk."""
    site = open_site(rate=200, rate_window=1.0)
    site.run_roots()
    content = quota_file(site.partner.settings).read_bytes()
    assert b'"limit":200' in content
    assert KEY.encode() not in content
