"""A delivery whose handler writes to a database of its own: committed there first, then acknowledged."""

from collections.abc import Awaitable, Callable
from typing import Any

from runtime.bus.deliveries import Delivery
from runtime.definitions.subscription import Subscription
from runtime.errors import ServerError
from runtime.inbox.contract import HandlerEffects, InboxEntry
from runtime.inbox.inboxes import Inboxes
from runtime.vocabulary import InboxState
from runtime.worker.work import Finish, Settlement

#: Acknowledges a delivery with what its handler asked for.
Acknowledge = Callable[[HandlerEffects, InboxState | None], Awaitable[Finish]]


class InboxDelivery:
    """What one delivery has to do with its group's inbox. Without one all of it does nothing.

    What acknowledges is given and not kept: it is the delivery's work, which keeps this. Such a circle of fourteen
    objects a delivery waited for a collection of garbage.

    Args:
        inboxes: of the worker.
        subscription: its group's.
        delivery: the one.
    """

    def __init__(self, inboxes: Inboxes, subscription: Subscription, delivery: Delivery) -> None:
        self._inbox = inboxes.of(subscription.inbox, subscription.group) if subscription.inbox else None
        self._entry = InboxEntry(delivery.channel, subscription.group, delivery.event_id)
        self._writing = self._inbox.new_transaction(self._entry) if self._inbox else None
        self._is_committed: InboxState | None = None

    @property
    def begin(self) -> Callable[[], Awaitable[Any]] | None:
        """Begins the transaction that the handler writes in."""
        return self._writing.connection if self._writing else None

    async def earlier_settlement(self, acknowledge: Acknowledge) -> Settlement | None:
        """Acknowledges what an earlier attempt has written; None where there is no such.

        Args:
            acknowledge: writes down that it is done.

        Raises:
            ServerError: the database does not answer.
        """
        effects = await self._inbox.find_effects(self._entry) if self._inbox else None
        if effects is None:
            return None
        return lambda: acknowledge(effects, InboxState.ALREADY_APPLIED)

    async def settle(
        self, effects: HandlerEffects, acknowledge: Acknowledge, fail: Callable[[ServerError], Settlement]
    ) -> Finish:
        """Commits what the handler has written, and acknowledges it; may be asked again.

        Args:
            effects: what it asked for beside.
            acknowledge: as above.
            fail: how the attempt ends where its writes can't be committed, or nobody knows whether they are. Then the
                next attempt looks first.
        """
        if self._writing is not None and self._writing.is_open:
            try:
                is_first = await self._writing.commit(effects)
            except ServerError as error:
                return await fail(error)()
            self._is_committed = InboxState.APPLIED if is_first else InboxState.ALREADY_APPLIED
        if self._is_committed is InboxState.ALREADY_APPLIED and self._inbox is not None:
            try:
                effects = await self._inbox.find_effects(self._entry) or effects
            except ServerError as error:
                return await fail(error)()
        return await acknowledge(effects, self._is_committed)

    async def roll_back(self) -> None:
        """Drops what was written and not committed."""
        if self._writing is not None:
            await self._writing.roll_back()
