"""A circuit breaker that all workers share: it lives in Redis, so one worker's failures spare the others'."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from runtime.causality.error_info import leaves
from runtime.errors import CauselineError, DefinitionError
from runtime.resilience.retry import Retry, are_errors, holds
from runtime.server.client import Client
from runtime.server.names import FORMAT, checked_name
from runtime.server.scripts import Scripts

#: Share of what is left of a cool-down that waiting work is spread over.
RECOVERY_SPREAD: Final = 0.5


@dataclass(frozen=True, slots=True)
class Breaker:
    """Stops work that keeps failing. Work that declares the same name shares one breaker.

    Attributes:
        name: of the thing that fails, such as `carrier-api`.
        failures: failures in a row that open it.
        cooldown: seconds that it stays open.
        ignores: exceptions that say nothing about the thing's health, such as one for bad input: they neither open the
            breaker nor close it. So do errors of Causeline itself, and those that the work's `Retry` calls not
            retryable.
    """

    name: str
    failures: int = 5
    cooldown: float = 10.0
    ignores: tuple[type[BaseException], ...] = ()

    def __post_init__(self) -> None:
        checked_name("breaker", self.name)
        if not holds(lambda: self.failures >= 1 and 0 < self.cooldown < math.inf):
            raise DefinitionError(f"{self!r} can't be: failures >= 1 and 0 < cooldown < inf must hold")
        if not are_errors(self.ignores):
            raise DefinitionError(
                f"Breaker(ignores={self.ignores!r}) can't be: give a tuple of exception classes, such as (ValueError,)"
            )

    def ignored(self, error: BaseException, retry: Retry) -> bool:
        """Whether an error of the guarded work says nothing about the health of what the breaker guards."""
        ignored: tuple[type[BaseException], ...] = (CauselineError, *self.ignores, *retry.non_retryable)
        return isinstance(error, ignored) or all(isinstance(leaf, ignored) for leaf in leaves(error))


def recovery_delay(wait_ms: int, draw: Callable[[], float] = random.random) -> int:
    """How long work waits for an open breaker, in ms.

    Args:
        wait_ms: what is left of its cool-down.
        draw: a number from 0 up to 1.

    Returns:
        At least `wait_ms`; spread out, so that the work that piled up comes back in a trickle.
    """
    return wait_ms + int(wait_ms * RECOVERY_SPREAD * draw())


class Breakers:
    """The breakers on one server."""

    def __init__(self, client: Client) -> None:
        self._scripts = Scripts(client, "runtime.resilience")

    async def wait_ms(self, breaker: Breaker | None) -> int:
        """How long work that declares it must wait, in ms; 0 when it may go on."""
        if breaker is None:
            return 0
        return int(await self._scripts.call("wait", [key_of(breaker)]))

    async def record(self, breaker: Breaker | None, *, ok: bool) -> None:
        """Notes how an attempt ended that the breaker guards."""
        if breaker is not None:
            cooldown_ms = int(breaker.cooldown * 1000)
            await self._scripts.call_once("record", [key_of(breaker)], int(ok), breaker.failures, cooldown_ms)


def key_of(breaker: Breaker) -> str:
    """The key of the hash that holds a breaker's state."""
    return f"causeline:{FORMAT}:{{breaker.{breaker.name}}}:h"
