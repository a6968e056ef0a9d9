"""Audits the server after a crash: what was promised of runs, events and groups, read from bus and state alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from runtime.admin import Admin, GroupLedger
from runtime.bus.keys import ChannelKeys
from runtime.bus.redis_recovery import SORTER
from runtime.causality import identity
from runtime.client.run import Run
from runtime.client.session import Session
from runtime.codec.encoded import Encoded
from runtime.resilience.limits import Limit
from runtime.runs.streams import StreamEventKind
from runtime.state.runs import RunRecord
from runtime.state.schedules import ScheduleBoard
from tests.diary import Diary
from tests.end_to_end.crash_app import (
    AT_ONCE,
    BILLED,
    CARTONS,
    DELIVERED,
    GROUPS,
    HOPS,
    HUBS,
    LEGS,
    ROUNDS,
    STEPS,
    TOLLED,
    is_insured,
)
from tests.end_to_end.crash_runs import kept_runs
from tests.waiting import until

#: Seconds that all of it may take.
PATIENCE = 90.0
HISTORY = "history"
"""A group that nobody serves: it keeps every entry of a channel from being trimmed."""


def events_of(runs: Sequence[Run]) -> dict[str, list[UUID]]:
    """The ids of the events that runs cause, by channel, in the order of the runs."""
    delivered = [identity.event_id(identity.step_id(run.id, "delivery"), 0) for run in runs]
    billed = [identity.event_id(identity.delivery_id(event, "billing", 0), 0) for event in delivered]
    tolled = [
        identity.event_id(identity.step_id(run.id, "transit"), number) for run in runs for number in range(len(LEGS))
    ]
    return {DELIVERED: delivered, BILLED: billed, TOLLED: tolled}


class Books:
    """The audit of one test.

    Args:
        session: of a client.
        admin: on the same server.
        diary: of the workers.
    """

    def __init__(self, session: Session, admin: Admin, diary: Diary) -> None:
        self._session = session
        self._redis: Any = session.server.client
        self.runs = kept_runs(session)
        self._admin = admin
        self.diary = diary
        #: Runs that are refused at their end, and undone.
        self.refused: list[Run] = []

    @property
    def runs_key(self) -> str:
        """Where all runs are listed on Redis."""
        store: Any = self._session.store
        key: str = store.keys.runs
        return key

    async def keep_history(self) -> None:
        """Keeps every event from now on."""
        for channel in GROUPS:
            await self._session.bus.subscribe(channel, HISTORY, schema="{}", app="history", start="earliest")

    async def schedules(self) -> ScheduleBoard:
        """The schedules as they stand."""
        return await self._session.schedules.read_board()

    async def pause(self, schedule: str) -> None:
        """Has a schedule tick no more."""
        await self._session.schedules.operate(schedule, "pause", "books")

    async def ended_runs(self, workflow: str) -> list[RunRecord]:
        """All runs of a workflow once they have ended and no tick is left to be started or told of; else none."""
        if (await self.schedules()).ticks:
            return []
        runs = [run for run in await self._session.store.runs(1000) if run.workflow == workflow]
        return runs if all(run.status == "ok" for run in runs) else []

    async def settled(self, runs: Sequence[Run]) -> None:
        """Waits until all runs have ended and no group owes anything that can still be done."""

        async def settled() -> bool:
            return await self.are_settled(runs)

        await until(settled, "all runs have ended, and no group owes anything", PATIENCE)

    async def are_settled(self, runs: Sequence[Run]) -> bool:
        """Whether all runs have ended and no group owes anything that can still be done."""
        for run in (*runs, *self.refused):
            if await run.status() in {"running", "undoing"}:
                return False
        before = await self._served()
        outboxes = [ChannelKeys(channel).outbox for channel in GROUPS]
        if await self.runs.outgoing() or any([await self._redis.xlen(outbox) for outbox in outboxes]):
            return False
        if any([await self._redis.zcard(ChannelKeys(channel).later) for channel in GROUPS]):
            return False
        # An event on its way from one channel's outbox into another may be in neither while one looks.
        is_still = before == await self._served()
        return is_still and all(not one.pending and not one.retrying for one in before)

    async def held(self) -> dict[str, int]:
        """How much each worker has under way, by who and where: tasks under a lease, and pending entries. What was read
        to be sorted is nobody's: whoever sorts next begins with it, and waits for no lease."""
        held = {"tasks under a lease": await self.runs.held()}
        for channel, groups in GROUPS.items():
            for group in groups:
                for stream in (ChannelKeys(channel).stream, ChannelKeys(channel).retries(group)):
                    pending: Any = await self._redis.xpending(stream, group)
                    for one in pending["consumers"] or ():
                        held[f"{one['name'].decode()} in {stream}"] = int(one["pending"])
        return {place: count for place, count in held.items() if count and not place.startswith(SORTER)}

    async def are_trimmed(self) -> bool:
        """Whether the channels hold no event, or only the last one."""
        return all([await self._redis.xlen(ChannelKeys(channel).stream) <= 1 for channel in GROUPS])

    async def check(self, runs: Sequence[Run], *, dead: dict[str, int] | None = None) -> None:
        """All runs arrived, and nothing was lost, done twice or left over.

        Args:
            runs: all that were ever started on the server, which all end well.
            dead: how many deliveries of a group went dead; none by default.
        """
        for run in runs:
            assert await run.status() == "ok"
            await self._check_results(run)
            await self._check_stream(run)
            await self._check_hops(run)
        for run in self.refused:
            await self._check_undone(run)
        self._check_commits()
        self._check_hubs()
        self._check_paid(runs)
        for channel, events in events_of(runs).items():
            await self._check_ledger(channel, events, dead or {})
            await self._check_leftovers(channel)
        await self._check_no_task_left()

    async def check_history(self, runs: Sequence[Run]) -> None:
        """Every event stands in its channel once, with the payload that was committed."""
        for channel, ids in events_of(runs).items():
            entries = await self._redis.xrange(ChannelKeys(channel).stream)
            envelopes = [json.loads(fields[b"e"]) for _, fields in entries]
            found = [(UUID(one["id"]), one["data"]["trail"]) for one in envelopes]
            trails = [(await run.result()).trail for run in runs]
            of_transit = STEPS.index("transit") + 1
            carried = (
                [trail[:of_transit] for trail in trails for _ in LEGS]
                if channel == TOLLED
                else [trail[:-1] for trail in trails]
            )
            assert sorted(found) == sorted(zip(ids, carried, strict=True))
            if channel == BILLED:
                for key in {one["data"]["trouble"] for one in envelopes}:
                    self._check_order([one["id"] for one in envelopes if one["data"]["trouble"] == key])

    def _check_order(self, events: Sequence[str]) -> None:
        """The books keep an order of those that have one key: none begins before one that came earlier has ended."""
        begun = [row["key"].removesuffix("/books") for row in self.diary.rows("handler")]
        entered = list(dict.fromkeys(event for event in begun if event in events))
        assert entered == list(events), "the books were not kept in order"

    async def _check_results(self, run: Run) -> None:
        kept = await self.runs.results(run.id)
        results = {step: Encoded.parse(result).data for step, result in kept.items()}
        cartons = [results["pickup"]["number"] + carton for carton in range(CARTONS)]
        assert [results.pop(step) for step in ("packing", "weighing")] == [cartons, cartons]
        assert [results.pop(step) for step in ("planning", "routing")] == [ROUNDS, ROUNDS]
        assert results.pop("insurance") == ("insured" if is_insured(results["pickup"]["number"]) else None)
        *receipted, receipt = results.pop("receipt")["trail"]
        trails = {step: result["trail"] for step, result in results.items()}
        assert trails.keys() == set(STEPS)
        assert receipted == trails["delivery"]
        self._check_answered(run, receipt)
        last = trails["delivery"]
        assert trails == {step: last[: place + 1] for place, step in enumerate(STEPS)}, "a result was replaced"

    def _check_answered(self, run: Run, receipt: str) -> None:
        """Of the attempts to bill it, all of which may have answered, the first one's answer stands, and no other's."""
        sent = [row["key"].split("/")[1] for row in self.diary.rows("sending") if row["key"].startswith(f"{run.id}/")]
        assert receipt in sent, f"run {run.id} goes on with what nobody has sent"
        told = [row["key"].split("/")[1] for row in self.diary.rows("sent") if row["key"].startswith(f"{run.id}/")]
        assert not told or sent.index(receipt) <= sent.index(told[0]), f"run {run.id}: an answer was replaced"

    async def _check_hops(self, run: Run) -> None:
        """Its budget has counted each step and delivery once. A run that was found by its key has none of its own."""
        account = await self._session.accounts.get(run.id)
        assert account is None or (account.hops, account.parked) == (HOPS, ()), f"run {run.id}: {account}"

    async def _check_undone(self, run: Run) -> None:
        """It failed, and all that it has done is undone, once."""
        cleared = identity.run_id(identity.step_id(run.id, "customs"), "clearing", 0)
        record, within = [await self._session.store.get(one) for one in (run.id, cleared)]
        assert (record.status, record.failed_step, record.undo_failed) == ("failed", "handover", ())
        assert (within.status, within.is_undone, within.undo_failed) == ("cancelled", True, ())
        undone = {f"{run.id}/~charge", f"{cleared}/~clear"}
        assert undone <= {row["key"] for row in self.diary.rows("step")}
        assert [await self.runs.undos(one) for one in (run.id, cleared)] == [0, 0]

    async def check_streamed_whole(self, runs: Sequence[Run]) -> None:
        """Of each run all is told that the attempt streamed which was committed: nothing is lost where the server was
        there all the while."""
        for run in runs:
            said, lost = await self._check_stream(run)
            assert (said[max(said)], lost) == (list(LEGS), 0), f"run {run.id} has streamed {said}"

    async def _check_stream(self, run: Run) -> tuple[dict[int, list[str]], int]:
        """What a run has streamed, by attempt, and how much is said to be lost: in order, each once, attempts told
        apart, and with the run's end."""
        *events, end = [event async for event in run.stream()]
        assert (end.kind, end.status) == (StreamEventKind.END, "ok")
        assert [event.offset for event in events] == list(range(1, len(events) + 1))
        said: dict[int, list[str]] = {}
        lost = now = spoke = 0
        for event in events:
            assert event.attempt >= now, "an attempt that is over has streamed"
            if event.kind is StreamEventKind.ATTEMPT:
                assert event.attempt > now, "an attempt is marked that was there"
            else:
                assert spoke in (0, event.attempt), f"attempt {event.attempt} of run {run.id} is not marked"
            if event.kind is StreamEventKind.CHUNK:
                said.setdefault(event.attempt, []).append(event.value["leg"])
            lost += event.count
            now, spoke = event.attempt, 0 if event.kind is StreamEventKind.ATTEMPT else event.attempt
        for legs in said.values():
            assert legs == [leg for leg in LEGS if leg in legs], f"run {run.id} has streamed {said}"
        return said, lost

    def _check_hubs(self) -> None:
        """Nobody has ever sorted where somebody else did, though each of them was killed somewhere."""
        assert self.diary.rows("crowded") == []

    def _check_commits(self) -> None:
        for what in ("commit", "gather", "ack"):
            often = self.diary.count(what, ok=True)
            assert all(number == 1 for number in often.values()), f"{what} twice: {often.most_common(3)}"

    def _check_paid(self, runs: Sequence[Run]) -> None:
        """Every leg is paid for, and not again once that is recorded. Whoever died between the two left nothing that
        could tell: that leg is paid for once more."""
        recorded = {(row["key"], row["pid"]) for row in self.diary.rows("recorded", ok=True)}
        payers: dict[str, list[int]] = {}
        for row in self.diary.rows("paid"):
            payers.setdefault(row["key"], []).append(row["pid"])
        assert payers.keys() == {f"{run.id}/{leg}" for run in runs for leg in LEGS}
        twice = {key for key, pids in payers.items() for pid in pids[:-1] if (key, pid) in recorded}
        assert twice == set(), "paid for again although it was recorded"

    async def _check_ledger(self, channel: str, events: Sequence[UUID], dead: dict[str, int]) -> None:
        ledger = {one.channel: one for one in await self._admin.channels()}[channel]
        assert ledger.published == len(events), f"{channel}: {ledger}"
        groups = {one.group: one for one in ledger.groups if one.group != HISTORY}
        assert groups.keys() == set(GROUPS[channel])
        for name, one in groups.items():
            assert one.owed == len(events)
            assert one.accounted == one.owed
            assert (one.done, one.dead) == (len(events) - dead.get(name, 0), dead.get(name, 0))
            await self._check_recorded(channel, name, events, one.done)

    async def _check_recorded(self, channel: str, group: str, events: Sequence[UUID], done: int) -> None:
        recorded = await self._redis.hkeys(ChannelKeys(channel).state(group))
        ids = {UUID(key.decode()) for key in recorded}
        assert len(ids) == done
        assert ids <= set(events)

    async def _check_leftovers(self, channel: str) -> None:
        keys = ChannelKeys(channel)
        for group in GROUPS[channel]:
            for stream in (keys.stream, keys.retries(group)):
                assert (await self._redis.xpending(stream, group))["pending"] == 0
            assert await self._redis.xlen(keys.retries(group)) == 0
            assert await self._redis.zcard(keys.waiting(group)) == 0
        turns = [keys.turns(group) for group in GROUPS[channel]]
        assert await self._redis.exists(keys.later, keys.held_back, *turns) == 0
        records = [key async for key in self._redis.scan_iter(match=keys.stream[:-1] + "d:*", count=1000)]
        assert records == [], "records of deliveries that are over"

    async def _served(self) -> list[GroupLedger]:
        groups = [one for channel in await self._admin.channels() for one in channel.groups if one.group != HISTORY]
        return [replace(one, oldest_unprocessed_ms=None, silent_ms=None, overdue_ms=None) for one in groups]

    async def _check_no_task_left(self) -> None:
        [room] = await self._session.store.rooms(list(self._session.app.limits.values()), 1)
        assert (room.free, room.tasks, await self._session.store.lanes()) == (AT_ONCE, [], []), (
            "a permit was left behind"
        )
        hubs = [Limit(f"step sorting of shipment by order.hub\n{hub}", at_once=1) for hub in HUBS]
        assert [one.free for one in await self._session.store.rooms(hubs, 1)] == [1, 1], (
            "a hub's permit was left behind"
        )
        assert (await self.runs.queued(), await self.runs.asked()) == (0, 0)
        await until(self.are_told, "the end of every run is confirmed")

    async def record(self, run: Run) -> RunRecord:
        """A run as the server has it."""
        record = await self._session.store.get(run.id)
        assert record is not None
        return record

    async def let_hour_pass(self, run: Run) -> None:
        """Has the deadline of a run be an hour sooner."""
        await self.runs.sooner(run.id, 3_600_000)

    async def are_told(self) -> bool:
        """Whether the end of every run is confirmed."""
        return not await self.runs.untold()
