"""The address that Dagster is pointed at. Assembly is `build.py`'s."""

from partner_assets.build import build_defs

defs = build_defs()
