"""What a call costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from runtime.bounds import is_satisfied
from runtime.errors import DefinitionError

#: Money is counted in whole millionths of a dollar: sums of floats drift.
MICROS: Final = 1_000_000
#: What can be counted, of one call or by one budget.
MOST_TOKENS: Final = 10**15
MOST_USD: Final = 10**9


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in US dollars: those that go in, and those that come out."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call has cost, or may cost at most.

    Attributes:
        tokens: all of them; by default those in and out together.
        usd: US dollars; by default what the model's tokens cost by the budget's prices.
        model: whose tokens they are, where a price is to be looked up.
        input_tokens, output_tokens: likewise.

    Raises:
        DefinitionError: one of them is negative, no number, or more than can be counted; or tokens are not whole.
    """

    tokens: int = 0
    usd: float = 0.0
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0

    def __post_init__(self) -> None:
        tokens = (self.tokens, self.input_tokens, self.output_tokens)
        if not is_satisfied(lambda: all(math.isfinite(one) and one >= 0 for one in (*tokens, self.usd))):
            raise DefinitionError(f"{self!r} can't be: what a call costs is a number from 0 on")
        given: tuple[object, ...] = tokens
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
            raise DefinitionError(f"{self!r} can't be: tokens are counted in whole numbers")
        if max(tokens) > MOST_TOKENS or self.usd > MOST_USD:
            raise DefinitionError(
                f"{self!r} can't be: a call costs {MOST_TOKENS:,} tokens and {MOST_USD:,} US dollars at most"
            )

    @classmethod
    def checked(cls, what: str, given: object) -> Self:
        """A usage, if it is one.

        Args:
            what: it is, for messages.
            given: by whoever knows what a call costs.

        Raises:
            DefinitionError: it is none.
        """
        if isinstance(given, cls):
            return given
        raise DefinitionError(f"{what} can't be {given!r}: give a Usage, such as Usage(tokens=812)")

    @property
    def all_tokens(self) -> int:
        return self.tokens or self.input_tokens + self.output_tokens

    def micros(self, prices: Mapping[str, Price] | None) -> int:
        """Millionths of a US dollar.

        Args:
            prices: by model; None where nobody counts money.

        Raises:
            DefinitionError: the model has no price.
        """
        if self.usd or not self.model or prices is None:
            return round(self.usd * MICROS)
        price = prices.get(self.model)
        if price is None:
            known = ", ".join(sorted(prices)) or "none"
            raise DefinitionError(
                f"model {self.model!r} has no price in its budget, which counts money: give Budget(prices={{...}}) "
                f"one, or say usd= yourself; it has prices for: {known}"
            )
        return round(self.input_tokens * price.input + self.output_tokens * price.output)
