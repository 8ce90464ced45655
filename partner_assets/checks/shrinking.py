"""The check for a slice that lost many of its rows at once: an answer cut short looks just like things that are gone.

Nothing is lost then, since history keeps closed rows and gone documents; but current views show less. Not here: counts
against the search (`search.py`).
"""

from partner_assets.checks.look import Check, Finding, Look, columns, offending
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.table import Table

MOST_LOST_PERCENT = 20
"""The share of its current rows that a slice may lose in one run before a person should look."""


def shrinking(table: Table) -> list[Check]:
    """Return the check of a table that knows what it has lost: one with history, or the documents of orders."""
    if not table.keeps_history and table is not ORDER_DOCUMENTS:
        return []
    what = f"of its current rows, by {', '.join(table.slice_by)}" if table.slice_by else "of its current rows"
    sentence = f"No run takes more than {MOST_LOST_PERCENT} % of {table.name} away ({what})."
    return [Check("has_not_shrunk", sentence, has_not_shrunk)]


def has_not_shrunk(look: Look) -> Finding:
    """Check that no slice of this run lost more than its share; a row that only changed is not lost."""
    if not look.as_of:
        return Finding(True, "This run has read nothing.")
    slices = columns(look.table.slice_by)
    if look.table is ORDER_DOCUMENTS:
        before, read = _documents(look), {"days": list(look.reports), "as_of": look.as_of}
    else:
        before, read = _history(look), {"as_of": look.as_of}
    query = (
        f"SELECT {slices}{', ' if slices else ''}count(*) FILTER (is_lost) AS lost, count(*) AS before "
        f"FROM ({before}) GROUP BY ALL HAVING 100 * lost > {MOST_LOST_PERCENT} * before"
    )
    count, rows = look.offenders(query, read)
    name = look.table.name
    description = f"{count} of {len(look.as_of)} slices of {name} lost more than {MOST_LOST_PERCENT} % of their rows."
    return Finding(not count, description if count else "None lost many rows.", offending(rows))


def _history(look: Look) -> str:
    """Return the query for the keys that were current before this run, and whether they still are."""
    return (
        f"SELECT {columns(look.table.key)}, NOT bool_or(valid_to IS NULL) AS is_lost "
        f"FROM {look.rows(closed_too=True)} WHERE valid_to IS NULL OR list_contains($as_of, valid_to) "
        # Closed now, or current and not begun now: what this run brought was not there before.
        "GROUP BY ALL HAVING bool_or(valid_to IS NOT NULL OR NOT list_contains($as_of, valid_from))"
    )


def _documents(look: Look) -> str:
    """Return the query for the orders of which there was a document before this run, and whether they are gone now."""
    # Each order is asked for at a time of its own, after the read of its day began.
    return (
        "SELECT creation_date, transaction_id, coalesce(bool_or(gone_at >= began), false) AS is_lost "
        f"FROM {look.rows()} JOIN (SELECT CAST(unnest($days) AS DATE) AS creation_date, unnest($as_of) AS began) "
        "USING (creation_date) GROUP BY creation_date, transaction_id "
        "HAVING (is_lost OR bool_or(is_current)) AND bool_or(fetched_at < began)"
    )
