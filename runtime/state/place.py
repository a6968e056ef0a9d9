"""Where runs and schedules of all apps are kept: on the server of the bus, or in a database of PostgreSQL."""

from typing import Protocol

from runtime.bus.redis_base import Limits
from runtime.state.contract import StateStore
from runtime.state.schedules import Schedules


class StatePlace(Protocol):
    """For one event loop. Every method raises `ServerError` when a server does not answer, or refuses."""

    async def check(self) -> None:
        """Asks whether it is there and fit, and sets it up where that is to be done."""
        ...

    def store(self, app: str, limits: Limits) -> StateStore:
        """Where an app's runs are kept; `limits` is what it holds at most."""
        ...

    def schedules(self, app: str) -> Schedules:
        """Where an app's schedules are kept."""
        ...

    async def probe(self) -> None:
        """Asks for a write that changes nothing. Reads are no proof: a server that has become a replica, say, answers
        them and will take writes again later."""
        ...

    @property
    def connection(self) -> int:
        """A number that stays the same for as long as no connection is lost on which a write may have been."""
        ...

    async def close(self) -> None:
        """Lets go of what only this place has."""
        ...
