"""What operators and tidying ask of an app's runs on Redis: to be listed, resumed, confirmed and forgotten."""

from collections.abc import Collection
from typing import Any, Final, Literal
from uuid import UUID

from runtime.bus.records import AuditRecord
from runtime.server.client import Client, Clients
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.redis_lanes import RedisLanes
from runtime.state.runs import DueStep, KeptKey, Life, ResumeResult, RunBacklog, RunRecord
from runtime.state.tasks import Task
from runtime.state.wire import audit_record, parse_ended_run, parse_life, run_record

#: Runs that are looked at in one script when old ones are removed.
_FORGET_PAGE: Final = 100


class RedisUpkeep(RedisLanes):
    """The part of the state store on Redis that no attempt needs.

    Args:
        clients: of the event loop that uses it.
        app: the app's name.
    """

    def __init__(self, clients: Clients, app: str) -> None:
        self._client: Client = clients.commands
        self._scripts = Scripts(clients.commands, "runtime.state")
        self.keys = StateKeys(app)

    async def get(self, run: UUID) -> RunRecord | None:
        fields: Any = await self._client.hgetall(self.keys.run(run))
        return run_record(run, fields) if fields else None

    async def runs(self, limit: int) -> list[RunRecord]:
        return await self._read_records(await self._client.zrange(self.keys.runs, 0, limit - 1, desc=True))

    async def find_by_id_suffix(self, end: str, limit: int) -> list[UUID]:
        ids: Any = await self._client.zrange(self.keys.runs, 0, limit - 1, desc=True)
        return [UUID(id_.decode()) for id_ in ids if id_.endswith(end.encode())]

    async def undo_failures(self, limit: int) -> list[RunRecord]:
        return await self._read_records(await self._client.zrange(self.keys.undo_failures, 0, limit - 1))

    async def _read_records(self, ids: Any) -> list[RunRecord]:
        records = [await self.get(UUID(id_.decode())) for id_ in ids]
        return [record for record in records if record is not None]

    async def resume(self, run: UUID, operator: str) -> ResumeResult | None:
        keys = self.keys
        touched = [
            keys.run(run),
            keys.results(run),
            keys.needs(run),
            keys.attempts(run),
            keys.tasks,
            keys.wake,
            keys.ended,
            keys.audit,
            keys.leases,
            keys.parts(run),
            keys.deadlines,
        ]
        match await self._scripts.call_once("resume", touched, str(run), operator):
            case [1, *_]:
                return ResumeResult(is_resumed=True, status="failed")
            case [0, status]:
                return ResumeResult(is_resumed=False, status=status.decode())
            case _:
                return None

    async def list_kept_keys(self, run: UUID, limit: int) -> list[KeptKey]:
        keys = self.keys
        results, state = await self._scripts.call("kept_keys", [keys.results(run), keys.state(run)], limit)
        return [*_parse_kept_keys("result", results), *_parse_kept_keys("state", state)]

    async def backlog(self) -> RunBacklog:
        now = await self._client.now_ms()
        async with self._client.pipeline() as pipe:
            pipe.zrange(self.keys.tasks, 0, 0, withscores=True)
            pipe.zcount(self.keys.tasks, "-inf", now)
            pipe.hlen(self.keys.leases)
            pipe.zcard(self.keys.suspects)
            pipe.zrange(self.keys.suspects, 0, 0, withscores=True)
            first, due, under_way, suspects, first_suspect = await pipe.execute()
        oldest, oldest_suspect = _parse_due_step(first, now), _parse_due_step(first_suspect, now)
        lanes = tuple(await self.lanes())
        due += sum(lane.due for lane in lanes)
        waiting = [*([oldest] if oldest else []), *(lane.oldest for lane in lanes)]
        oldest = max(waiting, key=lambda one: one.for_ms, default=None)
        return RunBacklog(self.keys.app, due, under_way, suspects, oldest, oldest_suspect, lanes)

    async def list_unconfirmed_lives(self, older_than_ms: int, limit: int) -> list[Life]:
        latest = await self._client.now_ms() - older_than_ms
        members: Any = await self._client.zrange(self.keys.ended, "-inf", latest, byscore=True, offset=0, num=limit)
        return [parse_life(member.decode()) for member in members]

    async def get_at_end_of(self, life: Life) -> RunRecord | None:
        fields: Any = await self._client.hgetall(self.keys.run(life.run))
        return parse_ended_run(life, fields) if fields else None

    async def confirm(self, life: Life) -> None:
        touched = [self.keys.run(life.run), self.keys.ended]
        await self._scripts.call("confirm", touched, str(life.run), life.number)

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        newest = "+" if until_ms is None else str(until_ms)
        rows: Any = await self._client.xrevrange(self.keys.audit, max=newest, count=limit)
        app = self.keys.app
        return [(f"{entry.decode()}/{app}", audit_record(app, entry, values)) for entry, values in rows]

    async def forget_runs(self, older_than_ms: int, limit: int) -> int:
        keys, before = self.keys, await self._client.now_ms() - older_than_ms
        skip = removed = 0
        while removed < limit:
            looked_at, gone = await self._scripts.call(
                "forget",
                [keys.runs, keys.ended, keys.keyed, keys.undo_failures],
                before,
                _FORGET_PAGE,
                skip,
                keys.prefix,
            )
            removed += gone
            skip += looked_at - gone
            if looked_at < _FORGET_PAGE:
                break
        return removed

    async def forget_audit(self, older_than_ms: int) -> None:
        before = await self._client.now_ms() - older_than_ms
        await self._client.xtrim(self.keys.audit, minid=str(before), approximate=False)

    async def _read_due(self, keys: list[str], limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
        members = await self._scripts.call("due", keys, limit, skip, *without)
        return [Task.parse(member.decode()) for member in members]


def _parse_due_step(first: list[tuple[bytes, float]], now: int) -> DueStep | None:
    """The first of a queue with its score; None where it is empty, or its first is not due."""
    if not first or first[0][1] > now:
        return None
    task = Task.parse(first[0][0].decode())
    return DueStep(task.run, task.workflow, task.step, now - int(first[0][1]))


def _parse_kept_keys(kind: Literal["result", "state"], pairs: list[Any]) -> list[KeptKey]:
    return [KeptKey(kind, name.decode(), int(size)) for name, size in zip(pairs[::2], pairs[1::2], strict=True)]
