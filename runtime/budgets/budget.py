"""What all that one cause sets off may cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from runtime.bounds import is_satisfied
from runtime.budgets.usage import MOST_TOKENS, MOST_USD, Price
from runtime.errors import DefinitionError

#: The least and the most that each may be: money is counted in millionths of a dollar, times in milliseconds, and all
#: of it has to stay a whole number of the server's, also when it is raised a few times.
_BOUNDS: Final = {
    "usd": (1e-6, MOST_USD),
    "tokens": (1, MOST_TOKENS),
    "hops": (1, MOST_TOKENS),
    "minutes": (1 / 60_000, 60 * 24 * 3660),
}


@dataclass(frozen=True, slots=True)
class Budget:
    """Holds over a run, or an event from outside, and everything that it causes: runs that its steps start, events that
    they publish, the handlers of these, and what those set off, across processes and traces. When it is spent, what is
    not begun is parked until somebody raises it, or cancels.

    Attributes:
        usd: US dollars that calls may cost.
        tokens: tokens that they may take.
        hops: steps and deliveries that may begin, each counted once however often it is tried.
        minutes: how long after its beginning anything may begin.
        prices: what a million tokens cost, by model, for usages that name a model and no sum.
        models: models that will be asked: each needs a price where money is counted.

    Raises:
        DefinitionError: nothing is limited, a limit is no number above 0 or out of bounds, or a model has no price.
    """

    usd: float | None = None
    tokens: int | None = None
    hops: int | None = None
    minutes: float | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    models: Sequence[str] = ()

    @property
    def given(self) -> dict[str, float]:
        """The limits that it has, by name."""
        limits = {"usd": self.usd, "tokens": self.tokens, "hops": self.hops, "minutes": self.minutes}
        return {name: limit for name, limit in limits.items() if limit is not None}

    def __post_init__(self) -> None:
        if not self.given:
            raise DefinitionError("Budget() limits nothing: give usd=, tokens=, hops= or minutes=")
        for name, limit in self.given.items():
            is_whole = name in ("tokens", "hops")
            is_number = not isinstance(limit, bool) and is_satisfied(partial(_is_positive, limit))
            if not is_number or (is_whole and not isinstance(limit, int)):
                whole = " whole" if is_whole else ""
                raise DefinitionError(f"Budget({name}={limit!r}) can't be: give a{whole} number above 0")
            least, most = _BOUNDS[name]
            if not least <= limit <= most:
                raise DefinitionError(f"Budget({name}={limit!r}) can't be: give {least:g} to {most:,.0f}")
        unpriced = sorted(set(self.models) - set(self.prices))
        if self.usd is not None and unpriced:
            raise DefinitionError(
                f"Budget(usd={self.usd}) has no price for {', '.join(unpriced)}: give prices={{name: Price(in, out)}}"
            )


def _is_positive(limit: float) -> bool:
    return math.isfinite(limit) and limit > 0
