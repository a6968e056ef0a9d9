"""From day books to figures: operational failures, their intervals over seeds, latencies, and where shapes break even.
Pure.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final

from sample_agents.daybook import Entry
from sample_agents.shapes.stage import ANSWERED, ORDERED, Trial

#: Seconds after its order within which a parcel has to be handed over; for what others do about it twice as long.
WITHIN: Final = 10.0

#: Resamples of a bootstrap, and the share that its interval holds.
RESAMPLES: Final = 4_000
HELD: Final = 0.95


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one order.

    Attributes:
        took: seconds until all was done that was done, what others do about it counted by half.
        lost: something was never done.
        doubled: something was done twice.
    """

    took: float
    lost: bool
    doubled: bool

    def is_late(self, within: float = WITHIN) -> bool:
        """Whether something was done later than it should have been."""
        return self.took > within

    def has_failed(self, within: float = WITHIN) -> bool:
        """Whether anything is wrong with it."""
        return self.lost or self.doubled or self.is_late(within)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the orders of one trial; `answers` are seconds from an order to its answer, of those that had
    one."""

    fates: tuple[Fate, ...]
    answers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and the interval that holds it."""

    value: float
    low: float
    high: float


def outcome(trial: Trial, entries: Iterable[Entry]) -> Outcome:
    """Counts what the day book has of each order."""
    entries = list(entries)
    placed = {int(one.subject): one.at for one in entries if one.deed == ORDERED}
    first: dict[tuple[str, int], float] = {}
    for one in entries:
        first.setdefault((one.deed, int(one.subject)), one.at)
    counted = Counter((one.deed, int(one.subject)) for one in entries)

    def fate(number: int, at: float) -> Fate:
        weights = dict.fromkeys(trial.path, 1.0) | dict.fromkeys(trial.others, 0.5)
        done = {agent: first[agent, number] - at for agent in weights if (agent, number) in first}
        took = max((weights[agent] * seconds for agent, seconds in done.items()), default=0.0)
        return Fate(took, len(done) < len(weights), any(counted[agent, number] > 1 for agent in weights))

    answers = tuple(first[ANSWERED, number] - at for number, at in placed.items() if (ANSWERED, number) in first)
    return Outcome(tuple(fate(number, at) for number, at in placed.items()), answers)


def is_late(fate: Fate) -> bool:
    """See `Fate.is_late`."""
    return fate.is_late()


def is_lost(fate: Fate) -> bool:
    """See `Fate.lost`."""
    return fate.lost


def is_doubled(fate: Fate) -> bool:
    """See `Fate.doubled`."""
    return fate.doubled


def has_failed(fate: Fate) -> bool:
    """See `Fate.has_failed`."""
    return fate.has_failed()


def rate(outcomes: Sequence[Outcome], what: Callable[[Fate], bool]) -> float:
    """How many of each hundred orders are so."""
    fates = [fate for one in outcomes for fate in one.fates]
    return 100 * sum(map(what, fates)) / len(fates) if fates else 0.0


def bootstrap(seeds: int, figure: Callable[[Sequence[int]], float]) -> Estimate:
    """A figure with its percentile bootstrap interval: seeds are drawn again, with replacement, and all trials of a
    seed come together. Orders of one trial share its faults, so they are not drawn one by one.

    Args:
        seeds: how many there are.
        figure: of the places of the seeds that were drawn.
    """
    chance = random.Random(0)
    drawn = sorted(figure(chance.choices(range(seeds), k=seeds)) for _ in range(RESAMPLES))
    tail = round(RESAMPLES * (1 - HELD) / 2)
    return Estimate(figure(range(seeds)), drawn[tail], drawn[-tail - 1])


def rates(outcomes: Sequence[Outcome], what: Callable[[Fate], bool]) -> Estimate:
    """`rate`, with its interval."""
    return bootstrap(len(outcomes), lambda places: rate([outcomes[place] for place in places], what))


def fewer(before: Sequence[Outcome], after: Sequence[Outcome], what: Callable[[Fate], bool] = has_failed) -> Estimate:
    """By how many per cent there are fewer such orders; trials of one seed are compared with each other."""

    def compute_reduction(places: Sequence[int]) -> float:
        was = rate([before[place] for place in places], what)
        return 100 * (1 - rate([after[place] for place in places], what) / was) if was else 0.0

    return bootstrap(len(before), compute_reduction)


def percentile(values: Sequence[float], hundredth: int) -> float:
    """So many per cent of the values are no larger; that of less than two is the one, or nothing."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return quantiles(values, n=100, method="inclusive")[hundredth - 1]


def break_even(counts: Sequence[int], one: Sequence[float], other: Sequence[float]) -> int | None:
    """From how many agents on the other shape is never worse than the one, as far as was tried; None for never.

    Args:
        counts: of agents, ascending.
        one: the figure of the one shape for each, less is better.
        other: that of the other.
    """
    found = None
    for count, of_one, of_other in zip(reversed(counts), reversed(one), reversed(other), strict=True):
        if not of_other <= of_one:
            break
        found = count
    return found
