"""What an author says of a circuit breaker: when it opens, for how long, and what it does not count."""

import math
from dataclasses import dataclass

from runtime.bounds import is_count, is_satisfied
from runtime.causality.error_info import leaves
from runtime.errors import CauselineError, DefinitionError
from runtime.resilience.retry import Retry, are_errors
from runtime.server.names import checked_name


@dataclass(frozen=True, slots=True)
class Breaker:
    """Stops work that keeps failing. Work that declares the same name shares one breaker, in whatever process and app.

    Attributes:
        name: of the thing that fails, such as `carrier-api`.
        failures: failures in a row that open it.
        cooldown: seconds that it stays open; then one attempt is let through as a probe, which closes it or opens it
            again.
        ignores: exceptions that say nothing about the thing's health, such as one for bad input: they neither open the
            breaker nor close it. So do errors of Causeline itself, and those that the work's `Retry` calls not
            retryable.
        rate: share of all calls of the last `window` seconds that opens it when they fail, from 0 to 1, as soon as
            there were `calls_at_least`; None for never.
        slow: seconds from which on a call that went well counts as failed; None for never.
        probe_timeout: seconds that a probe may take, where that is less than the work's own timeout; None for that
            alone.
    """

    name: str
    failures: int = 5
    cooldown: float = 10.0
    ignores: tuple[type[BaseException], ...] = ()
    rate: float | None = None
    window: float = 60.0
    calls_at_least: int = 20
    slow: float | None = None
    probe_timeout: float | None = None

    def __post_init__(self) -> None:
        checked_name("breaker", self.name)
        if not (is_count(self.failures) and is_count(self.calls_at_least)):
            raise DefinitionError(f"{self!r} can't be: failures and calls_at_least must be whole numbers from 1 on")
        if not is_satisfied(lambda: 0 < self.cooldown < math.inf):
            raise DefinitionError(f"{self!r} can't be: 0 < cooldown < inf must hold")
        if not is_satisfied(lambda: self.rate is None or 0 < self.rate <= 1):
            raise DefinitionError(f"{self!r} can't be: 0 < rate <= 1 must hold")
        if not is_satisfied(lambda: 0.1 <= self.window < math.inf):
            raise DefinitionError(f"{self!r} can't be: 0.1 <= window < inf must hold")
        if not (_is_time(self.slow) and _is_time(self.probe_timeout)):
            raise DefinitionError(f"{self!r} can't be: 0 < slow < inf and 0 < probe_timeout < inf must hold")
        if not are_errors(self.ignores):
            raise DefinitionError(
                f"Breaker(ignores={self.ignores!r}) can't be: give a tuple of exception classes, such as (ValueError,)"
            )

    def is_ignored(self, error: BaseException, retry: Retry) -> bool:
        """Whether an error of the guarded work says nothing about the health of what the breaker guards."""
        ignored: tuple[type[BaseException], ...] = (CauselineError, *self.ignores, *retry.non_retryable)
        return isinstance(error, ignored) or all(isinstance(leaf, ignored) for leaf in leaves(error))

    def is_slow(self, took: float) -> bool:
        """Whether a call that took so many seconds counts as failed."""
        return self.slow is not None and took >= self.slow


def _is_time(seconds: float | None) -> bool:
    return is_satisfied(lambda: seconds is None or 0 < seconds < math.inf)
