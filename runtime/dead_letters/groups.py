"""Groups as an operator sees them: which there are, and how one is retired that no code serves any more."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runtime.bus.keys import ChannelKeys
from runtime.bus.ledger import read_ledger
from runtime.bus.records import GroupLedger
from runtime.errors import GroupInUseError, GroupNotFoundError
from runtime.server.client import Client
from runtime.server.scripts import Scripts


@dataclass(frozen=True, slots=True)
class GroupRetirement:
    """What a retired group owed and owes no more: events that were due or waiting for another attempt, and dead letters
    that it leaves behind for readers."""

    channel: str
    group: str
    pending: int
    retrying: int
    dead: int


class Groups:
    """The groups of all channels on one server.

    Args:
        client: for commands.
        live_ms: a consumer whose last heartbeat is older than this many milliseconds is not live.
    """

    def __init__(self, client: Client, live_ms: int) -> None:
        self._client = client
        self._live_ms = live_ms
        self._scripts = Scripts(client, "runtime.bus")

    async def find(self, channel: str, group: str) -> GroupLedger:
        """What a group owes and did.

        Raises:
            GroupNotFoundError: the channel has no such group; names those that it has.
        """
        ledgers = [one for one in await read_ledger(self._client, self._live_ms) if one.channel == channel]
        if not ledgers:
            raise GroupNotFoundError(f"there is no channel {channel}: `causeline groups list` shows what there is")
        groups = {one.group: one for ledger in ledgers for one in ledger.groups}
        if group not in groups:
            raise GroupNotFoundError(f"channel {channel} has no group {group!r}; it has: {', '.join(groups) or 'none'}")
        return groups[group]

    async def retire(self, channel: str, group: str, operator: str, reason: str) -> GroupRetirement:
        """Removes a group with all that it owes; its dead letters stay readable.

        Args:
            channel, group: which.
            operator: who says so, for the audit.
            reason: why, for the audit.

        Raises:
            GroupInUseError: live workers serve it.
            GroupNotFoundError: there is none.
        """
        found = await self.find(channel, group)
        if found.consumers:
            workers = "1 live worker" if found.consumers == 1 else f"{found.consumers} live workers"
            raise GroupInUseError(
                f"group {group} of channel {channel} is served by {workers} of app {found.app}: "
                "remove its handler and stop them first"
            )
        keys = ChannelKeys(channel)
        answer: Any = await self._scripts.call_once(
            "retire",
            [
                keys.stream,
                keys.counters,
                keys.groups,
                keys.apps,
                keys.audit(group),
                keys.retired,
            ],
            group,
            operator,
            reason,
        )
        if not answer[0]:
            raise GroupNotFoundError(f"channel {channel} has no group {group!r} any more: somebody retired it")
        await self._drop_deliveries(keys, group)
        return GroupRetirement(channel, group, *answer[1:])

    async def _drop_deliveries(self, keys: ChannelKeys, group: str) -> None:
        """Removes the records of deliveries that nobody will ever make. A letter whose replay is among them waits for
        nothing any more."""
        pattern = keys.delivery(group, UUID(int=0)).removesuffix(str(UUID(int=0))) + "*"
        escaped = pattern.replace("[", "\\[").replace("{", "\\{")
        async for key in self._client.scan_iter(match=escaped, count=1000):
            origin: Any = await self._client.hget(key, "origin")
            if origin:
                await self._client.hset(keys.letter(group, UUID(origin.decode())), "outcome", "")
            await self._client.delete(key)
