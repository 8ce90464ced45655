"""The results as Markdown tables that are narrow enough for a terminal. Not here: what they are results of."""

from collections.abc import Iterable, Mapping, Sequence

from partner_assets.sandbox.fault_plans import PROFILES
from partner_assets_tests.faults.campaign import Cell
from partner_assets_tests.faults.mixture import Round
from partner_assets_tests.faults.places import PLACES
from partner_assets_tests.faults.verdicts import Outcome

NOTHING = "-"
"""Where a fault can have no effect."""


def table(cells: Iterable[Cell]) -> str:
    """Return a row per fault, a column per endpoint, a letter per run, and the requests of the row."""
    by_place = {(cell.profile, cell.place.endpoint): cell for cell in cells}
    head = ["fault", *(place.column for place in PLACES), "requests"]
    lines = []
    for profile in PROFILES:
        row = [by_place.get((profile, place.endpoint)) for place in PLACES]
        letters = [NOTHING if cell is None else cell.letters for cell in row]
        lines.append([profile, *letters, f"{sum(cell.requests for cell in row if cell):,}"])
    seconds = [sum(cell.seconds for cell in by_place.values() if cell.place is place) for place in PLACES]
    lines.append(["seconds", *(f"{each:.0f}" for each in seconds), ""])
    return markdown(head, lines)


def totals(cells: Sequence[Cell]) -> str:
    """Return what came of all runs, in sentences."""
    runs = {outcome: sum(cell.count(outcome) for cell in cells) for outcome in Outcome}
    requests, met = sum(cell.requests for cell in cells), sum(cell.met for cell in cells)
    healed = sum(cell.healed for cell in cells)
    unhealed = runs[Outcome.KEPT] + runs[Outcome.THIRD] - healed
    return (
        f"{sum(runs.values()):,} runs with {requests:,} requests, of which {met:,} met a fault: {runs[Outcome.EXACT]:,} "
        f"ended equal to the truth, {runs[Outcome.KEPT]:,} failed, named what they could not read and kept its old rows, "
        f"and {runs[Outcome.THIRD]} did anything else. After {healed:,} of those that failed a run without faults "
        f"brought the truth, after {unhealed} it did not."
    )


def sentences(cells: Iterable[Cell]) -> list[str]:
    """Return everything that went wrong."""
    return [
        f"{cell.profile} at {cell.place.endpoint}, run {number + 1}: {wrong}"
        for cell in cells
        for number, verdict in enumerate(cell.verdicts)
        for wrong in verdict.wrong
    ] + [f"{cell.profile} at {cell.place.endpoint}, clean: {wrong}" for cell in cells for wrong in cell.unhealed]


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns are as wide as they must be, numbers to the right."""
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    rule = ["-" * width if at == 0 else "-" * (width - 1) + ":" for at, width in enumerate(widths)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(head), line(rule), *map(line, lines)])


def rounds_table(mixtures: Mapping[str, Sequence[Round]]) -> str:
    """Return a row per mixture and load: how many runs it took, and what became of the days."""
    lines = []
    for name, rounds in mixtures.items():
        for load in dict.fromkeys(one.load for one in rounds):
            some = [one for one in rounds if one.load == load]
            figures = (
                len(some),
                sum(one.requests for one in some),
                sum(one.met for one in some),
                sum(one.exact_days for one in some),
                sum(one.kept_days for one in some),
                sum(len(one.verdict.wrong) for one in some),
                round(sum(one.seconds for one in some)),
            )
            lines.append([f"{name}, {load}", *(f"{figure:,}" for figure in figures)])
    return markdown(["faults, load", "runs", "requests", "met", "exact", "kept", "third", "s"], lines)
