"""What breakers promise to the engine, whatever keeps them.

- A breaker is shared by all that name it. It opens by failures in a row, or by their share of a rolling window; after
  its cool-down one asker, whoever asks first, is given a permit to probe, and nobody else until that decides.
- The permit is leased: when its holder is gone it expires, and exactly one new probe follows.
- Results count while the breaker is as it was when their work began. Those of work that began before it opened or
  closed last, and of a probe whose permit has expired, count for nothing. Neutral results give a permit back and decide
  nothing.
- Work that may not begin is noted as deferred, with how often and since when, and is told when to ask again: after the
  cool-down, or the probe's lease, spread. After an outage work comes back in waves.

Every method raises `ServerUnavailableError` when the server can't answer now: nothing guarded begins meanwhile, as
nothing could be committed either; what a breaker knows stays on the server.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.bus.records import AuditRecord
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import BreakerEffect, BreakerRecord, Glance, Health, Permit


class Breakers(Protocol):
    """All breakers on a server."""

    async def declare(self, app: str, guards: Mapping[Breaker, Sequence[str]]) -> None:
        """Notes what an app guards with its breakers, in words: operators know of them before they are asked."""
        ...

    async def request_permit(self, breaker: Breaker, work: Parked, lease_ms: int) -> Permit | int:
        """Whether guarded work may begin; else in how many ms it should ask again.

        Args:
            breaker: that guards it.
            work: as operators see it; known by its node.
            lease_ms: of a permit to probe, if it is given one.
        """
        ...

    async def is_called(self, breaker: Breaker, node: UUID) -> bool:
        """Whether work that was refused was told to ask again since, or is known no more."""
        ...

    async def renew(self, breaker: Breaker, permit: Permit, lease_ms: int) -> bool:
        """Keeps a permit to probe; false when it has expired."""
        ...

    async def record(self, breaker: Breaker, permit: Permit, health: Health, why: str = "") -> BreakerEffect:
        """Notes how guarded work ended; `why` it failed, in words."""
        ...

    async def glance(self, breaker: Breaker) -> Glance:
        """How much it would let begin now. Asking changes nothing."""
        ...

    async def all(self) -> list[BreakerRecord]:
        """All breakers that anybody has declared or asked, by name, without their changes."""
        ...

    async def get(self, name: str) -> BreakerRecord | None:
        """A breaker as it stands, with its changes."""
        ...

    async def open(self, name: str, operator: str, reason: str, *, hold: bool) -> BreakerEffect | None:
        """Opens it for its cool-down, or until somebody closes it (`hold`). None when nobody knows it."""
        ...

    async def close(self, name: str, operator: str, reason: str) -> BreakerEffect | None:
        """Closes it. None when nobody knows it."""
        ...

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        """What operators did until a time (None: until now), newest first, each under a key of its own."""
        ...
