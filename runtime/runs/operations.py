"""What operators do to runs, of whatever app."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

from runtime.definitions.shape import Shape
from runtime.errors import RunGoesOnError, RunNotFoundError
from runtime.facts import Observer
from runtime.runs.answers import answer_wait
from runtime.runs.end_reports import EndReports
from runtime.runs.registry import FoundRun, FoundWait, RunRegistry
from runtime.runs.resuming import require_resumed
from runtime.runs.streams import StreamEvent, StreamPage, follow_stream, read_page
from runtime.state.runs import HeldUndo, KeptKey
from runtime.state.waits import OpenWait


class RunOperations:
    """Finds runs, and operates on them. Args: the `runs` of a server, and who is told of ends."""

    def __init__(self, runs: RunRegistry, observer: Observer) -> None:
        self._runs = runs
        self._observer = observer

    async def run(self, id: UUID) -> FoundRun | None:  # noqa: A002 - the record's own word
        """A run of any app as it stands; None when there is none."""
        return await self._runs.find(id)

    async def kept_keys(self, found: FoundRun, limit: int = 1000) -> list[KeptKey]:
        """What is kept of a run beside its inputs: results of steps, and keys of its state.

        Args:
            found: the run.
            limit: of each kind, the first by name.
        """
        return await found.store.list_kept_keys(found.record.id, limit)

    async def kept_value(self, found: FoundRun, key: KeptKey) -> str | None:
        """The value of a key of a run, JSON; None where it is gone."""
        store, run = found.store, found.record.id
        return await (store.result(run, key.name) if key.kind == "result" else store.read(run, key.name))

    async def ending_with(self, end: str, limit: int = 100_000) -> list[UUID]:
        """Runs whose id ends so, of whatever app, of each those accepted last.

        Args:
            end: in lower case.
            limit: runs of an app that are looked at.
        """
        stores = await self._runs.stores()
        return [run for _, store in stores for run in await store.find_by_id_suffix(end, limit)]

    async def cancel(self, id: UUID, operator: str) -> bool:  # noqa: A002 - the record's own word
        """Ends a run: what is under way commits nothing any more.

        Args:
            id: of the run.
            operator: who says so, for the audit.

        Returns:
            Whether it was still going on.

        Raises:
            RunNotFoundError: there is no such run.
        """
        found = await self._find_or_raise(id)
        if await found.store.cancel(id, operator) is None:
            return False
        record = await found.store.get(id)
        if record is not None and record.is_over:
            EndReports(found.store, self._observer).emit(record)  # confirmed by a worker, which emits it again
        return True

    async def resume(self, id: UUID, operator: str) -> None:  # noqa: A002 - the record's own word
        """Lets a failed run go on from the step that failed, keeping what is committed.

        Args:
            id: of the run.
            operator: who says so, for the audit.

        Raises:
            RunNotFoundError: there is no such run.
            RunNotFailedError: it goes on, has ended well, or was cancelled.
        """
        found = await self._find_or_raise(id)
        require_resumed(id, await found.store.resume(id, operator))

    async def undo(self, id: UUID, operator: str) -> bool:  # noqa: A002 - the record's own word
        """Undoes what a run that has ended has done and not undone, and tries undos again that have failed.

        Args:
            id: of the run.
            operator: who says so, for the audit.

        Returns:
            Whether there is anything to undo.

        Raises:
            RunNotFoundError: there is no such run.
            RunGoesOnError: it goes on: a cancel undoes it.
        """
        found = await self._find_or_raise(id)
        undoing = await found.store.undo(id, operator)
        if undoing == "running":
            raise RunGoesOnError(f"run {id} goes on: cancel it, and what it has done is undone")
        return undoing == "undoing"

    async def to_come(self, run: FoundRun) -> dict[str, tuple[str, ...]]:
        """Steps of a run that have not begun, each after those that it waits for, which are told by name; none where
        the run began before shapes were kept."""
        text = await run.store.get_shape(run.record.shape_digest) if run.record.shape_digest else ""
        if not text:
            return {}
        unbegun = await run.store.find_unbegun_places(run.record.id)
        return {name: step.waits_for for name, step in Shape.parse(text).steps.items() if name in unbegun}

    async def has_undos(self, id: UUID) -> bool:  # noqa: A002 - the record's own word
        """Whether something of a run is left to undo.

        Raises:
            RunNotFoundError: there is no such run.
        """
        found = await self._find_or_raise(id)
        return await found.store.has_undos(id)

    async def held_undo(self, id: UUID) -> HeldUndo | None:  # noqa: A002 - the record's own word
        """The undo of a run that comes next, while it waits for the lease of an attempt that was cut off.

        Raises:
            RunNotFoundError: there is no such run.
        """
        found = await self._find_or_raise(id)
        return await found.store.find_held_undo(id)

    async def undo_failures(self, limit: int = 100) -> list[FoundRun]:
        """Runs of which an undo has failed for good and nobody has tried it again, of each app those first that are so
        the longest.

        Args:
            limit: runs of an app, at most.
        """
        return [
            FoundRun(app, record, store)
            for app, store in await self._runs.stores()
            for record in await store.undo_failures(limit)
        ]

    async def filter_ended_runs(self, runs: Sequence[tuple[str, UUID]]) -> set[UUID]:
        """Those of some runs, each of an app, that have ended."""
        by_app: dict[str, list[UUID]] = defaultdict(list)
        for app, run in runs:
            by_app[app].append(run)
        found = [await self._runs.store(app).statuses(ids) for app, ids in by_app.items()]
        return {run for one in found for run, status in one.items() if status not in ("running", "undoing")}

    async def waits(self, id: UUID) -> list[OpenWait]:  # noqa: A002 - the record's own word
        """What a run that goes on waits for, the longest first.

        Raises:
            RunNotFoundError: there is no such run.
        """
        found = await self._find_or_raise(id)
        return await found.store.waits(id) if found.record.status == "running" else []

    async def all_waits(self, limit: int = 100) -> list[FoundWait]:
        """What runs that go on wait for now, whatever became of their spans, the longest first.

        Args:
            limit: waits, at most.
        """
        found = [
            FoundWait(FoundRun(app, record, store), wait)
            for app, store in await self._runs.stores()
            for record, wait in await store.all_waits(limit)
        ]
        return sorted(found, key=lambda one: (one.wait.since_ms, one.run.record.id, one.wait.name))[:limit]

    async def answer(
        self,
        id: UUID,  # noqa: A002 - the record's own word
        name: str,
        value: Any,
        operator: str,
        *,
        key: str = "",
        way: str = "",
        early: bool = False,
    ) -> bool:
        """Answers what a run waits for.

        Args:
            id: of the run.
            name: of the wait; `key` tells apart several of one name.
            value: plain JSON.
            operator: who answers, for the audit; `way` says there by which way it came.
            early: keep it where no step waits for it yet.

        Returns:
            Whether a step waits for it now; else it is kept for one that will.

        Raises:
            RunNotFoundError: there is no such run.
            AnswerRefusedError: the answer does not fit, another was first, or nobody waits any more, or yet.
        """
        found = await self._find_or_raise(id)
        return await answer_wait(
            found.store, id, name, value, key=key, by=operator, operator=operator, way=way, early=early
        )

    async def read_stream_page(self, id: UUID, after: int, limit: int) -> StreamPage:  # noqa: A002 - the record's own word
        """What a run has streamed after an offset, so many events at most, and how it stands.

        Raises:
            QueryError: nothing has that offset yet.
            RunNotFoundError: there is no such run.
        """
        return await read_page((await self._find_or_raise(id)).store, id, after, limit)

    async def stream(self, id: UUID, after: int = 0) -> AsyncGenerator[StreamEvent]:  # noqa: A002 - the record's own word
        """Yields what a run streams until it has ended; see `Run.stream`.

        Raises:
            QueryError: nothing has that offset yet.
            RunNotFoundError: there is no such run.
        """
        reading = follow_stream((await self._find_or_raise(id)).store, id, after)
        try:
            async for event in reading:
                yield event
        finally:
            await reading.aclose()

    async def _find_or_raise(self, id_: UUID) -> FoundRun:
        found = await self._runs.find(id_)
        if found is None:
            raise RunNotFoundError(f"no app has a run {id_} on this server")
        return found
