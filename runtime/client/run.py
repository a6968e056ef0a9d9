"""A run as its starter holds it."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from typing import Any, Final
from uuid import UUID

from runtime.client.answer_sender import answer_sender
from runtime.client.session import Session
from runtime.codec.codec import Codec
from runtime.codec.encoded import Encoded
from runtime.definitions.context import current_context
from runtime.definitions.shape import Shape
from runtime.definitions.steps import SKIPPED, BuiltWorkflow
from runtime.errors import (
    DefinitionError,
    RunCancelledError,
    RunDeadlineError,
    RunFailedError,
    RunNotFoundError,
)
from runtime.runs.answers import answer_wait
from runtime.runs.end_reports import EndReports
from runtime.runs.resuming import require_resumed
from runtime.runs.streams import StreamEvent, follow_stream
from runtime.semconv import RunOutcome
from runtime.server.news import NewsWaiter
from runtime.state.runs import RunRecord
from runtime.state.waits import wait_member

_log = logging.getLogger("causeline")

#: Seconds between two looks at a run whose end is told, the first and the longest: thousands may wait in one process.
_FIRST_LOOK: Final = 1.0
_LAST_LOOK: Final = 10.0
#: The same where it can't be heard.
_FIRST_DEAF_LOOK: Final = 0.01
_LAST_DEAF_LOOK: Final = 0.2
#: By how much the time between two looks grows.
_GROWTH: Final = 1.5
#: Seconds of waiting after which one looks for a live worker, and then again, until the caller is told of none.
_WARN_AFTER: Final = 2.0


class Run:
    """One run of a workflow, as anybody may hold it who knows its id.

    Attributes:
        id: its id.
        workflow: the workflow's name.
        correlation_id: shared by everything that the run causes.
    """

    def __init__(self, session: Session, id_: UUID, workflow: str, correlation_id: UUID) -> None:
        self._session = session
        self.id = id_
        self.workflow = workflow
        self.correlation_id = correlation_id

    async def status(self) -> str:
        """`running`, `undoing` (it will have failed, or be cancelled), `ok`, `failed` or `cancelled`."""
        return (await self._get_record()).status

    async def result(self, timeout: float | None = None) -> Any:
        """Waits for the run's end and returns what its last step returned, as that returned it; where several steps are
        last, a dict of theirs by name. A step or handler that waits here gives its slot to others meanwhile.

        Args:
            timeout: seconds to wait at most; None to wait for as long as it takes.

        Raises:
            TimeoutError: it has not ended in time; it goes on.
            RunFailedError: a step failed for good, or, as `RunDeadlineError`, its deadline has passed.
            RunCancelledError: somebody cancelled it.
        """
        context = current_context.get()
        with context.rest() if context else nullcontext():
            async with asyncio.timeout(timeout):
                record = await self._await_end()
        if record.status == RunOutcome.FAILED and record.error_type == RunDeadlineError.__name__:
            raise RunDeadlineError(f"run {self.id} was not done by its deadline: {record.error}")
        if record.status == RunOutcome.FAILED:
            raise RunFailedError(
                f"run {self.id} failed in step {record.failed_step!r}: {record.error_type}: {record.error}"
            )
        if record.status == RunOutcome.CANCELLED:
            raise RunCancelledError(f"run {self.id} was cancelled")
        built = self._session.app.workflows.get(self.workflow)
        if built is None:
            raise DefinitionError(
                f"run {self.id} is of workflow {self.workflow!r}, which app {self._session.app.name} has no more: "
                "nobody knows which of its steps is last"
            )
        results = {name: await self._read_result(name, built) for name in await self._find_sinks(record, built)}
        return next(iter(results.values())) if len(results) == 1 else results

    async def stream(self, after: int = 0) -> AsyncIterator[StreamEvent]:
        """Yields what the run's steps stream (`ctx.stream(chunk)`), as it comes, until the run has ended. The last
        event is of kind `end`, and carries how.

        What is streamed is told before its step commits. An event of kind `attempt` says that another attempt at a step
        has begun: what that step has streamed before is void. `gap` says that entries in the middle are gone, because
        only the newest are kept, `lost` that chunks could not be written down. A step or handler that reads gives its
        slot to others while it waits.

        Args:
            after: offset of the last event that the reader has; 0 to begin with the oldest that is kept.

        Raises:
            QueryError: no event has that offset yet.
            RunNotFoundError: there is no such run.
        """
        context = current_context.get()
        reading = follow_stream(self._session.store, self.id, after, context.rest if context else nullcontext)
        try:
            async for event in reading:
                yield event
        finally:
            await reading.aclose()

    async def send(self, name: str, value: Any, *, key: str = "", by: str = "") -> None:
        """Answers what a step of the run waits for (`ctx.wait_for(name)`), or will wait for. Sent from within a step or
        a handler it is sent at once, and that is a cause of the step which goes on with it; when another attempt sends
        it again, the first one stands.

        Args:
            name: of the wait.
            value: the answer; pydantic model, dataclass or plain JSON.
            key: tells apart several waits of one name.
            by: who answers; by default the app's name.

        Raises:
            AnswerRefusedError: it does not fit, another was first, or nobody waits any more; says which.
            RunNotFoundError: there is no such run.
        """
        what = wait_member(name, key)
        with answer_sender(current_context.get(), self.id, what) as sender:
            who = by or self._session.app.name
            await answer_wait(self._session.store, self.id, name, value, key=key, by=who, sender=sender)

    async def cancel(self) -> bool:
        """Ends the run: what is under way commits nothing any more. Whether it was still going on."""
        ended = await self._session.store.cancel(self.id)
        if ended is not None and ended.ended_ms is not None:
            ends = EndReports(self._session.store, self._session.observer)
            ends.emit(await self._get_record())
            await ends.confirm()
        return ended is not None

    async def resume(self, operator: str = "") -> None:
        """Lets a failed run go on from the step that failed, keeping what is committed. Its attempts are counted on,
        and it may fail as often again as at first.

        Args:
            operator: who says so, for the audit; by default the app's name.

        Raises:
            RunNotFoundError: there is no such run.
            RunNotFailedError: it goes on, has ended well, or was cancelled.
        """
        resumed = await self._session.store.resume(self.id, operator or self._session.app.name)
        require_resumed(self.id, resumed)

    async def _await_end(self) -> RunRecord:
        record = await self._get_record()
        if record.is_over:
            return record
        async with self._session.store.listen_for_end(self.id) as heard:
            return await self._poll_until_over(heard)

    async def _poll_until_over(self, heard: NewsWaiter) -> RunRecord:
        look, deaf_look, cancelled = _FIRST_LOOK, _FIRST_DEAF_LOOK, _count_cancellations()
        search = _WorkerSearch(self._session, self.id)
        while True:
            heard.come.clear()  # what is told from now on may be later than what is seen
            record = await self._get_record()
            if record.is_over:
                return record
            # Before Python 3.12 `asyncio.wait_for`, which redis-py sends through, loses a cancellation that comes as it
            # ends; whoever cancelled would wait for ever.
            if _count_cancellations() > cancelled:
                raise asyncio.CancelledError
            if heard.is_sure:
                wait, look = look, min(_LAST_LOOK, look * _GROWTH)
            else:
                wait, look, deaf_look = deaf_look, _FIRST_LOOK, min(_LAST_DEAF_LOOK, deaf_look * _GROWTH)
            await search.wait_and_search(heard, wait)

    async def _get_record(self) -> RunRecord:
        record = await self._session.store.get(self.id)
        if record is None:
            raise RunNotFoundError(f"no run has the id {self.id} on this server: was its data removed?")
        return record

    async def _find_sinks(self, record: RunRecord, built: BuiltWorkflow) -> Sequence[str]:
        """The run's last steps: those of the shape that it began with."""
        if record.shape_digest in ("", built.shape_digest):
            return built.sinks
        text = await self._session.store.get_shape(record.shape_digest)
        return Shape.parse(text).sinks if text else built.sinks

    async def _read_result(self, name: str, built: BuiltWorkflow) -> Any:
        step, text = built.steps.get(name), await self._session.store.result(self.id, name)
        if text is None or (text == SKIPPED and (step is None or step.may_be_skipped)):
            return None
        what = f"what step {name!r} returned"
        return (step.yields if step else Codec(Any, what)).decode(Encoded.parse(text), what)


def _count_cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


class _WorkerSearch:
    """Looks for somebody who works, while a caller waits for a run, and tells the caller of nobody, once."""

    def __init__(self, session: Session, run: UUID) -> None:
        self._session = session
        self._run = run
        self._pause = _WARN_AFTER
        self._next = asyncio.get_running_loop().time() + _WARN_AFTER

    async def wait_and_search(self, heard: NewsWaiter, seconds: float) -> None:
        """Waits until it is heard, for so many seconds at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not heard.come.is_set() and (now := loop.time()) < until:
            await heard.wait(max(0.0, min(until, self._next) - now))
            if loop.time() >= self._next:
                await self._look_for_worker(loop)

    async def _look_for_worker(self, loop: asyncio.AbstractEventLoop) -> None:
        if await self._session.attendance.has_live_worker():
            self._next = loop.time() + self._pause
            self._pause = min(_LAST_LOOK, self._pause * _GROWTH)
            return
        self._next = math.inf
        _log.warning(
            "run %s waits, and no worker of %s is alive: start one with `causeline worker MODULE:APP`, "
            "or use `async with app:` to work in this process",
            self._run,
            self._session.app.name,
        )
