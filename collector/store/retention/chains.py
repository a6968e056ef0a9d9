"""Which traces belong together, and how they are dealt out to transactions; pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OldTrace:
    """A trace of which everything that is stored is old."""

    trace_id: str
    first_ns: int
    """When its first span began."""
    last_ns: int
    """When its last span began."""
    newest_ns: int
    """When all of it was over."""
    records: int


@dataclass(frozen=True, slots=True)
class Portion:
    """What one transaction removes: whole chains."""

    traces: Sequence[OldTrace]

    @property
    def first_ns(self) -> int:
        """When its first span began."""
        return min(trace.first_ns for trace in self.traces)

    @property
    def last_ns(self) -> int:
        """When its last span began."""
        return max(trace.last_ns for trace in self.traces)

    @property
    def records(self) -> int:
        """Spans and markers."""
        return sum(trace.records for trace in self.traces)


def group_chains(
    traces: Sequence[OldTrace], ties: Iterable[tuple[int, int]], held: Iterable[int]
) -> list[list[OldTrace]]:
    """Returns the chains that may go, the one that ended first first.

    Args:
        traces: by their number.
        ties: numbers of traces that belong together.
        held: numbers of traces that must stay, and their chains with them.
    """
    roots = list(range(len(traces)))

    def root(number: int) -> int:
        while roots[number] != number:
            roots[number] = number = roots[roots[number]]
        return number

    for one, other in ties:
        roots[root(one)] = root(other)
    staying = {root(number) for number in held}
    chains: dict[int, list[OldTrace]] = {}
    for number, trace in enumerate(traces):
        if (chain := root(number)) not in staying:
            chains.setdefault(chain, []).append(trace)
    return sorted(chains.values(), key=lambda chain: max(trace.newest_ns for trace in chain))


def take_enough(chains: Iterable[Sequence[OldTrace]], records: int) -> Iterator[Sequence[OldTrace]]:
    """Returns the first chains, until they hold so many records together."""
    for chain in chains:
        if records <= 0:
            return
        yield chain
        records -= sum(trace.records for trace in chain)


def make_portions(chains: Iterable[Sequence[OldTrace]], most: int) -> Iterator[Portion]:
    """Deals chains out; one that is larger than a portion has its own.

    Args:
        chains: in the order in which they go.
        most: records of one portion.
    """
    gathered: list[OldTrace] = []
    size = 0
    for chain in chains:
        records = sum(trace.records for trace in chain)
        if gathered and size + records > most:
            yield Portion(gathered)
            gathered, size = [], 0
        gathered.extend(chain)
        size += records
    if gathered:
        yield Portion(gathered)
