"""Results as a table in Markdown: medians, and the least and the greatest of all rounds."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Final

from benchmarks.contest import Figures, Results


def table(results: Iterable[Results]) -> str:
    """The table of some rows."""
    return "\n".join(line for one in results for line in _row(one))


#: Figures that stand beside each other; more have a line each.
_WIDE: Final = 12


def _row(results: Results) -> Iterator[str]:
    names = list(dict.fromkeys(name for rounds in results.rounds.values() for one in rounds for name in one))
    yield f"\n**{results.row.title}** (`ROWS={results.row.name}`). Goal: {results.row.goal}.\n"
    if len(names) <= _WIDE:
        yield from _lines(
            ["", *names], ([who, *(_cell(told, name) for name in names)] for who, told in results.rounds.items())
        )
    else:
        yield from _lines(
            ["", *results.rounds], ([name, *(_cell(told, name) for told in results.rounds.values())] for name in names)
        )
    for contestant, why in results.left_out.items():
        yield f"\n{contestant} was left out: {why}"


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |".replace("|  |", "| |")
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _cell(rounds: list[Figures], name: str) -> str:
    found = [one[name] for one in rounds if name in one]
    if not found:
        return "-"
    return f"{_number(median(found))} ({_number(min(found))}-{_number(max(found))})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"
