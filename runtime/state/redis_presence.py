"""Workers on Redis: a sorted set of signs of life, and a subscription of each worker that ends with its process."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from redis.asyncio.client import PubSub

from runtime.errors import CommandRefusedError, ServerError
from runtime.resilience.limits import Limit
from runtime.server.client import Clients
from runtime.server.scripts import Scripts
from runtime.server.translation import translate_errors
from runtime.state.keys import APPS, StateKeys
from runtime.state.presence import IDLE, WorkerActivity, WorkerRecord, WorkerSighting, WorkPiece

_log = logging.getLogger("causeline.worker")

#: Age in ms from which on a record of a worker that nobody heard of again is dropped.
_FORGET_MS: Final = 24 * 3600 * 1000
#: Seconds that the server may take to say whether a worker may subscribe.
_ANSWER_S: Final = 2.0


class RedisPresence:
    """A `Presence` on one server, for one event loop.

    The subscription is to a channel of the worker's own that nothing is ever published to: the server drops it as soon
    as the process is gone, whatever killed it, and anybody may ask how many subscribers a channel has.
    """

    def __init__(self, clients: Clients, app: str) -> None:
        self._client = clients.commands
        self._reader = clients.reads
        self._app = app
        self._keys = StateKeys(app)
        self._scripts = Scripts(clients.commands, "runtime.state")
        self._joined: WorkerRecord | None = None
        self._line: PubSub | None = None
        self._is_refused = False

    async def register_app(self) -> None:
        await self._scripts.call("announce", [APPS], self._app)

    async def declare_workflows(self, workflows: Mapping[str, tuple[str, ...]]) -> None:
        await self._client.set(self._keys.declared_workflows, json.dumps(dict(workflows)))

    async def get_declared_workflows(self) -> Mapping[str, tuple[str, ...]]:
        told: Any = await self._client.get(self._keys.declared_workflows)
        return {name: tuple(steps) for name, steps in json.loads(told or b"{}").items()}

    async def join(self, worker: WorkerRecord) -> None:
        self._joined = worker
        await self.register_app()
        await self.beat(worker.consumer)

    async def beat(self, consumer: str, doing: WorkerActivity = IDLE) -> None:
        if self._line is None:
            await self._subscribe(consumer)
        else:
            await self._check_subscription(consumer)
        said = self._describe_worker(consumer, doing)
        if await self._scripts.call("beat", [self._keys.live, self._keys.workers], consumer, said):
            await self.register_app()

    async def leave(self, consumer: str) -> None:
        if self._joined is None or self._joined.consumer == consumer:
            await self._unsubscribe()
        await self._client.zrem(self._keys.live, consumer)
        await self._client.hdel(self._keys.workers, consumer)

    async def list_gone_workers(self, silent_ms: int) -> list[WorkerRecord]:
        latest = await self._client.now_ms() - silent_ms
        silent: Any = await self._client.zrange(self._keys.live, "-inf", latest, byscore=True)
        if not silent:
            return []
        connected = await self._find_connected([name.decode() for name in silent])
        raw: Any = await self._client.hmget(self._keys.workers, silent)
        records = [json.loads(text) if text else {} for text in raw]
        return [
            _parse_worker(name.decode(), record)
            for name, record in zip(silent, records, strict=True)
            if record.get("connected") and name.decode() not in connected
        ]

    async def workers(self) -> list[WorkerSighting]:
        now = await self._client.now_ms()
        forgotten: Any = await self._client.zrange(self._keys.live, "-inf", now - _FORGET_MS, byscore=True)
        for name in forgotten:
            await self._client.zrem(self._keys.live, name)
            await self._client.hdel(self._keys.workers, name)
        seen: Any = await self._client.zrange(self._keys.live, 0, -1, desc=True, withscores=True)
        raw: Any = await self._client.hgetall(self._keys.workers)
        told = [(name.decode(), json.loads(raw.get(name) or b"{}"), max(0, now - int(score))) for name, score in seen]
        return [
            WorkerSighting(_parse_worker(name, record), silent_ms, _parse_activity(record))
            for name, record, silent_ms in told
        ]

    async def count_live_workers(self, live_ms: int) -> int:
        return sum(one.is_live(live_ms) for one in await self.workers())

    def _describe_worker(self, consumer: str, doing: WorkerActivity) -> str:
        """What a worker says of itself, what it does, and whether its connection can be watched; empty where it has not
        joined."""
        if self._joined is None or self._joined.consumer != consumer:
            return ""
        return json.dumps(asdict(self._joined) | {"connected": self._line is not None, "doing": asdict(doing)})

    async def _subscribe(self, consumer: str) -> None:
        if self._is_refused:
            return
        line = self._reader.pubsub()
        try:
            with translate_errors():
                await line.subscribe(self._keys.alive_channel(consumer))
                await line.get_message(timeout=_ANSWER_S)
        except CommandRefusedError as error:
            self._is_refused = True
            _log.warning(
                "the server does not let this user subscribe (%s): when this worker dies, its work goes on only once "
                "its leases are over; allow the channels %s",
                error.answer,
                self._keys.alive_channel("*"),
            )
            await _close(line)
        except BaseException:
            await _close(line)
            raise
        else:
            self._line = line

    async def _check_subscription(self, consumer: str) -> None:
        """Notices that the connection was lost: nothing is ever said on it but that it is there."""
        line = self._line
        try:
            with translate_errors():
                while line is not None and await line.get_message(timeout=0) is not None:
                    pass
        except ServerError:
            await self._unsubscribe()
            await self._subscribe(consumer)

    async def _unsubscribe(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await _close(line)

    async def _find_connected(self, consumers: list[str]) -> set[str]:
        channels = {self._keys.alive_channel(consumer): consumer for consumer in consumers}
        try:
            counts: Any = await self._client.pubsub_numsub(*channels)
        except CommandRefusedError:
            return set(consumers)
        return {channels[channel.decode()] for channel, count in counts if count}


def _parse_worker(consumer: str, record: dict[str, Any]) -> WorkerRecord:
    return WorkerRecord(
        consumer=consumer,
        host=str(record.get("host", "")),
        pid=int(record.get("pid", 0)),
        concurrency=int(record.get("concurrency", 0)),
        version=str(record.get("version", "")),
        started_ms=int(record.get("started_ms", 0)),
        cells=bool(record.get("cells")),
        is_cell=bool(record.get("is_cell")),
        schedules=tuple((str(name), str(rule)) for name, rule in record.get("schedules", ())),
        agents=tuple(map(str, record.get("agents", ()))),
        only=str(record.get("only", "")),
        serves=tuple(map(str, record.get("serves", ()))),
        limits=tuple(Limit(**limit) for limit in record.get("limits", ())),
    )


def _parse_activity(record: dict[str, Any]) -> WorkerActivity:
    told = record.get("doing", {})
    pieces = [WorkPiece(**piece) for piece in told.get("pieces", ())]
    former = [WorkPiece(str(name)) for name in told.get("oldest", ())]  # as former versions said it
    return WorkerActivity(int(told.get("under_way", 0)), tuple(pieces or former))


async def _close(line: PubSub) -> None:
    await line.aclose()  # type: ignore[no-untyped-call] # the driver does not say its type
