"""Breakers on Redis or Valkey: a slot for each, a script for each change."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex
from typing import Any, Final, cast
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.bus.records import AuditAction, AuditRecord
from runtime.errors import ServerFullError
from runtime.outages import Deferral
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import (
    BreakerChange,
    BreakerEffect,
    BreakerRecord,
    Glance,
    Health,
    Permit,
    State,
    WaitingWork,
)
from runtime.server.batch import Question, ask_all
from runtime.server.client import Client
from runtime.server.names import FORMAT
from runtime.server.scripts import Scripts
from runtime.server.turn_batcher import TurnBatcher

_NAMES: Final = f"causeline:{FORMAT}:breakers"
#: Cool-down of a breaker that nobody has declared what it is, in ms: one that only a former version has asked.
_COOLDOWN_MS: Final = 10_000
#: Of an error's words, so many are kept.
_WORDS: Final = 300
#: Waiting work that is told of.
_MOST_WAITING: Final = 100
#: Parts of a breaker's keys that a change of it may touch.
_CHANGED: Final = ("h", "b", "w", "q", "log")
#: Works that one script admits, or is told of, at most.
AT_ONCE: Final = 64
_SETTINGS: Final = ("failures", "cooldown", "rate", "window", "calls_at_least", "slow", "probe_timeout")
_ACTIONS: Final[Mapping[str, AuditAction]] = {"open": "open_breaker", "held": "hold_breaker", "closed": "close_breaker"}


class RedisBreakers:
    """`Breakers` on one server.

    Args:
        client: of the event loop that uses it.
        draw: a number from 0 up to 1, by which deferred work is spread.
    """

    def __init__(self, client: Client, draw: Callable[[], float] = random.random) -> None:
        self._client = client
        self._scripts = Scripts(client, "runtime.resilience")
        self._draw = draw
        self._declared: set[Breaker] = set()
        self._asking = TurnBatcher(self._ask_batch, AT_ONCE)
        self._calling = TurnBatcher(self._check_called, AT_ONCE)
        self._well = TurnBatcher(self._record_successes, AT_ONCE)

    async def declare(self, app: str, guards: Mapping[Breaker, Sequence[str]]) -> None:
        for breaker, whom in guards.items():
            await self._declare(breaker, {f"uses:{app}": json.dumps(list(whom))})

    async def request_permit(self, breaker: Breaker, work: Parked, lease_ms: int) -> Permit | int:
        if breaker not in self._declared:
            with suppress(ServerFullError):  # what settles work must go on there
                await self._declare(breaker, {})
        return await self._asking.ask((breaker.name, lease_ms), work)

    async def is_called(self, breaker: Breaker, node: UUID) -> bool:
        return await self._calling.ask(breaker.name, node)

    async def renew(self, breaker: Breaker, permit: Permit, lease_ms: int) -> bool:
        return bool(await self._scripts.call("renew", [key_of(breaker)], permit.probe, lease_ms))

    async def record(self, breaker: Breaker, permit: Permit, health: Health, why: str = "") -> BreakerEffect:
        if health == "ok" and not permit.probe:
            return await self._well.ask((breaker, permit.generation), None)
        return await self._record(breaker, permit.generation, permit.probe, health, why)

    async def glance(self, breaker: Breaker) -> Glance:
        wait_ms, room = await self._scripts.call("glance", [key_of(breaker)])
        return Glance(int(wait_ms), None if int(room) < 0 else int(room))

    async def all(self) -> list[BreakerRecord]:
        return await self._read_records(await self._read_names(), changes=1)

    async def get(self, name: str) -> BreakerRecord | None:
        if not await self._is_known(name):
            return None
        return next(iter(await self._read_records([name], changes=None)), None)

    async def open(self, name: str, operator: str, reason: str, *, hold: bool) -> BreakerEffect | None:
        return await self._operate(name, "hold" if hold else "open", operator, reason)

    async def close(self, name: str, operator: str, reason: str) -> BreakerEffect | None:
        return await self._operate(name, "close", operator, reason)

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        names = await self._read_names()
        newest = "+" if until_ms is None else str(until_ms)
        logs = await ask_all(self._client, (_read_newest(key, newest) for name in names for key in _keys(name, "log")))
        found = [
            (f"{entry.decode()}/breaker/{name}", _audit_record(name, change))
            for name, log in zip(names, logs, strict=True)
            for entry, values in log
            if (change := _decode_change(entry, values)).by
        ]
        return sorted(found, key=lambda one: one[1].at_ms, reverse=True)[:limit]

    async def _ask_batch(self, where: tuple[str, int], works: Sequence[Parked]) -> list[Permit | int]:
        """What is asked in one turn of the event loop, in one call."""
        name, lease_ms = where
        words = [word for work in works for word in (str(work.node), work.text(), self._draw())]
        answers = await self._scripts.call("ask", _keys(name, "h", "w", "q"), lease_ms, token_hex(8), *words)
        return [_decode_permit(answer) for answer in answers]

    async def _check_called(self, name: str, nodes: Sequence[UUID]) -> list[bool]:
        """Those that were put off in one turn of the event loop, in one call."""
        answers = await self._scripts.call("called", _keys(name, "q"), *map(str, nodes))
        return [bool(answer) for answer in answers]

    async def _record_successes(self, what: tuple[Breaker, int], ended: Sequence[None]) -> list[BreakerEffect]:
        """Work that ended well in one turn of the event loop, in one call; what is to ask again, the first is told."""
        breaker, generation = what
        recorded = await self._record(breaker, generation, "", "ok", "", len(ended))
        return [recorded, *[replace(recorded, waiting=())] * (len(ended) - 1)]

    async def _record(
        self, breaker: Breaker, generation: int, probe: str, health: Health, why: str, count: int = 1
    ) -> BreakerEffect:
        settings = (
            breaker.failures,
            int(breaker.cooldown * 1000),
            "" if breaker.rate is None else breaker.rate,
            int(breaker.window * 1000),
            breaker.calls_at_least,
        )
        keys = _keys(breaker.name, *_CHANGED)
        words = (health, generation, probe, why[:_WORDS], *settings, count)
        change, *told = await self._scripts.call_once("record", keys, *words)
        return _decode_effect(change.decode(), told)

    async def _declare(self, breaker: Breaker, more: Mapping[str, str]) -> None:
        declared = {name: getattr(breaker, name) for name in _SETTINGS}
        settings = json.dumps({name: value for name, value in declared.items() if value is not None})
        await self._client.sadd(_NAMES, breaker.name)
        said: Any = {"settings": settings, **more}
        await self._client.hset(key_of(breaker), mapping=said)
        self._declared.add(breaker)

    async def _operate(self, name: str, how: str, operator: str, reason: str) -> BreakerEffect | None:
        if not await self._is_known(name):
            return None
        text: Any = await self._client.hget(_key(name), "settings")
        cooldown = json.loads(text).get("cooldown") if text else None
        cooldown_ms = _COOLDOWN_MS if cooldown is None else int(cooldown * 1000)
        keys = _keys(name, *_CHANGED)
        told: Any = await self._scripts.call_once("change", keys, how, operator, reason, cooldown_ms)
        return _decode_effect("closed" if how == "close" and int(told[1]) > 0 else "", told)

    async def _is_known(self, name: str) -> bool:
        return bool(await self._client.sismember(_NAMES, name))

    async def _read_names(self) -> list[str]:
        names: Any = await self._client.smembers(_NAMES)
        return sorted(name.decode() for name in names)

    async def _read_records(self, names: Sequence[str], changes: int | None) -> list[BreakerRecord]:
        now = await self._client.now_ms()
        asked = [question for name in names for question in _questions(name, changes)]
        told = await ask_all(self._client, asked)
        rows = [told[at : at + 4] for at in range(0, len(told), 4)]
        return [_build_record(name, *row, now=now) for name, row in zip(names, rows, strict=True)]


def key_of(breaker: Breaker) -> str:
    """The key of the hash that holds a breaker's state."""
    return _key(breaker.name)


def _key(name: str) -> str:
    return _keys(name, "h")[0]


def _keys(name: str, *parts: str) -> list[str]:
    return [f"causeline:{FORMAT}:{{breaker.{name}}}:{part}" for part in parts]


def _read_newest(log: str, until: str) -> Question:
    return lambda pipe: pipe.xrevrange(log, max=until)


def _questions(name: str, changes: int | None) -> list[Question]:
    whole, waiting, due, log = _keys(name, "h", "w", "q", "log")
    return [
        lambda pipe: pipe.hgetall(whole),
        lambda pipe: pipe.hgetall(waiting),
        lambda pipe: pipe.zrange(due, 0, -1, withscores=True),
        lambda pipe: pipe.xrevrange(log, count=changes),
    ]


def _read_work(node: bytes, text: bytes) -> WaitingWork:
    said = json.loads(text)
    deferred = Deferral(int(said.pop("times")), int(said.pop("since")), int(said.pop("until")))
    return WaitingWork(Parked(UUID(node.decode()), since_ms=deferred.since_ms, **said), deferred)


def _read_waiting(found: Sequence[bytes]) -> tuple[Parked, ...]:
    return tuple(_read_work(node, text).work for node, text in zip(found[::2], found[1::2], strict=True))


def _decode_permit(answer: Any) -> Permit | int:
    if not answer[0]:
        return max(1, int(answer[1]))
    _, generation, given, times, since, until = answer
    deferred = Deferral(int(times), int(since), int(until)) if int(times) else None
    return Permit(int(generation), given.decode(), deferred)


def _decode_effect(change: Any, told: Sequence[bytes]) -> BreakerEffect:
    now, since, probes, why, *waiting = told
    return BreakerEffect(
        change, int(now), int(since), int(probes), why.decode(errors="replace"), _read_waiting(waiting)
    )


def _decode_change(entry: bytes, values: Mapping[bytes, bytes]) -> BreakerChange:
    said = {name.decode(): value.decode(errors="replace") for name, value in values.items()}
    return BreakerChange(int(entry.partition(b"-")[0]), cast("Any", said["state"]), said["why"], said["by"])


def _audit_record(name: str, change: BreakerChange) -> AuditRecord:
    return AuditRecord(
        at_ms=change.at_ms, action=_ACTIONS[change.state], operator=change.by, reason=change.why, breaker=name
    )


def _build_record(
    name: str,
    fields: Mapping[bytes, bytes],
    waiting: Mapping[bytes, bytes],
    due: Sequence[tuple[bytes, float]],
    log: Sequence[tuple[bytes, Mapping[bytes, bytes]]],
    *,
    now: int,
) -> BreakerRecord:
    said = {key.decode(): value.decode(errors="replace") for key, value in fields.items()}
    open_until, permit_until = int(said.get("open_until", 0)), int(said.get("permit_until", 0))
    state: State = "closed"
    if said.get("held"):
        state = "held"
    elif open_until:
        state = "open" if now < open_until else "half_open"
    is_probed = state == "half_open" and now < permit_until
    probe_ms = None if state in ("closed", "held") else max(open_until, permit_until if is_probed else 0)
    # What is overdue while the breaker is closed waits for a worker, if for anything, and no longer for the breaker.
    kept = {node for node, at in due if state != "closed" or at > now}
    told = (_read_work(*row) for row in waiting.items() if row[0] in kept)
    rows = sorted(told, key=lambda one: one.deferred.since_ms)
    return BreakerRecord(
        name=name,
        state=state,
        since_ms=None if state == "closed" else int(said.get("since") or 0) or None,
        why=said.get("why", ""),
        by=said.get("by", ""),
        failures=int(said.get("failures", 0)),
        probes=int(said.get("probes", 0)),
        probe_ms=probe_ms,
        prober=said.get("prober", "") if is_probed else "",
        settings=json.loads(said.get("settings", "{}")),
        guards={
            key.removeprefix("uses:"): tuple(json.loads(value))
            for key, value in sorted(said.items())
            if key.startswith("uses:")
        },
        waiting=tuple(rows[:_MOST_WAITING]),
        waiting_total=len(rows),
        changes=tuple(_decode_change(*one) for one in log),
    )
