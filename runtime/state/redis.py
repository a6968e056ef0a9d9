"""The state store on Redis or Valkey: baseline commands of Redis 6.2, one single-slot script for each change."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis

from runtime.bus.contract import OutboxEntry, Outgoing
from runtime.bus.wire import outgoing_fields
from runtime.causality.trace_context import TraceContext
from runtime.server.scripts import Scripts
from runtime.state.contract import Claim, Committed, Ended, NewRun, RunRecord, Task
from runtime.state.keys import StateKeys

_STATUS_FAILED: Final = "failed"
_STATUS_CANCELLED: Final = "cancelled"


class RedisState:
    """A `StateStore` for one app on one server.

    Args:
        client: for commands; never blocks.
        reader: for the blocking wait: a socket time-out longer than that, and no retries of its own.
        app: the app's name.
    """

    def __init__(self, client: Redis, reader: Redis, app: str) -> None:
        self._client = client
        self._reader = reader
        self._scripts = Scripts(client, "runtime.state")
        self.keys = StateKeys(app)

    async def start(self, run: NewRun) -> int:
        keys = self.keys
        fields = _run_fields(run)
        return int(
            await self._scripts.call(
                "start",
                [keys.run(run.id), keys.needs(run.id), keys.tasks, keys.runs, keys.wake],
                str(run.id),
                run.workflow,
                len(fields),
                *(part for pair in fields.items() for part in pair),
                *(part for pair in run.needs.items() for part in pair),
            )
        )

    async def due(self, limit: int, skip: int = 0) -> list[Task]:
        seconds, micros = await self._client.time()
        now = seconds * 1000 + micros // 1000
        members: Any = await self._client.zrange(self.keys.tasks, "-inf", now, byscore=True, offset=skip, num=limit)
        return [Task.parse(member.decode()) for member in members]

    async def claim(self, task: Task, token: str, lease_ms: int, upstream: Sequence[str]) -> Claim | None:
        keys = self.keys
        answer = await self._scripts.call(
            "claim",
            [keys.tasks, keys.run(task.run), keys.attempts(task.run), keys.results(task.run)],
            task.member,
            task.step,
            token,
            lease_ms,
            *upstream,
        )
        if not answer:
            return None
        attempt, fails, deaths, died, now, first, fields, results = answer
        record = _run_record(task.run, dict(zip(fields[::2], fields[1::2], strict=True)))
        return Claim(
            task=task,
            token=token,
            attempt=attempt,
            fails=fails,
            deaths=deaths,
            died=bool(died),
            now_ms=now,
            first_ms=first,
            run=record,
            results={name: value.decode() for name, value in zip(upstream, results, strict=True)},
        )

    async def renew(self, claim: Claim, lease_ms: int, *, solo: bool | None = None) -> bool:
        flag = "" if solo is None else str(int(solo))
        return bool(await self._scripts.call("renew", self._attempt_keys(claim), *_holder(claim), lease_ms, flag))

    async def commit(
        self,
        claim: Claim,
        result: str,
        successors: Sequence[str],
        events: Sequence[Outgoing],
        writes: Mapping[str, str],
    ) -> Committed | None:
        keys, run = self.keys, claim.task.run
        answer = await self._scripts.call_once(
            "commit",
            [
                keys.run(run),
                keys.results(run),
                keys.needs(run),
                keys.attempts(run),
                keys.tasks,
                keys.outbox,
                keys.wake,
                keys.ended,
                keys.state(run),
            ],
            str(run),
            claim.task.workflow,
            claim.task.step,
            claim.token,
            result,
            len(successors),
            len(events),
            len(writes),
            *successors,
            *(part for event in events for part in outgoing_fields(event)),
            *(part for pair in writes.items() for part in pair),
        )
        if not answer[0]:
            return None
        _, ended, now, accepted, *entries = answer
        return Committed(
            [OutboxEntry(keys.outbox, entry.decode(), event) for entry, event in zip(entries, events, strict=True)],
            Ended(accepted, now) if ended else None,
        )

    async def retry(self, claim: Claim, delay_ms: int, error: str) -> bool:
        return await self._again(claim, delay_ms, "failed", error=error)

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        return await self._again(claim, delay_ms, "unbegun", error="")

    async def release(self, claim: Claim) -> bool:
        return await self._again(claim, 0, "released", error="")

    async def _again(self, claim: Claim, delay_ms: int, how: str, *, error: str) -> bool:
        keys = self._attempt_keys(claim)
        return bool(await self._scripts.call_once("retry", keys, *_holder(claim), delay_ms, how, error))

    async def fail(self, claim: Claim, error_type: str, error: str) -> Ended | None:
        return await self._finish(claim.task.run, _STATUS_FAILED, (*_holder(claim), error_type, error))

    async def cancel(self, run: UUID) -> Ended | None:
        return await self._finish(run, _STATUS_CANCELLED, ("", "", "", "", ""))

    async def _finish(self, run: UUID, status: str, rest: tuple[str, ...]) -> Ended | None:
        keys = self.keys
        answer = await self._scripts.call_once(
            "finish", [keys.run(run), keys.attempts(run), keys.tasks, keys.ended], str(run), status, *rest
        )
        return Ended(answer[2], answer[1]) if answer[0] else None

    async def get(self, run: UUID) -> RunRecord | None:
        fields: Any = await self._client.hgetall(self.keys.run(run))
        return _run_record(run, fields) if fields else None

    async def result(self, run: UUID, step: str) -> str | None:
        return _text(await self._client.hget(self.keys.results(run), step))

    async def runs(self, limit: int) -> list[RunRecord]:
        ids: Any = await self._client.zrange(self.keys.runs, 0, limit - 1, desc=True)
        records = [await self.get(UUID(id_.decode())) for id_ in ids]
        return [record for record in records if record is not None]

    async def unconfirmed(self, older_than_ms: int, limit: int) -> list[UUID]:
        seconds, micros = await self._client.time()
        latest = seconds * 1000 + micros // 1000 - older_than_ms
        ids: Any = await self._client.zrange(self.keys.ended, "-inf", latest, byscore=True, offset=0, num=limit)
        return [UUID(id_.decode()) for id_ in ids]

    async def confirm(self, run: UUID) -> None:
        await self._client.zrem(self.keys.ended, str(run))

    async def read(self, run: UUID | None, key: str) -> str | None:
        name = self.keys.state(run) if run else self.keys.shared
        return _text(await self._client.hget(name, key))

    async def write(self, key: str, value: str) -> None:
        await self._client.hset(self.keys.shared, key, value)

    async def workers(self, live_ms: int) -> int:
        seconds, micros = await self._client.time()
        now = seconds * 1000 + micros // 1000
        return int(await self._client.zcount(self.keys.live, now - live_ms, "+inf"))

    async def wait(self, timeout: float) -> None:
        await self._reader.blpop([self.keys.wake], timeout=timeout)

    def _attempt_keys(self, claim: Claim) -> list[str]:
        run = claim.task.run
        return [self.keys.run(run), self.keys.attempts(run), self.keys.tasks]


def _holder(claim: Claim) -> tuple[str, str, str]:
    return claim.task.member, claim.task.step, claim.token


def _run_fields(run: NewRun) -> dict[str, str]:
    return {
        "inputs": json.dumps(dict(run.inputs)),
        "correlation": str(run.correlation_id),
        "trace": run.trace.traceparent,
        "tracestate": run.trace.state,
        "cause": str(run.causation_id or ""),
        "cause_event": str(run.causation_event or ""),
        "subject": run.subject,
    }


def _run_record(run: UUID, fields: Mapping[bytes, bytes]) -> RunRecord:
    values = {name.decode(): value.decode() for name, value in fields.items()}
    trace = TraceContext.parse(values["trace"], values.get("tracestate", ""))
    return RunRecord(
        id=run,
        workflow=values["workflow"],
        status=values["status"],
        inputs=json.loads(values["inputs"]),
        correlation_id=UUID(values["correlation"]),
        trace=trace or TraceContext(run.int, 1, sampled=False),
        accepted_ms=int(values["accepted_ms"]),
        ended_ms=int(values["ended_ms"]) if "ended_ms" in values else None,
        causation_id=_uuid(values.get("cause")),
        causation_event=_uuid(values.get("cause_event")),
        subject=values.get("subject", ""),
        error_type=values.get("error_type", ""),
        error=values.get("error", ""),
        failed_step=values.get("failed_step", ""),
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _text(raw: Any) -> str | None:
    return None if raw is None else str(raw.decode())
