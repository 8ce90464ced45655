"""The check that a day has as many current documents as the search found orders, and that neither was out of step.

Not here: how a day is read, and what becomes of an order that the search no longer returns
(`materialization/order_day.py`).
"""

from partner_assets.checks.look import SHOWN, Check, Finding, Look, offending, shown
from partner_assets.tables.order_documents import ORDER_DOCUMENTS
from partner_assets.tables.table import Table


def search(table: Table) -> list[Check]:
    """Return the check of the documents of orders; no other table comes from the search."""
    if table is not ORDER_DOCUMENTS:
        return []
    sentence = (
        "Every day of the run has as many current documents as the search found orders created on it, none of them moved "
        "from page to page all the while, and no details were behind the search."
    )
    return [Check("search_agrees", sentence, search_agrees)]


def search_agrees(look: Look) -> Finding:
    """Check the days that this run has read.

    Fewer documents: some could not be read as rows (`rejected` says which), or were gone before they were asked for.
    More: orders that the search no longer returns, while the API still has their details. Drifted: the orders moved from
    page to page in every reading, so that one may have been missed whatever the counts say. Behind: orders whose details
    were of an earlier state than the search told, or not there.
    """
    if not look.reports:
        return Finding(True, "This run has read no search.")
    counted = f"SELECT creation_date, count(*) FROM {look.rows()} WHERE is_current GROUP BY ALL"
    current = {str(day): count for day, count in look.connection.execute(counted).fetchall()}
    rows = [
        {"creation_date": day, "current": current.get(str(day), 0)}
        | {name: report[name] for name in ("found", "fetched", "gone", "rejected")}
        | {name: report.get(name, 0) for name in ("drifted", "behind")}
        for day, report in look.reports.items()
    ]
    differing = [row for row in rows if row["current"] != row["found"]]
    drifted = [row for row in rows if row["drifted"]]
    behind = [row for row in rows if row["behind"]]
    sentences = []
    if differing:
        told = "; ".join(
            f"{row['creation_date']}: {row['found']} found, {row['current']} current, {row['rejected']} rejected"
            for row in differing[:SHOWN]
        )
        sentences.append(f"{len(differing)} of {len(rows)} days disagree with the search. {told}.")
    if drifted:
        told = ", ".join(str(row["creation_date"]) for row in drifted[:SHOWN])
        sentences.append(
            f"On {len(drifted)} of {len(rows)} days orders moved from page to page in every reading, so some may be missing: "
            f"{told}. The change feed has a day read again for every order that changed; materialise an older day again by "
            "hand."
        )
    if behind:
        told = "; ".join(f"{row['creation_date']}: {row['behind']}" for row in behind[:SHOWN])
        sentences.append(
            f"On {len(behind)} of {len(rows)} days the details of some orders were older than the search told, or missing. "
            f"{told}. The change feed has a day read again for every order that changed; materialise an older day again by "
            "hand."
        )
    wrong = [row for row in rows if row in differing or row in drifted or row in behind]
    return Finding(
        not wrong,
        " ".join(sentences) or f"{len(rows)} days agree with the search.",
        offending([shown(row.items()) for row in wrong[:SHOWN]]),
    )
