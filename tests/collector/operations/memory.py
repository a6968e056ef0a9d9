"""The operations of a bus in memory: what a test puts in is what the collector sees."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from runtime.admin import (
    AnswerRefusedError,
    AppBacklog,
    AppWorker,
    AuditPage,
    AuditRecord,
    ChannelLedger,
    DeadLetter,
    DeadLetterCount,
    DeadLetterPage,
    FoundRun,
    FoundWait,
    GroupInUseError,
    GroupLedger,
    GroupNotFoundError,
    GroupRetirement,
    OpenWait,
    QueryError,
    RunGoesOnError,
    RunNotFailedError,
    RunNotFoundError,
    ServerError,
    Settlement,
    StreamEvent,
    StreamEventKind,
    StreamPage,
)
from runtime.bus.records import AuditAction
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.state.runs import RunRecord
from tests.collector.operations.memory_breakers import MemoryBreakers
from tests.collector.operations.memory_budgets import MemoryBudgets
from tests.collector.operations.memory_schedules import MemorySchedules
from tests.collector.operations.memory_shadows import MemoryShadows
from tests.collector.story import MS, ORIGIN_NS, uid


class MemoryBus(MemorySchedules, MemoryBudgets, MemoryBreakers, MemoryShadows):
    """A bus that can be filled, and be taken away."""

    def __init__(self) -> None:
        MemorySchedules.__init__(self)
        MemoryBudgets.__init__(self)
        MemoryBreakers.__init__(self)
        MemoryShadows.__init__(self)
        self.away = ""
        self.ledger: list[ChannelLedger] = []
        self.queues: list[AppBacklog] = []
        self.seen: list[AppWorker] = []
        self.runs: dict[UUID, RunRecord] = {}
        self.unbegun: dict[UUID, dict[str, tuple[str, ...]]] = {}
        self.letters: dict[UUID, DeadLetter] = {}
        self.waiting: dict[UUID, list[OpenWait]] = {}
        self.answers: list[tuple[UUID, str, str, Any]] = []
        self.streams: dict[UUID, list[StreamEvent]] = {}

    def owe(self, channel: str, group: str, **counts: int) -> None:
        """Adds a channel with one group that owes something."""
        names = ("done", "pending", "retrying", "dead", "discarded", "expired")
        states = dict.fromkeys(names, 0) | counts
        consumers = states.pop("consumers", 1)
        owed = sum(states[name] for name in names)
        self.ledger.append(ChannelLedger(channel, owed, (GroupLedger(group, owed, **states, consumers=consumers),)))

    def accept(self, id_: UUID, **facts: Any) -> RunRecord:
        """Adds a run of workflow `w`; it goes on unless `facts` say otherwise."""
        known = {
            "workflow": "w",
            "status": "running",
            "inputs": {},
            "correlation_id": uid("correlation"),
            "trace": TraceContext(id_.int, 1),
            "accepted_ms": ORIGIN_NS // MS,
        }
        self.runs[id_] = RunRecord(id_, **known | facts)
        return self.runs[id_]

    def put(self, letter: DeadLetter) -> None:
        """Adds a letter."""
        self.letters[letter.id] = letter

    async def close(self) -> None:
        """Nothing to give back."""

    async def ping(self) -> None:
        """Answers unless it is away."""
        if self.away:
            raise ServerError(self.away)

    async def channels(self) -> list[ChannelLedger]:
        """What was put in."""
        await self.ping()
        return self.ledger

    async def backlogs(self) -> list[AppBacklog]:
        """What was put in."""
        await self.ping()
        return self.queues

    async def workers(self) -> list[AppWorker]:
        """What was put in."""
        await self.ping()
        return self.seen

    async def run(self, id: UUID) -> FoundRun | None:  # noqa: A002 the contract's word
        """The run that was put in, of app `shop`."""
        await self.ping()
        record = self.runs.get(id)
        return None if record is None else FoundRun("shop", record, cast("Any", None))

    async def cancel(self, id: UUID, operator: str) -> bool:  # noqa: A002 the contract's word
        """Ends one that goes on, five milliseconds after its life began."""
        record = await self._record(id)
        if record.status != "running":
            return False
        self.runs[id] = replace(record, status="cancelled", ended_ms=record.begun_ms + 5)
        self._note(record, "cancel", operator)
        return True

    async def resume(self, id: UUID, operator: str) -> None:  # noqa: A002 the contract's word
        """Lets one go on that failed, five milliseconds after its end."""
        record = await self._record(id)
        if record.status != "failed":
            raise RunNotFailedError(f"run {id} is {record.status}: only a run that failed can be resumed")
        self.runs[id] = replace(
            record,
            status="running",
            life=record.life + 1,
            resumed_ms=(record.ended_ms or 0) + 5,
            ended_ms=None,
            failed_step="",
            error_type="",
            error="",
        )
        self._note(record, "resume", operator)

    async def undo(self, id: UUID, operator: str) -> bool:  # noqa: A002 the contract's word
        """Begins to undo one that has ended, where something of it is not undone."""
        record = await self._record(id)
        if record.status == "running":
            raise RunGoesOnError(f"run {id} goes on: cancel it, and what it has done is undone")
        if not await self.has_undos(id):
            return False
        ending = "failed" if record.status == "failed" else "cancelled"
        self.runs[id] = replace(
            record,
            status="undoing",
            ending=ending,
            is_undone=True,
            undo_failed=(),
            life=record.life + 1,
            resumed_ms=(record.ended_ms or 0) + 5,
            ended_ms=None,
        )
        self._note(record, "undo", operator)
        return True

    async def has_undos(self, id: UUID) -> bool:  # noqa: A002 the contract's word
        """Whatever is not undone."""
        record = await self._record(id)
        return not record.is_undone or bool(record.undo_failed)

    async def to_come(self, run: FoundRun) -> dict[str, tuple[str, ...]]:
        """Those that were put in."""
        await self.ping()
        return self.unbegun.get(run.record.id, {})

    async def undo_failures(self, limit: int = 100) -> list[FoundRun]:
        """Those that were put in so."""
        await self.ping()
        found = [FoundRun("shop", record, cast("Any", None)) for record in self.runs.values() if record.undo_failed]
        return found[:limit]

    async def filter_ended_runs(self, runs: Sequence[tuple[str, UUID]]) -> set[UUID]:
        """Those that have."""
        return {run for _, run in runs if run in self.runs and self.runs[run].is_over}

    async def waits(self, id: UUID) -> list[OpenWait]:  # noqa: A002 the contract's word
        """What was put in."""
        await self._record(id)
        return self.waiting.get(id, [])

    async def all_waits(self, limit: int = 100) -> list[FoundWait]:
        """What was put in, of runs that go on."""
        await self.ping()
        found = [
            FoundWait(FoundRun("shop", self.runs[id_], cast("Any", None)), wait)
            for id_, waits in self.waiting.items()
            for wait in waits
            if self.runs[id_].status == "running"
        ]
        return sorted(found, key=lambda one: (one.wait.since_ms, one.run.record.id))[:limit]

    async def answer(
        self,
        id: UUID,  # noqa: A002 the contract's word
        name: str,
        value: Any,
        operator: str,
        *,
        key: str = "",
        way: str = "",
        early: bool = False,
    ) -> bool:
        """Takes the first answer to what was put in, and what comes early."""
        record = await self._record(id)
        found = [one for one in self.waiting.get(id, []) if (one.name, one.key) == (name, key)]
        if not found and not early:
            raise AnswerRefusedError(f"the answer to {name!r} of run {id} comes too late: the run is {record.status}")
        if found:
            self.waiting[id].remove(found[0])
        self.answers.append((id, name, key, value))
        self._note(record, "answer", operator, f"{name}, by {way}")
        return bool(found)

    async def read_stream_page(self, id: UUID, after: int, limit: int) -> StreamPage:  # noqa: A002 the contract's word
        """What was put in, and the end of a run that has ended."""
        record = await self._record(id)
        events = [one for one in self.streams.get(id, []) if one.offset > after][:limit]
        last = max((one.offset for one in self.streams.get(id, [])), default=0)
        if after > last:
            raise QueryError(f"run {id} has streamed nothing with offset {after}: the last one is {last}")
        read = events[-1].offset if events else after
        if read == last and record.status not in ("running", "undoing"):
            events.append(StreamEvent(StreamEventKind.END, last, status=record.status, error=record.error))
        return StreamPage(events, read, record.status, read == last)

    async def stream(self, id: UUID, after: int = 0) -> AsyncGenerator[StreamEvent]:  # noqa: A002 the contract's word
        """What was put in; of a run that goes on there never is any more."""
        page = await self.read_stream_page(id, after, 1000)
        for event in page.events:
            yield event
        if page.status == "running":
            await asyncio.Event().wait()

    async def _record(self, id_: UUID) -> RunRecord:
        await self.ping()
        if id_ not in self.runs:
            raise RunNotFoundError(f"no app has a run {id_} on this server")
        return self.runs[id_]

    def _note(self, run: RunRecord, action: AuditAction, operator: str, reason: str = "") -> None:
        told = AuditRecord(run.begun_ms + 5, action, operator, reason, workflow=run.workflow, run_id=run.id)
        self.records.append(replace(told, app="shop"))

    async def retire(self, channel: str, group: str, operator: str, reason: str) -> GroupRetirement:
        """Removes a group that was put in and has no consumers."""
        await self.ping()
        ledger = next((one for one in self.ledger if one.channel == channel), ChannelLedger(channel, 0, ()))
        found = next((one for one in ledger.groups if one.group == group), None)
        if found is None:
            raise GroupNotFoundError(f"channel {channel} has no group {group!r}; it has: none")
        if found.consumers:
            raise GroupInUseError(f"group {group} of channel {channel} is served by {found.consumers} live workers")
        self.ledger.remove(ledger)
        self.records.append(AuditRecord(1, "retire", operator, reason, channel=channel, group=group))
        return GroupRetirement(channel, group, found.pending, found.retrying, found.dead)

    async def dead_letter_counts(self) -> list[DeadLetterCount]:
        """Counted from the letters."""
        await self.ping()
        counts: dict[tuple[str, str, str], list[DeadLetter]] = {}
        for letter in self.letters.values():
            if letter.state == "dead":
                counts.setdefault((letter.channel, letter.group, letter.reason), []).append(letter)
        return [
            DeadLetterCount(
                letters[0].channel,
                letters[0].group,
                letters[0].reason,
                len(letters),
                min(letter.dead_ms for letter in letters),
            )
            for _, letters in sorted(counts.items())
        ]

    async def dead_letters(
        self,
        *,
        state: str = "dead",
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> DeadLetterPage:
        """Newest first; the cursor is a number of letters to skip."""
        await self.ping()
        wanted = {"state": state, "channel": channel, "group": group, "reason": reason}
        found = [
            replace(letter, history=())
            for letter in sorted(self.letters.values(), key=lambda letter: -letter.dead_ms)
            if all(value is None or getattr(letter, name) == value for name, value in wanted.items())
            and (not q or q in letter.envelope or q in letter.subject)
        ]
        skip = _skip(cursor)
        rest = len(found) > skip + limit
        return DeadLetterPage(tuple(found[skip : skip + limit]), str(skip + limit) if rest else None)

    async def dead_letter(self, id: UUID) -> DeadLetter | None:  # noqa: A002 the contract's word
        """The letter that was put in."""
        await self.ping()
        return self.letters.get(id)

    async def replay(self, ids: Sequence[UUID], operator: str) -> list[Settlement]:
        """Settles those that wait."""
        await self.ping()
        return [self._settle(id_, operator, "") for id_ in ids]

    async def discard(self, ids: Sequence[UUID], operator: str, reason: str) -> list[Settlement]:
        """Settles those that wait."""
        await self.ping()
        return [self._settle(id_, operator, reason) for id_ in ids]

    async def audit(self, *, limit: int = 50, cursor: str | None = None) -> AuditPage:
        """What was settled, newest first."""
        await self.ping()
        skip = _skip(cursor)
        rest = len(self.records) > skip + limit
        newest = self.records[::-1]
        return AuditPage(tuple(newest[skip : skip + limit]), str(skip + limit) if rest else None)

    def _settle(self, id_: UUID, operator: str, reason: str) -> Settlement:
        letter = self.letters.get(id_)
        if letter is None:
            return Settlement(id_, "not_found")
        if letter.state != "dead":
            return Settlement(id_, "already_settled")
        state = "discarded" if reason else "replayed"
        outcome = "" if reason else "pending"
        self.letters[id_] = replace(
            letter, state=state, operator=operator, why=reason, replay_outcome=outcome, settled_ms=letter.dead_ms + 1
        )
        self.records.append(
            AuditRecord(
                letter.dead_ms + 1,
                "discard" if reason else "replay",
                operator,
                reason,
                channel=letter.channel,
                group=letter.group,
                dead_letter_id=id_,
                event_id=letter.event_id,
            )
        )
        if reason:
            return Settlement(id_, "discarded", identity.discard_id(id_))
        again = identity.delivery_id(letter.event_id, letter.group, letter.round + 1)
        return Settlement(id_, "replayed", identity.replay_id(id_), again)


def _skip(cursor: str | None) -> int:
    try:
        return int(cursor or 0)
    except ValueError:
        raise QueryError(f"{cursor!r} is not a cursor") from None
