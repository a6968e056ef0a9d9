"""The app: what its author declares, and the door to running it."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from opentelemetry.sdk.trace import TracerProvider
from pydantic_core import to_jsonable_python
from redis.exceptions import RedisError

from runtime import settings as environment
from runtime.client.run import Run
from runtime.client.session import BuiltApp, Session
from runtime.client.trigger import publish_event, start_run
from runtime.definitions.subscription import Subscription, subscription
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry
from runtime.server.names import checked_name
from runtime.settings import Settings
from runtime.worker.worker import GRACE, Worker

Function = TypeVar("Function", bound=Callable[..., Any])

#: Seconds that leaving `async with app:` waits at most for deliveries that are still due.
DRAIN: Final = 10.0
#: Seconds that work under way is given to end where that is left by an error.
GRACE_AFTER_ERROR: Final = 1.0
#: Seconds between two questions to a server that did not answer.
_ASK_AGAIN: Final = 0.5

_log = logging.getLogger("causeline")


class App:
    """Workflows and subscriptions under one name.

    Args:
        name: its `service.name`, and the `source` of its events.
        settings: by default from `CAUSELINE_*` variables, read when the app is opened.
        tracer_provider: the user's own, to export the app's spans; by default a private one, which is never set
            globally.

    Raises:
        DefinitionError: when the name has other characters than letters, digits and `._/-`.
    """

    def __init__(
        self, name: str, *, settings: Settings | None = None, tracer_provider: TracerProvider | None = None
    ) -> None:
        self.name = checked_name("app", name)
        self._settings = settings
        self._provider = tracer_provider
        self._workflows: dict[str, Workflow] = {}
        self._subscriptions: dict[tuple[str, str], Subscription] = {}
        self._session: Session | None = None
        self._worker: Worker | None = None
        self.shared = Shared(self)

    def workflow(self, name: str, /, **inputs: Any) -> Workflow:
        """Declares a workflow; its steps are declared on what this returns.

        Args:
            name: unique in the app.
            inputs: types of its inputs, by name.
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
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        agent: str | None = None,
    ) -> Callable[[Function], Function]:
        """Declares a handler: it takes an `Event[T]`, or the payload `T` alone, and a `Context` if it asks for one.

        Args:
            channel: whose events.
            group: shares the events among the workers that serve it; by default the function's name.
            retry: how often a delivery is tried before it goes dead; by default `Retry()`.
            timeout: seconds for one attempt; by default none.
            breaker: guards it together with all other work that declares the same name.
            agent: who does it, as telemetry calls it; by default the group's name.

        Raises:
            DefinitionError: when the group has a handler on that channel, or the signature asks for more.
        """

        def declare(function: Function) -> Function:
            name = checked_name("group", group or function.__name__)
            key = checked_name("channel", channel), name
            if timeout is not None and timeout <= 0:
                raise DefinitionError(f"group {name!r} has a timeout of {timeout} s: it must be more than 0")
            if key in self._subscriptions:
                raise DefinitionError(f"group {name!r} of channel {channel} has two handlers: rename one group")
            self._subscriptions[key] = subscription(
                function,
                channel=channel,
                group=name,
                retry=retry or Retry(),
                timeout=timeout,
                breaker=breaker,
                agent=agent or name,
            )
            return function

        return declare

    def build(self) -> BuiltApp:
        """Checks all declarations.

        Raises:
            DefinitionError: names the step, the parameter, what is available and the nearest.
        """
        workflows = {name: workflow.build() for name, workflow in self._workflows.items()}
        return BuiltApp(self.name, workflows, tuple(self._subscriptions.values()))

    async def open(self) -> Session:
        """Connects a session of its own; whoever calls closes it.

        Raises:
            DefinitionError, SettingsError, ServerError
        """
        return await Session.open(self.build(), self._settings or environment.load(), self._provider)

    async def __aenter__(self) -> Self:
        """Connects, and works in this process."""
        session = await self._connect()
        try:
            self._worker = await _started(session)
        except BaseException:
            await self._disconnect()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Does what is still due, then ends; after an error, what is under way has a second to end."""
        worker, self._worker = self._worker, None
        try:
            if worker is not None:
                await self._finish(worker, in_order=kind is None)
        finally:
            await self._disconnect()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Self]:
        """Connects without working: runs and events are left to workers elsewhere."""
        await self._connect()
        try:
            yield self
        finally:
            await self._disconnect()

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

        Arguments, result and errors are those of `start` and `Run.result`. Not for use inside an event loop.
        """

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
        """The connection.

        Raises:
            DefinitionError: when there is none; says how to open one.
        """
        if self._session is None:
            raise DefinitionError(
                f"app {self.name} is not connected: use `async with app:` to work in this process, "
                "or `async with app.client():` to leave the work to workers"
            )
        return self._session

    async def _connect(self) -> Session:
        if self._session is not None:
            raise DefinitionError(f"app {self.name} is connected already: leave the first `async with` before another")
        self._session = await self.open()
        return self._session

    async def _finish(self, worker: Worker, *, in_order: bool) -> None:
        grace = GRACE_AFTER_ERROR
        try:
            if in_order:
                await self._drain(worker)
                grace = GRACE
        finally:
            await worker.stop(grace)

    async def _drain(self, worker: Worker) -> None:
        deadline = time.monotonic() + DRAIN
        silence: RedisError | None = None
        while (left := deadline - time.monotonic()) > 0:
            try:
                await worker.drain(left)
            except RedisError as error:
                silence = error
                await asyncio.sleep(min(_ASK_AGAIN, max(0.0, deadline - time.monotonic())))
            else:
                return
        _log.warning(
            "%s: the server does not answer, and what is still due is left to other workers: %s", self.name, silence
        )

    async def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _started(session: Session) -> Worker:
    worker = Worker(session)
    try:
        await worker.start()
    except BaseException:
        await worker.stop(0)
        raise
    return worker


class Shared:
    """A small key-value of the whole app, on the server; for switches that all workers see."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def get(self, key: str, default: Any = None) -> Any:
        """The key's value as plain JSON, else `default`."""
        text = await self._app.session.store.read(None, key)
        return default if text is None else json.loads(text)

    async def put(self, key: str, value: Any) -> None:
        """Sets the key to a value (pydantic model, dataclass or plain JSON) at once."""
        await self._app.session.store.write(key, json.dumps(to_jsonable_python(value)))
