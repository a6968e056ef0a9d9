"""What operators do to breakers."""

from typing import TypeVar

from runtime.bus.contract import Bus
from runtime.errors import BreakerNotFoundError
from runtime.facts import Observer
from runtime.resilience.breaker_state import BreakerEffect, BreakerRecord
from runtime.resilience.contract import Breakers
from runtime.resilience.outages import build_outage
from runtime.runs.parked_work import wake_parked_work
from runtime.runs.registry import RunRegistry

Found = TypeVar("Found", BreakerRecord, BreakerEffect)


class BreakerOperations:
    """Finds breakers, opens, holds and closes them. Args: the `breakers`, `runs` and `bus` of a server, and the
    `observer` that is told of outages that end."""

    def __init__(self, breakers: Breakers, runs: RunRegistry, bus: Bus, observer: Observer) -> None:
        self._breakers = breakers
        self._runs = runs
        self._bus = bus
        self._observer = observer

    async def breakers(self) -> list[BreakerRecord]:
        """All breakers that are declared, or were asked, by name; of their changes the newest alone."""
        return await self._breakers.all()

    async def breaker(self, name: str) -> BreakerRecord:
        """A breaker as it stands, with what waits for it and its changes.

        Raises:
            BreakerNotFoundError: there is none.
        """
        return _require_known(name, await self._breakers.get(name))

    async def open_breaker(self, name: str, operator: str, reason: str) -> None:
        """Opens a breaker for its cool-down, as if what it guards had failed.

        Raises:
            BreakerNotFoundError: there is none.
        """
        _require_known(name, await self._breakers.open(name, operator, reason, hold=False))

    async def hold_breaker(self, name: str, operator: str, reason: str) -> None:
        """Keeps a breaker open until somebody closes it; it is not probed.

        Raises:
            BreakerNotFoundError: there is none.
        """
        _require_known(name, await self._breakers.open(name, operator, reason, hold=True))

    async def close_breaker(self, name: str, operator: str, reason: str) -> bool:
        """Closes a breaker; what waits for it comes back in waves, the first at once.

        Returns:
            Whether it was open.

        Raises:
            BreakerNotFoundError: there is none.
        """
        closed = _require_known(name, await self._breakers.close(name, operator, reason))
        await wake_parked_work(closed.waiting, self._bus, self._runs.store)
        over = build_outage(name, closed, operator)
        if over is not None:
            self._observer.emit(over)
        return closed.change == "closed"


def _require_known(name: str, found: Found | None) -> Found:
    if found is None:
        raise BreakerNotFoundError(
            f"no breaker {name!r} is known on this server: `causeline breakers list` names those that are"
        )
    return found
