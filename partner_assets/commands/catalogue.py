"""`partner-assets catalogue`: the DuckDB file of views built anew, whole or without names of people. Needs no key and no API."""

from textwrap import fill

import click

from partner_assets.lake import catalogue as lake_catalogue
from partner_assets.settings import load_lake

WIDTH = 80


def catalogue(*, with_pii: bool) -> int:
    """Build a catalogue, and tell where it is.

    Args:
        with_pii: False for the file without the columns that hold names of people, or may.

    Returns:
        The exit code, 0.

    Raises:
        FileNotFoundError: If there is no lake yet.
        LakeError: If it cannot be built; the old one stays.
    """
    root = load_lake()
    if not root.is_dir():
        raise FileNotFoundError(f"There is no {root} yet. Make it with: partner-assets run")
    file = lake_catalogue.build(root, with_pii=with_pii)
    views = lake_catalogue.all_views(root, with_pii=with_pii)
    click.echo(f"{file}: {len(views)} views and macros.")
    if not with_pii:
        left_out = sorted(
            {column.name for view in lake_catalogue.all_views(root) for column in view.columns if column.is_pii}
        )
        click.echo(fill(f"Left out, since they hold names of people or may: {', '.join(left_out)}.", WIDTH))
        click.echo("Every run keeps it up to date from now on. It hides columns, and locks nothing:")
        click.echo("who can read the Parquet files can read the names in them.")
    return 0
