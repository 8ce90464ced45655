"""The tables that a campaign prints: kills by phase, what the reader saw, what was left.

Not here: how any of it is measured (`campaign.py`).
"""

from collections.abc import Sequence

from partner_assets_tests.crashes.campaign import Campaign
from partner_assets_tests.crashes.phases import PHASES


def report(campaigns: Sequence[Campaign]) -> str:
    """Return the tables, in Markdown."""
    kills = [("killed while", *(one.name for one in campaigns))]
    kills += [(phase, *(str(one.kills[phase]) for one in campaigns)) for phase in PHASES]
    kills += [("all", *(str(one.kills.total()) for one in campaigns))]
    rows: list[tuple[str, ...]] = [("", *(one.name for one in campaigns))]
    rows += [
        ("processes that finished before their instant", *(str(one.survivors) for one in campaigns)),
        ("clean runs, all of them the truth afterwards", *(str(one.clean_runs) for one in campaigns)),
        ("of them two at once, one refused", *(f"{one.two_at_once}, {one.refused}" for one in campaigns)),
        ("staged files left by kills / after a clean run", *(f"{one.leftovers} / 0" for one in campaigns)),
        ("files replaced, per second", *(f"{one.replacements}, {_rate(one)}" for one in campaigns)),
        ("queries", *(f"{one.reading.queries.total():,}" for one in campaigns)),
        ("loud errors, twice in a row", *(f"{one.reading.errors.total()}, {one.reading.twice}" for one in campaigns)),
        ("wrong answers", *(str(len(one.reading.wrong)) for one in campaigns)),
        ("seconds", *(f"{one.seconds:.0f}" for one in campaigns)),
    ]
    ways = sorted({way for one in campaigns for way in one.reading.queries})
    asked = [("errors / queries, by way", *(one.name for one in campaigns))]
    asked += [
        (way, *(f"{one.reading.errors[way]} / {one.reading.queries[way]:,}" for one in campaigns)) for way in ways
    ]
    messages = [f"{count} times {text}" for one in campaigns for text, count in one.reading.messages.most_common(5)]
    complaints = [f"WRONG: {one.name}: {text}" for one in campaigns for text in one.complaints[:10]]
    return "\n\n".join([_table(kills), _table(rows), _table(asked), "\n".join(messages), "\n".join(complaints)]).strip()


def _rate(one: Campaign) -> str:
    return f"{one.replacements / one.seconds:.1f}" if one.seconds else "-"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])
