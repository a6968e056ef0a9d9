"""What one process has told telemetry and not yet confirmed: ends of runs, and what became of dead letters."""

from typing import Final, Protocol

#: Age in ms from which on something that nobody confirmed is told again: whoever saw it is dead, or very slow.
ORPHAN_MS: Final = 10_000
#: Seconds that handing it over may take at most.
HANDOVER: Final = 5.0
#: Orphans told in one go.
BATCH: Final = 100


class News(Protocol):
    """Told at once, confirmed once it is sent or safe on disk. Telling twice makes the same span."""

    async def confirm(self) -> int:
        """Confirms what has been handed over; how much."""
        ...

    async def adopt(self) -> int:
        """Tells what others saw and did not live to confirm; how much."""
        ...
