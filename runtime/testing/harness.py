"""An app under test: on an empty server of its own, with its facts recorded and a clock that the test turns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from runtime.app import App
from runtime.bus.envelope import Envelope
from runtime.bus.keys import ChannelKeys
from runtime.causality import identity
from runtime.causality.error_info import ErrorInfo
from runtime.client.run import Run
from runtime.codec.encode import encode
from runtime.definitions.subscription import Subscription
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.runs import ticks
from runtime.semconv import DeliveryOutcome, StepOutcome
from runtime.settings import Settings
from runtime.state.schedules import NotedTick
from runtime.testing.doubles import Recorder, TurnedClock
from runtime.testing.server import empty_server
from runtime.testing.server_time import advance_server_time

#: Seconds that a test waits for an attempt at most.
LIMIT: Final = 10.0
_LOOK: Final = 0.005


@dataclass(frozen=True, slots=True)
class Tried:
    """How one attempt at a delivery ended: its outcome (`ok`, `retry`, `dead_letter`, ...) and its error."""

    outcome: DeliveryOutcome | StepOutcome
    error: ErrorInfo | None


class Harness:
    """A connected app under test; made by `harness`.

    Attributes:
        app: the app.
        facts: what has happened, in order.
        clock: the app's, which `turn` turns.
    """

    def __init__(self, app: App, facts: Recorder, clock: TurnedClock) -> None:
        self.app = app
        self.facts = facts
        self.clock = clock

    async def start(self, workflow: Workflow, /, **inputs: Any) -> Run:
        """Starts a run; see `App.start`."""
        return await self.app.start(workflow, **inputs)

    async def run(self, workflow: Workflow, /, **inputs: Any) -> Any:
        """Starts a run, and returns its result when all that follows from it is done too: its events are delivered.

        Raises:
            RunFailedError, RunCancelledError: what kept it from a result.
            TimeoutError: it has none in time.
        """
        run = await self.start(workflow, **inputs)
        try:
            return await run.result(LIMIT)
        finally:
            await self.settle()

    async def tick(self, schedule: str) -> Run:
        """Has a schedule of the app tick; the run that it starts. By itself none does.

        Raises:
            DefinitionError: the app has no such schedule.
        """
        built = {one.schedule.name: one for one in self.app.build().schedules}
        if schedule not in built:
            names = ", ".join(built) or "none"
            raise DefinitionError(f"app {self.app.name} has no schedule {schedule!r}; its schedules: {names}")
        session, one = self.app.session, built[schedule]
        now_ms = await session.server.client.now_ms()
        tick = ticks.build_manual_tick(session.app.name, schedule, one.workflow.name, now_ms, "")
        starter = ticks.TickStarter(
            session.store, session.schedules, session.accounts, self.facts, session.app.name, session.app.version, 1.0
        )
        await starter.start_run(one, NotedTick(tick, now_ms))
        return await self.app.get_run(tick.run)

    async def settle(self) -> None:
        """Waits until nothing is due any more; what waits for a retry is due when the clock is turned.

        Raises:
            TimeoutError: something still goes on.
        """
        if not await self.app.drain(LIMIT):
            raise TimeoutError(f"app {self.app.name} still has work to do after {LIMIT:.0f} s")

    async def deliver(self, handler: Callable[..., Any] | str, data: Any, *, subject: str = "") -> Tried:
        """Owes an event to one group alone, and waits for the first attempt at it.

        Args:
            handler: the handler's function, or its group's name.
            data: the payload.
            subject: what the event is about.

        Raises:
            DefinitionError: the app has no such handler.
            TimeoutError: no attempt has ended in time.
        """
        one = self._subscription(handler)
        encoded = encode(data, f"the payload for channel {one.channel}")
        event = Envelope(
            id=identity.mint(),
            channel=one.channel,
            source=self.app.name,
            time_ns=self.clock.now_ns(),
            data=encoded.data,
            types=encoded.types,
            correlation_id=identity.mint(),
            subject=subject,
        )
        delivery = identity.delivery_id(event.id, one.group, 0)
        await self._enqueue_delivery(one, event, delivery)
        return await self._await_attempt(delivery)

    async def turn(self, seconds: float) -> None:
        """Lets time pass: what waits for its next attempt, or for a breaker, is due that much sooner."""
        self.clock.turn(seconds)
        await advance_server_time(self.app.session, int(seconds * 1000))

    async def _enqueue_delivery(self, one: Subscription, event: Envelope, delivery: UUID) -> None:
        client, keys = self.app.session.server.client, ChannelKeys(one.channel)
        record: dict[Any, Any] = {"e": event.encode(), "event": str(event.id), "round": "0"}
        await client.hset(keys.delivery(one.group, delivery), mapping=record)
        await client.hincrby(keys.counters, f"{one.group}:birth", -1)
        await client.hincrby(keys.counters, f"{one.group}:pending", 1)
        await client.xadd(keys.retries(one.group), {"d": str(delivery)})

    async def _await_attempt(self, delivery: UUID) -> Tried:
        async with asyncio.timeout(LIMIT):
            while True:
                for attempt in self.facts.attempts:
                    if attempt.begun.node_id == delivery and attempt.ended is not None:
                        return Tried(attempt.ended.outcome, attempt.ended.error)
                await asyncio.sleep(_LOOK)

    def _subscription(self, handler: Callable[..., Any] | str) -> Subscription:
        subscriptions = self.app.session.app.subscriptions
        own = [one for one in subscriptions if one.shadow_of is None]
        found = [one for one in own if handler in (one.function, one.group)]
        if len(found) != 1:
            groups = ", ".join(one.group for one in own) or "none"
            raise DefinitionError(f"app {self.app.name} has not one handler {handler!r}; its groups: {groups}")
        return found[0]


@asynccontextmanager
async def harness(app: App, *, works: bool = True) -> AsyncIterator[Harness]:
    """Connects an app to an empty embedded server, and works in this process.

    The server is started once for all tests of a process. Nothing is exported; facts are recorded. Settings that the
    app was given in code count, those of the environment don't. Schedules tick when the test says so (`Harness.tick`).

    Args:
        app: not connected yet; it is given back as it was.
        works: whether runs and events are worked on; if not, they wait.
    """
    facts, clock, former = Recorder(), TurnedClock(), app.options
    own = {} if former.settings is None else former.settings.model_dump(exclude_unset=True)
    settings = Settings(**own | {"redis_url": await empty_server(), "state_url": None, "telemetry": False})
    # A test must not depend on the time of the day at which it runs.
    app.options = replace(former, settings=settings, observer=facts, clock=clock, has_schedules=False)
    try:
        async with app if works else app.client():
            yield Harness(app, facts, clock)
    finally:
        app.options = former
