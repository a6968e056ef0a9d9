"""Prices of one model, and what tokens cost at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Prices are for so many tokens.
PER: Final = 1_000_000

#: What a response says of its tier of service where it has no price of its own.
_STANDARD: Final = frozenset({"", "default", "standard", "auto"})


@dataclass(frozen=True, slots=True)
class Rate:
    """USD for a million tokens. What is None costs as much as input; 0 is a price.

    Attributes:
        cache_write_long: for what is written into a cache for an hour. Nobody sends how much that was, so that where
            there is one a cost may be too low.
    """

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_long: float | None = None

    @property
    def cache_read_rate(self) -> float:
        """For what is read from a cache."""
        return self.input if self.cache_read is None else self.cache_read

    @property
    def cache_write_rate(self) -> float:
        """For what is written into a cache."""
        return self.input if self.cache_write is None else self.cache_write

    def multiply(self, factor: float) -> "Rate":
        """Returns all of it times a factor."""
        parts = (self.input, self.output, self.cache_read, self.cache_write, self.cache_write_long)
        return Rate(*(None if part is None else part * factor for part in parts))  # type: ignore[arg-type]  # two are never None


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of one model from one day on.

    Attributes:
        model: as the list names it.
        since_ns: when they begin, in nanoseconds since 1970; 0 for always.
        rate: for prompts of any length, or of those below the first tier.
        tiers: by the length of the whole prompt, in tokens, above which they hold for the whole request; ascending.
        services: by the tier of service that the response names, in place of all else: prices, or a factor.
        providers: of whom alone; empty for all.
    """

    model: str
    rate: Rate
    since_ns: int = 0
    tiers: tuple[tuple[int, Rate], ...] = ()
    services: Mapping[str, Rate | float] = field(default_factory=dict)
    providers: tuple[str, ...] = ()

    def find_rates(self, service_tier: str | None) -> tuple[tuple[int, Rate], ...]:
        """Returns the rates of a tier of service, each with the length of prompt above which it holds; empty where the
        tier has none."""
        tier = (service_tier or "").strip().lower()
        usual = ((-1, self.rate), *self.tiers)
        said = 1.0 if tier in _STANDARD and tier not in self.services else self.services.get(tier)
        if said is None:
            return ()
        return ((-1, said),) if isinstance(said, Rate) else tuple((above, rate.multiply(said)) for above, rate in usual)


def compute_usd(rate: Rate, prompt: int, output: int, cache_read: int, cache_write: int) -> float:
    """Returns what tokens cost.

    Args:
        rate: USD for a million.
        prompt: all of the prompt, with what was read from a cache and written to one.
        output: all of the answer, with the reasoning.
        cache_read, cache_write: parts of the prompt.
    """
    fresh = max(prompt - cache_read - cache_write, 0)
    parts = (
        fresh * rate.input
        + cache_read * rate.cache_read_rate
        + cache_write * rate.cache_write_rate
        + output * rate.output
    )
    return parts / PER
