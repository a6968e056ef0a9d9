"""What a backend brings to be tested: the thing itself, and a way to see all that it keeps."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from runtime.bus.contract import Bus, Delivery
from runtime.bus.ledger import read_ledger
from runtime.bus.records import DeadLetter, GroupLedger
from runtime.bus.redis import RedisBus
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.state.contract import StateStore
from runtime.state.redis import RedisState
from tests.contract.made import CHANNEL, TRACE

LEASE_MS = 30_000


@dataclass
class BusBackend:
    """A bus under test.

    `small` is the same bus with room for `SMALL_CAP` events; `dump` answers with everything that is stored, so that
    two dumps are equal when nothing has changed.
    """

    SMALL_CAP = 3

    bus: RedisBus
    small: RedisBus
    letters: DeadLetters
    client: Redis

    @property
    def contract(self) -> Bus:
        """The bus as its users know it."""
        return self.bus

    async def dump(self) -> dict[bytes, Any]:
        return await dump(self.client)

    async def take(self, group: str, consumer: str = "w1", limit: int = 10, channel: str = CHANNEL) -> list[Delivery]:
        """Reads without waiting for long."""
        return await self.bus.read(channel, group, consumer, limit, 20)

    async def one(self, group: str, consumer: str = "w1", channel: str = CHANNEL) -> Delivery:
        """The only delivery that waits."""
        (delivery,) = await self.take(group, consumer, channel=channel)
        return delivery

    async def ledger(self, group: str, channel: str = CHANNEL) -> GroupLedger:
        """What a group owes and did."""
        ledgers = await read_ledger(self.client, LEASE_MS)
        return next(
            one for ledger in ledgers if ledger.channel == channel for one in ledger.groups if one.group == group
        )

    async def counts(self, group: str, channel: str = CHANNEL) -> dict[str, int]:
        """The counters of a group that are not zero."""
        one = await self.ledger(group, channel)
        names = ("owed", "done", "pending", "retrying", "dead", "discarded")
        return {name: value for name in names if (value := getattr(one, name))}

    async def dead(self, state: str = "dead") -> list[DeadLetter]:
        """All letters in a state, newest first."""
        return list((await self.letters.page(LetterFilter(state), 100, None)).items)

    async def replay(self, letter: DeadLetter, operator: str = "ann") -> str:
        """Replays a letter; its status."""
        return (await self.letters.replay(letter, operator, TRACE)).status


@dataclass
class StateBackend:
    """A state store under test."""

    store: RedisState
    client: Redis

    @property
    def contract(self) -> StateStore:
        """The store as its users know it."""
        return self.store

    async def dump(self) -> dict[bytes, Any]:
        return await dump(self.client)


class Clients:
    """A client for commands and one for blocking reads, as `runtime.server.connection` makes them."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(url, protocol=2)
        self.reader: Redis = Redis.from_url(url, protocol=2, socket_timeout=5.0, retry=Retry(NoBackoff(), 0))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.reader.aclose()

    def bus(self) -> BusBackend:
        """A bus on these clients."""
        return BusBackend(
            RedisBus(self.client, self.reader, 1_000_000),
            RedisBus(self.client, self.reader, BusBackend.SMALL_CAP),
            DeadLetters(self.client),
            self.client,
        )

    def store(self) -> StateBackend:
        """A state store on these clients."""
        return StateBackend(RedisState(self.client, self.reader, "logistics"), self.client)


async def dump(client: Redis) -> dict[bytes, Any]:
    """Every key and its value, pending lists of groups included; left out are times that pass by themselves, and the
    answers that are kept for clients which lost them."""
    readers: dict[bytes, Callable[[bytes], Awaitable[Any]]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"list": lambda key: client.lrange(key, 0, -1),
        b"stream": lambda key: _stream(client, key),
    }
    keys: Any = await client.keys("*")
    kept = sorted(key for key in keys if b":once:" not in key)
    return {key: await readers[await client.type(key)](key) for key in kept}


async def _stream(client: Redis, key: bytes) -> Any:
    groups: Any = await client.xinfo_groups(key)
    pending = {}
    for group in groups:
        held: Any = await client.xpending_range(key, group["name"], "-", "+", 1000)
        pending[group["name"]] = group["last-delivered-id"], [(one["message_id"], one["consumer"]) for one in held]
    return await client.xrange(key), pending
