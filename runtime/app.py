"""The app: what its author declares, and the door to running it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from opentelemetry.sdk.trace import TracerProvider

from runtime.budgets.budget import Budget
from runtime.causality.identity import as_uuid
from runtime.client.per_loop import PerLoop, refuse_loop
from runtime.client.run import Run
from runtime.client.session import Session, SessionOptions
from runtime.client.shared import Shared
from runtime.client.trigger import TriggerOptions, get_run, publish_event, start_run
from runtime.clock import Clock
from runtime.definitions.deadline import By
from runtime.definitions.declarations import Declarations
from runtime.definitions.event_timing import After
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.facts import Observer
from runtime.rabbitmq.contract import Bridge
from runtime.settings import Settings
from runtime.worker.embedded_worker import finish_worker, start_worker, stop_worker_soon

Function = TypeVar("Function", bound=Callable[..., Any])


class App(Declarations):
    """Workflows and subscriptions under one name.

    Args:
        name: its `service.name`, and the `source` of its events.
        version: of its code, as its author counts; it shows on workers and runs.
        settings: by default from `CAUSELINE_*` variables, read when the app is opened.
        tracer_provider: the user's own, to export the app's spans; by default a private one, which is never set
            globally.
        observer: takes the app's facts instead of telemetry; for tests.
        clock: by default the machine's; for tests.

    Raises:
        DefinitionError: when the name has other characters than letters, digits and `._/-`.
    """

    def __init__(
        self,
        name: str,
        *,
        version: str = "",
        settings: Settings | None = None,
        tracer_provider: TracerProvider | None = None,
        observer: Observer | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(name, version)
        #: Taken when the app is connected.
        self.options = SessionOptions(settings, tracer_provider, observer, clock)
        self._sessions = PerLoop(self.open, Session.close)
        self._workers = PerLoop(lambda: start_worker(self.session), stop_worker_soon)
        self.shared = Shared(lambda: self.session)

    async def open(self) -> Session:
        """Connects a session of its own; whoever calls closes it.

        Raises:
            DefinitionError, SettingsError, ServerError
        """
        return await Session.open(self.build(), self.options)

    async def __aenter__(self) -> Self:
        """Connects, and works in this process. Several users of one event loop share one session and one worker."""
        await self._sessions.acquire()
        try:
            await self._workers.acquire()
        except BaseException:
            await self._sessions.release()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The last user does what is still due, then ends; after an error, what is under way has a second to end."""
        try:
            await self._workers.release(partial(finish_worker, self.name) if kind is None else None)
        finally:
            await self._sessions.release()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Self]:
        """Connects without working: runs and events are left to workers elsewhere. Several users of one event loop
        share one session."""
        await self._sessions.acquire()
        try:
            yield self
        finally:
            await self._sessions.release()

    @asynccontextmanager
    async def open_session(self) -> AsyncIterator[Session]:
        """Connects the running event loop, for whoever works in it: its code finds the connection as `session`."""
        async with self.client():
            yield self.session

    async def drain(self, timeout: float) -> bool:
        """Waits until nothing is due any more, inside of `async with app`; retries that wait for later don't count.

        Args:
            timeout: seconds at most.

        Returns:
            Whether all was done in time.
        """
        worker = self._workers.current
        if worker is None:
            raise DefinitionError(f"app {self.name} does not work here: use `async with app:`")
        return await worker.drain(timeout)

    def prepare(self) -> None:
        """Makes what opening the app needs that is no connection: settings, readers of types, expressions that find
        secrets. A process that is forked after it opens the app in a quarter of the time.

        Raises:
            DefinitionError, SettingsError
        """
        self.build()
        settings = self.options.settings_now()
        settings.redactor()
        self.options = replace(self.options, settings=settings)

    def shutdown(self) -> float:
        """Seconds from the signal that tells a worker of the app to end until it has ended.

        Raises:
            SettingsError: a variable does not parse.
        """
        return self.options.settings_now().shutdown

    async def start(
        self,
        workflow: Workflow,
        /,
        *,
        subject: str = "",
        correlation_id: UUID | str | None = None,
        key: str = "",
        deadline: By | None = None,
        budget: Budget | None = None,
        **inputs: Any,
    ) -> Run:
        """Starts a run. Inside a step or handler it is caused by that, and an attempt that is repeated finds the run
        that it has started before.

        Args:
            workflow: one of this app's.
            subject: what the run is about, such as an order's number; its events inherit it.
            correlation_id: by default that of the surrounding work, else of OpenTelemetry baggage, else a new one.
            key: the caller's own: a start that is repeated with it, such as by a web request that is sent twice, finds
                the run of the first.
            deadline: when a run that has not ended fails: seconds, or a timedelta, from its start, or a moment with its
                zone; by default the workflow's.
            budget: what it and all that it causes may cost; it is charged to those that hold over its cause as well.
            inputs: by name.

        Raises:
            DefinitionError: inputs are missing or unknown, subject or key are no text, or the deadline has passed.
            KeyConflictError: the key was given with other inputs before.
            QueryError: the correlation id is none.
            ServerFullError: the server's memory is full.
            UndecodableError: an input does not fit its type.
        """
        session = self.session
        name: str = getattr(workflow, "name", "")
        built = session.app.workflows.get(name)
        if built is None:
            raise DefinitionError(
                f"app {self.name} has no workflow {name or workflow!r}: give what app.workflow() made"
            )
        return await start_run(
            session, built, inputs, TriggerOptions.of(subject, correlation_id, key, deadline, budget)
        )

    async def get_run(self, id: UUID | str) -> Run:  # noqa: A002 - the record's own word
        """A run that this or any other process has started: for its status and result, to cancel or resume it.

        Raises:
            RunNotFoundError: the app has no such run.
        """
        return await get_run(self.session, as_uuid(id, "run"))

    def run(
        self, workflow: Workflow, /, *, subject: str = "", correlation_id: UUID | str | None = None, **inputs: Any
    ) -> Any:
        """Starts a run, works in this process until it has ended and its events are delivered, and returns its result.

        Arguments, result and errors are those of `start` and `Run.result`.

        Raises:
            DefinitionError: an event loop runs in this thread; says what to write instead.
        """
        refuse_loop(self.name)

        async def once() -> Any:
            async with self:
                run = await self.start(workflow, subject=subject, correlation_id=correlation_id, **inputs)
                return await run.result()

        return asyncio.run(once())

    async def publish(
        self,
        channel: str,
        data: Any,
        *,
        subject: str = "",
        correlation_id: UUID | str | None = None,
        key: str = "",
        budget: Budget | None = None,
        delay: After | None = None,
        expires: After | None = None,
    ) -> UUID:
        """Publishes an event and returns its id: at once, or, inside a step or handler, when that commits (it is
        `Context.publish` there).

        Args:
            channel: its name.
            data: pydantic model, dataclass or plain JSON.
            subject: what it is about.
            correlation_id: as in `start`.
            key: the caller's own: a publish that is repeated with it within a day adds nothing and returns the id of
                the first. Inside a step or handler there is no need of one, and none is taken.
            budget: what all that it causes may cost; of an event from outside alone.
            delay: seconds, or a timedelta, that it is held back, by the server's clock. Nobody cancels it.
            expires: seconds, or a timedelta, from now, after which no group begins with it any more.

        Raises:
            DefinitionError: no channel can have that name, subject or key are no text, delay or expiry can't be, or key
                or budget are given inside of a step or handler.
            KeyConflictError: the key was given with another payload before.
            QueryError: the correlation id is none.
            ServerFullError: the server's memory is full.
            StreamFullError: the channel is at its cap; nothing was published.
        """
        request = TriggerOptions.of(subject, correlation_id, key, None, budget, delay, expires)
        return await publish_event(self.session, channel, data, request)

    @property
    def session(self) -> Session:
        """The connection of the running event loop.

        Raises:
            DefinitionError: when there is none; says how to open one.
        """
        session = self._sessions.current
        if session is None:
            raise DefinitionError(
                f"app {self.name} is not connected here: use `async with app:` to work in this process, "
                "or `async with app.client():` to leave the work to workers"
            )
        return session

    def _current_bridge(self) -> Bridge:
        return Bridge(self.session.broker, self.session.observer)
