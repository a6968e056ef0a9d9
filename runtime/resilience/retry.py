"""When to try again, and after how long. Pure: whoever asks brings the randomness, and waiting is durable elsewhere."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from runtime.bounds import is_count, is_satisfied
from runtime.causality.error_info import leaves
from runtime.errors import DefinitionError, NonRetryableError, UndecodableError, UnencodableError

#: Errors that another attempt can't help: it says so itself, or what it is given or returns can't be read or written.
_HOPELESS: Final = (NonRetryableError, UndecodableError, UnencodableError)


#: Pauses that are added up one by one; later ones count as the last does.
_GROWING: Final = 100


@dataclass(frozen=True, slots=True)
class Retry:
    """How often work is tried, and how long it rests between two attempts.

    Delays grow exponentially under full jitter: a random share of the step's ceiling, because attempts that failed
    together would otherwise come back together (Brooker, "Exponential Backoff And Jitter", 2015).

    Attributes:
        attempts: attempts at most, the first one included.
        first_delay: ceiling of the first delay, in seconds.
        max_delay: ceiling of every delay, in seconds.
        factor: what the ceiling grows by from one attempt to the next.
        max_elapsed: seconds after the first attempt began from which on nothing is tried again; None for no limit.
        non_retryable: exceptions that trying again can't help, beside `NonRetryableError` and a payload that does
            not fit.
    """

    attempts: int = 3
    first_delay: float = 0.2
    max_delay: float = 30.0
    factor: float = 2.0
    max_elapsed: float | None = None
    non_retryable: tuple[type[BaseException], ...] = ()

    def __post_init__(self) -> None:
        if not is_count(self.attempts):
            raise DefinitionError(
                f"Retry(attempts={self.attempts!r}) can't be: give a whole number; work is attempted at least once"
            )
        if not is_satisfied(lambda: self.max_elapsed is None or self.max_elapsed >= 0):
            raise DefinitionError(f"{self!r} can't be: max_elapsed >= 0 must hold")
        if not is_satisfied(lambda: 0 <= self.first_delay <= self.max_delay < math.inf and 1 <= self.factor < math.inf):
            raise DefinitionError(
                f"{self!r} can't be: 0 <= first_delay <= max_delay < inf and 1 <= factor < inf must hold"
            )
        if not are_errors(self.non_retryable):
            raise DefinitionError(
                f"Retry(non_retryable={self.non_retryable!r}) can't be: give a tuple of exception classes, "
                "such as (ValueError,)"
            )

    def is_final(self, error: BaseException) -> bool:
        """Whether trying again can't help after this error, or after one of those in it if it is a group."""
        return any(isinstance(leaf, (*_HOPELESS, *self.non_retryable)) for leaf in leaves(error)) or isinstance(
            error, self.non_retryable
        )

    def delay(
        self, failed: int, elapsed: float, share: Callable[[float, float], float] = random.uniform
    ) -> float | None:
        """How long to rest before the next attempt.

        Args:
            failed: attempts that have failed so far, at least 1.
            elapsed: seconds since the first attempt began.
            share: draws a number between two others.

        Returns:
            Seconds, or None when there is to be no other attempt.
        """
        if failed >= self.attempts or (self.max_elapsed is not None and elapsed >= self.max_elapsed):
            return None
        return share(0.0, self._ceiling(failed))

    @property
    def longest(self) -> float:
        """Seconds that work rests between all of its attempts at most."""
        pauses = self.attempts - 1
        growing = min(pauses, _GROWING)
        whole = sum(self._ceiling(failed) for failed in range(1, growing + 1))
        whole += (pauses - growing) * self._ceiling(pauses)
        return whole if self.max_elapsed is None else min(whole, self.max_elapsed + self.max_delay)

    def delay_after(self, error: BaseException, failed: int, elapsed: float, *, is_spared: bool) -> float | None:
        """How long to rest after an error, as `delay`; None where trying again can't help, too. A spared attempt counts
        for none: only what has elapsed ends it."""
        if self.is_final(error):
            return None
        return self.delay(min(failed, self.attempts - 1) if is_spared else failed, elapsed)

    def _ceiling(self, failed: int) -> float:
        try:
            return min(self.max_delay, self.first_delay * float(self.factor) ** (failed - 1))
        except OverflowError:  # far past any cap
            return self.max_delay if self.first_delay else 0.0


def are_errors(kinds: object) -> bool:
    """Whether it is a tuple of exception classes."""
    return isinstance(kinds, tuple) and all(
        isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds
    )
