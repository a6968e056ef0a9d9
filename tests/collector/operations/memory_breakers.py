"""The breakers of a bus in memory."""

from dataclasses import replace

from runtime.admin import BreakerChange, BreakerNotFoundError, BreakerRecord
from tests.collector.story import MS, ORIGIN_NS

BEGAN_MS = ORIGIN_NS // MS


class MemoryBreakers:
    """Breakers that a test has put in, and what operators did to them."""

    def __init__(self) -> None:
        self.known: dict[str, BreakerRecord] = {}
        self.acts: list[tuple[str, str, str, str]] = []

    async def ping(self) -> None:
        """Answers unless it is away."""

    def guard(self, name: str, **facts: object) -> BreakerRecord:
        """Adds a breaker, closed where nothing else is said."""
        known = {
            "state": "closed",
            "since_ms": None,
            "why": "",
            "by": "",
            "failures": 0,
            "probes": 0,
            "probe_ms": None,
            "prober": "",
        }
        record = BreakerRecord(name, **(known | facts))  # type: ignore[arg-type] # as a test says them
        self.known[name] = record
        return record

    async def breakers(self) -> list[BreakerRecord]:
        """What was put in."""
        await self.ping()
        return [self.known[name] for name in sorted(self.known)]

    async def breaker(self, name: str) -> BreakerRecord:
        """What was put in."""
        await self.ping()
        if name not in self.known:
            raise BreakerNotFoundError(f"no breaker {name!r} is known on this server")
        return self.known[name]

    async def open_breaker(self, name: str, operator: str, reason: str) -> None:
        """Opens it."""
        await self._change(name, "open", operator, reason)

    async def hold_breaker(self, name: str, operator: str, reason: str) -> None:
        """Holds it."""
        await self._change(name, "held", operator, reason)

    async def close_breaker(self, name: str, operator: str, reason: str) -> bool:
        """Closes it."""
        was = await self.breaker(name)
        await self._change(name, "closed", operator, reason)
        return was.state != "closed"

    async def _change(self, name: str, state: str, operator: str, reason: str) -> None:
        was = await self.breaker(name)
        change = BreakerChange(BEGAN_MS + 5, state, reason, operator)  # type: ignore[arg-type] # one of its own
        since = None if state == "closed" else BEGAN_MS + 5
        changes = (change, *was.changes)
        self.known[name] = replace(was, state=state, since_ms=since, why=reason, by=operator, changes=changes)  # type: ignore[arg-type] # one of its own
        self.acts.append((name, state, operator, reason))
