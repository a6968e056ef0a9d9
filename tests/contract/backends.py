"""What a backend brings to be tested: the thing itself, and a way to see all that it keeps."""

from dataclasses import dataclass
from typing import Any, Final, Self

from runtime.bus.contract import Bus
from runtime.bus.deliveries import BeginAnswer, Delivery, GroupRegistration
from runtime.bus.keys import ChannelKeys
from runtime.bus.ledger import read_ledger
from runtime.bus.records import DeadLetter, GroupLedger
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.server import client as server
from runtime.server.client import Client
from runtime.state.redis import RedisState
from runtime.state.redis_presence import RedisPresence
from runtime.state.redis_schedules import RedisSchedules
from tests.contract.kept import dump, tick
from tests.contract.made import CHANNEL, TRACE
from tests.contract.state_backends import APP, LEASE_MS, RedisBackend, StateBackend

__all__ = ["APP", "LEASE_MS", "SMALL", "BusBackend", "Clients", "StateBackend"]

SMALL: Final = Limits(stream=3, unclaimed=2, outbox=2, run_stream=1000)
"""What the small backends hold at most."""


@dataclass(repr=False)
class BusBackend:
    """A bus under test.

    `small` is the same bus with little room; `dump` answers with everything that is stored, so that two dumps are equal
    when nothing has changed.
    """

    bus: RedisBus
    small: RedisBus
    letters: DeadLetters
    client: Client

    @property
    def contract(self) -> Bus:
        """The bus as its users know it."""
        return self.bus

    @property
    def keys(self) -> ChannelKeys:
        """The keys of the channel that most tests use."""
        return ChannelKeys(CHANNEL)

    async def dump(self) -> dict[bytes, Any]:
        return await dump(self.client)

    async def subscribe(self, group: str, channel: str = CHANNEL, **more: Any) -> GroupRegistration:
        """Registers a group that the app serves."""
        return await self.bus.subscribe(channel, group, **({"schema": "{}", "app": APP} | more))

    async def take(self, group: str, consumer: str = "w1", limit: int = 10, channel: str = CHANNEL) -> list[Delivery]:
        """Reads without waiting for long."""
        return await self.bus.read(channel, group, consumer, limit, 20)

    async def one(self, group: str, consumer: str = "w1", channel: str = CHANNEL) -> Delivery:
        """The only delivery that waits."""
        (delivery,) = await self.take(group, consumer, channel=channel)
        return delivery

    async def again(self, group: str, consumer: str = "w1") -> Delivery:
        """The only delivery that waits once what is due has been handed to the group."""
        await self.bus.promote(CHANNEL, group)
        return await self.one(group, consumer)

    async def begin(
        self,
        delivery: Delivery,
        consumer: str = "w1",
        trace_id: int = 7,
        *,
        isolated: bool = False,
        kills: int = 3,
        vanishings: int = 5,
    ) -> BeginAnswer:
        """Begins an attempt with the limits that the runtime has."""
        return await self.bus.begin(delivery, consumer, trace_id, isolated=isolated, kills=kills, vanishings=vanishings)

    async def suspect(self, group: str) -> Delivery:
        """The only delivery that waits for a cell."""
        (suspect,) = await self.bus.suspects(CHANNEL, group, 10)
        return suspect.delivery

    async def tick(self) -> None:
        """Returns in the server's next millisecond: within one, nothing can be said about order."""
        await tick(self.client)

    async def ledger(self, group: str, channel: str = CHANNEL) -> GroupLedger:
        """What a group owes and did."""
        ledgers = await read_ledger(self.client, LEASE_MS)
        return next(
            one for ledger in ledgers if ledger.channel == channel for one in ledger.groups if one.group == group
        )

    async def counts(self, group: str, channel: str = CHANNEL) -> dict[str, int]:
        """The counters of a group that are not zero."""
        one = await self.ledger(group, channel)
        names = ("owed", "done", "pending", "retrying", "dead", "discarded", "expired")
        return {name: value for name in names if (value := getattr(one, name))}

    async def dead(self, state: str = "dead") -> list[DeadLetter]:
        """All letters in a state, newest first."""
        return list((await self.letters.page(LetterFilter(state), 100, None)).items)

    async def replay(self, letter: DeadLetter, operator: str = "ann") -> str:
        """Replays a letter; its status."""
        return (await self.letters.replay(letter, operator, TRACE)).status


class Clients:
    """The clients that the runtime has of a server, and what can be made on them."""

    def __init__(self, url: str) -> None:
        self.clients = server.Clients.of(url)
        self.client = self.clients.commands
        self.reader = self.clients.reads

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.clients.close()

    def bus(self) -> BusBackend:
        """A bus on these clients."""
        return BusBackend(
            RedisBus(self.clients, Limits()), RedisBus(self.clients, SMALL), DeadLetters(self.client), self.client
        )

    def store(self) -> StateBackend:
        """A state store on these clients."""
        made = [RedisState(self.clients, APP, limits) for limits in (Limits(), SMALL)]
        return RedisBackend(*made, self.client, RedisSchedules(self.clients, APP))

    def presence(self) -> RedisPresence:
        """What a worker of the app knows of the others."""
        return RedisPresence(self.clients, APP)
