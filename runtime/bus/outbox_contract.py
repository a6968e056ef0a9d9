"""What an outbox promises, wherever it is kept: of a channel on the bus, or of an app beside its runs."""

from typing import Protocol

from runtime.bus.deliveries import OutboxEntry


class Outbox(Protocol):
    """Events that were committed together with the work that published them, until a relay has carried them."""

    name: str

    async def contains(self, entry: str) -> bool:
        """Whether nobody has removed the entry yet."""
        ...

    async def read_older(self, than_ms: int, after: str, limit: int) -> tuple[list[OutboxEntry], str]:
        """Entries that have waited for longer than `than_ms` milliseconds, in order, at most `limit`.

        Args:
            than_ms: their least age.
            after: where the page before ended; empty for the first.
            limit: entries at most; what is no event is removed and left out.

        Returns:
            The entries, and where this page ends; empty at the end of the outbox.
        """
        ...

    async def remove(self, entry: str) -> None:
        """Removes an entry whose event is in its channel."""
        ...
