"""Shares with their intervals, beside what the article says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from runtime.proportion import wilson_interval
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS

#: The article's two figures: after so many calls, what everything in one prompt lost, and what hybrid kept.
ARTICLE_CALLS: Final = 8
ARTICLE_LOSS: Final = 0.23
ARTICLE_KEPT: Final = 0.95

TITLES: Final = {Shape.EVERYTHING: "everything travels along", Shape.KEYS: "each agent sees its keys"}


class Table(NamedTuple):
    """What is printed: its title, the heads of its columns, and its rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of `n`, with the 95 % Wilson score interval."""

    count: int
    n: int

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing."""
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its lower and upper bound."""
        return wilson_interval(self.count, self.n)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} ({low:.1%} to {high:.1%})"


Counts = dict[Shape, tuple[Sequence[int], int]]


def share(counts: Counts, shape: Shape, call: int = ARTICLE_CALLS) -> Share:
    """How often a shape was right after a call."""
    right, n = counts[shape]
    return Share(right[call - 1], n)


def by_call(counts: Counts, model: str) -> Table:
    """Accuracy after each call, of both shapes.

    Args:
        counts: right answers after each call, and dossiers, by shape.
        model: who answered, in words that say so where it is simulated.
    """
    article = f"fell by {ARTICLE_LOSS:.0%}; hybrid above {ARTICLE_KEPT:.0%}"
    rows = [
        [
            str(call),
            *(str(share(counts, shape, call)) for shape in Shape),
            article if call == ARTICLE_CALLS else "",
        ]
        for call in range(1, CALLS + 1)
    ]
    return Table(
        f"Right after call 1 to {CALLS}, with 95 % intervals: {model}",
        ("after call", *(TITLES[shape] for shape in Shape), "the article"),
        rows,
    )


def by_width(counts: dict[int, Counts]) -> Table:
    """How the simulation depends on the width of its attention.

    Args:
        counts: as in `by_call`, by width in tokens.
    """
    dossiers = max((n for one in counts.values() for _, n in one.values()), default=0)
    rows = [[f"{width:,}", *(str(share(one, shape)) for shape in Shape)] for width, one in sorted(counts.items())]
    return Table(
        f"Right after call {ARTICLE_CALLS}, by the width of the SIMULATED attention, {dossiers} dossiers each",
        ("tokens", *(TITLES[shape] for shape in Shape)),
        rows,
    )


def beside_the_article(counts: Counts) -> dict[str, str]:
    """The two figures that the article has, as they came out, and whether that agrees."""
    whole, keys = share(counts, Shape.EVERYTHING), share(counts, Shape.KEYS)
    high, low = (1 - bound for bound in whole.interval)
    lost = f"{1 - whole.value:.1%} ({low:.1%} to {high:.1%})"
    place = "within" if low <= ARTICLE_LOSS <= high else "outside of"
    return {
        f"lost after {ARTICLE_CALLS} calls, {TITLES[Shape.EVERYTHING]}": f"{lost}; "
        f"the article's {ARTICLE_LOSS:.0%} is {place} the interval",
        f"right after {ARTICLE_CALLS} calls, {TITLES[Shape.KEYS]}": f"{keys}; {_judge_article_claim(keys)}",
    }


def _judge_article_claim(keys: Share) -> str:
    low, high = keys.interval
    said = f"the article's 'above {ARTICLE_KEPT:.0%}'"
    if low > ARTICLE_KEPT:
        return f"{said} holds"
    if high < ARTICLE_KEPT:
        return f"{said} does not hold"
    return f"whether {said} holds, so few can't tell"
