"""What an inbox promises to whoever runs a handler.

A handler's own writes, and a row that says whose they are, are one transaction. So whoever finds the row knows that the
handler has done its work with the event, and what it asked for beside: it acknowledges that, and runs nothing.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from runtime.bus.deliveries import OutgoingEvent
from runtime.frozen import frozen

if TYPE_CHECKING:  # only who has an inbox has its driver
    from psycopg import AsyncConnection


@frozen()
class InboxEntry:
    """What a row is about: an event, and the group that it was delivered to. A replay is of the same event."""

    channel: str
    group: str
    event: UUID


@frozen()
class HandlerEffects:
    """What a handler asked for beside its own writes: events, and keys (to JSON) of its group's state and of the app's
    shared state."""

    events: tuple[OutgoingEvent, ...]
    writes: Mapping[str, str]
    shared: Mapping[str, str]


class InboxTransaction(Protocol):
    """The transaction of one attempt. Nothing is connected before it is asked for."""

    @property
    def is_open(self) -> bool:
        """Whether the handler has asked for it, and it goes on."""
        ...

    async def connection(self) -> "AsyncConnection[Any]":
        """A connection in a transaction; the same each time.

        Raises:
            ServerError: the database does not answer, or does not let it in.
        """
        ...

    async def commit(self, effects: HandlerEffects) -> bool:
        """Commits what the handler has written, with the row and what it asked for beside. False where there is a row
        already: another attempt was done first, and nothing is written.

        Raises:
            ServerUnavailableError: nobody knows whether it was committed. The row tells, once it can be asked.
            ServerError: it was not.
        """
        ...

    async def roll_back(self) -> None:
        """Drops what was written, if the transaction still goes on. Whoever has kept the connection loses it."""
        ...


class Inbox(Protocol):
    """The rows in one database."""

    def new_transaction(self, entry: InboxEntry) -> InboxTransaction:
        """A transaction for an attempt."""
        ...

    async def find_effects(self, entry: InboxEntry) -> HandlerEffects | None:
        """What was asked for beside writes that are committed; None where there is no row.

        Raises:
            ServerError: the database does not answer.
        """
        ...

    async def close(self) -> None:
        """Closes its connections."""
        ...
