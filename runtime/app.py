"""The app: what its author declares, and the door to running it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from opentelemetry.sdk.trace import TracerProvider

from runtime import settings as environment
from runtime.bus.contract import Start
from runtime.client.per_loop import PerLoop
from runtime.client.run import Run
from runtime.client.session import BuiltApp, Means, Session
from runtime.client.shared import Shared
from runtime.client.trigger import publish_event, start_run
from runtime.clock import Clock
from runtime.definitions.callables import name_of
from runtime.definitions.subscription import Handler, subscribed
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError, ServerError
from runtime.facts import Observer
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.server.names import checked_name
from runtime.settings import Settings
from runtime.worker.worker import Worker

Function = TypeVar("Function", bound=Callable[..., Any])

#: Seconds that leaving `async with app:` waits at most for deliveries that are still due.
DRAIN: Final = 10.0
#: Seconds that work under way is given to end where that is left in order, and where it is left by an error.
GRACE: Final = 30.0
GRACE_AFTER_ERROR: Final = 1.0
#: Seconds between two questions to a server that did not answer.
_ASK_AGAIN: Final = 0.5

_log = logging.getLogger("causeline")


class App:
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
        self.name = checked_name("app", name)
        self.version = version
        self._settings = settings
        self._provider = tracer_provider
        self._observer = observer
        self._clock = clock
        self._workflows: dict[str, Workflow] = {}
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._sessions = PerLoop(self.open, Session.close)
        self._workers = PerLoop(self._started, _cut_off)
        self.shared = Shared(lambda: self.session)

    def workflow(self, name: str, /, **inputs: Any) -> Workflow:
        """Declares a workflow; its steps are declared on what this returns.

        Args:
            name: unique in the app.
            inputs: types of its inputs, by name. One whose type takes None may be left out.
        """
        if name in self._workflows:
            raise DefinitionError(f"app {self.name} has two workflows named {name!r}: rename one of them")
        workflow = self._workflows[name] = Workflow(name, inputs)
        return workflow

    def subscribe(
        self,
        channel: str,
        *,
        group: str | None = None,
        start: Start = "",
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        agent: str | None = None,
    ) -> Callable[[Function], Function]:
        """Declares a handler: it takes an `Event[T]`, or the payload `T` alone, and a `Context` if it asks for one.

        Args:
            channel: whose events.
            group: shares the events among the workers that serve it; by default the app's name, a dot, and the
                function's.
            start: where a new group begins: `earliest` for all events that are still kept, `latest` for those that
                come; by default the earliest for the first group that a channel ever has, else the latest.
            retry: how often a delivery is tried before it goes dead; by default `Retry()`.
            timeout: seconds for one attempt; by default none.
            breaker: guards it together with all other work that declares the same name.
            agent: who does it, as telemetry calls it; by default the group's or the function's name.

        Raises:
            DefinitionError: when the group has a handler on that channel.
        """

        def declare(function: Function) -> Function:
            name = checked_name("group", group or name_of(function, "handler"))
            key = checked_name("channel", channel), name
            if timeout is not None and timeout <= 0:
                raise DefinitionError(f"group {name!r} has a timeout of {timeout} s: it must be more than 0")
            if start not in ("", "earliest", "latest"):
                raise DefinitionError(f"group {name!r} can't start at {start!r}: say earliest or latest")
            if key in self._handlers:
                raise DefinitionError(f"group {name!r} of channel {channel} has two handlers: rename one group")
            self._handlers[key] = Handler(
                channel=channel,
                group=group or "",
                function=function,
                retry=retry or Retry(),
                timeout=timeout,
                breaker=breaker,
                agent=agent or "",
                start=start,
            )
            return function

        return declare

    def build(self) -> BuiltApp:
        """Checks all declarations.

        Raises:
            DefinitionError: names the step, the parameter, what is available and the nearest.
        """
        workflows = {name: workflow.build() for name, workflow in self._workflows.items()}
        subscriptions = tuple(subscribed(handler, self.name) for handler in self._handlers.values())
        return BuiltApp(self.name, self.version, workflows, subscriptions)

    async def open(self) -> Session:
        """Connects a session of its own; whoever calls closes it.

        Raises:
            DefinitionError, SettingsError, ServerError
        """
        means = Means(self._settings or environment.load(), self._provider, self._observer, self._clock)
        return await Session.open(self.build(), means)

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
            await self._workers.release(self._finish if kind is None else None)
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
            await self._sessions.release(Session.close)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Session]:
        """Connects the running event loop, for whoever works in it: its code finds the connection as `session`."""
        async with self.client():
            yield self.session

    def shutdown(self) -> float:
        """Seconds from the signal that tells a worker of the app to end until it has ended.

        Raises:
            SettingsError: a variable does not parse.
        """
        return (self._settings or environment.load()).shutdown

    async def start(
        self, workflow: Workflow, /, *, subject: str = "", correlation_id: UUID | None = None, **inputs: Any
    ) -> Run:
        """Starts a run. Inside a step or handler it is caused by that.

        Args:
            workflow: one of this app's.
            subject: what the run is about, such as an order's number; its events inherit it.
            correlation_id: by default that of the surrounding work, else of OpenTelemetry baggage, else a new one.
            inputs: by name.

        Raises:
            DefinitionError: inputs are missing or unknown.
            UndecodableError: an input does not fit its type.
        """
        session = self.session
        built = session.app.workflows.get(workflow.name)
        if built is None:
            raise DefinitionError(f"app {self.name} has no workflow {workflow.name!r}")
        return await start_run(session, built, inputs, subject, correlation_id)

    def run(
        self, workflow: Workflow, /, *, subject: str = "", correlation_id: UUID | None = None, **inputs: Any
    ) -> Any:
        """Starts a run, works in this process until it has ended and its events are delivered, and returns its result.

        Arguments, result and errors are those of `start` and `Run.result`.

        Raises:
            DefinitionError: an event loop runs in this thread; says what to write instead.
        """
        _refuse_loop(self.name)

        async def once() -> Any:
            async with self:
                run = await self.start(workflow, subject=subject, correlation_id=correlation_id, **inputs)
                return await run.result()

        return asyncio.run(once())

    async def publish(self, channel: str, data: Any, *, subject: str = "", correlation_id: UUID | None = None) -> UUID:
        """Publishes an event and returns its id: at once, or, inside a step or handler, when that commits (it is
        `Context.publish` there, and belongs to that correlation).

        Args:
            channel: its name.
            data: pydantic model, dataclass or plain JSON.
            subject: what it is about.
            correlation_id: as in `start`.

        Raises:
            StreamFullError: the channel is at its cap; nothing was published.
        """
        return await publish_event(self.session, channel, data, subject, correlation_id)

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

    async def _started(self) -> Worker:
        worker = Worker(self.session)
        try:
            await worker.start()
        except BaseException:
            await worker.stop(0)
            raise
        return worker

    async def _finish(self, worker: Worker) -> None:
        grace = GRACE_AFTER_ERROR
        try:
            await self._drain(worker)
            grace = GRACE
        finally:
            await worker.stop(grace)

    async def _drain(self, worker: Worker) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN
        silence: ServerError | None = None
        while (left := deadline - loop.time()) > 0:
            try:
                await worker.drain(left)
            except ServerError as error:
                silence = error
                await asyncio.sleep(min(_ASK_AGAIN, max(0.0, deadline - loop.time())))
            else:
                return
        _log.warning("%s: what is still due is left to other workers: %s", self.name, silence)


async def _cut_off(worker: Worker) -> None:
    await worker.stop(GRACE_AFTER_ERROR)


def _refuse_loop(app: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise DefinitionError(
        f"app.run of {app} can't be used where an event loop runs, as in a notebook or a web request: write "
        "`async with app: run = await app.start(...); result = await run.result()`, or `async with app.client():` "
        "where workers do the work"
    )
