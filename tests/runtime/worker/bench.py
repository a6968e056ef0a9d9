"""One app with one piece of work, a step or a handler: what holds for both is tested once, by both."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from runtime import App
from runtime.bus.deliveries import Delivery, Loss
from runtime.bus.keys import ChannelKeys
from runtime.bus.ledger import read_ledger
from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.client.run import Run
from runtime.clock import Clock
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.resilience.retry import Retry
from runtime.settings import Settings
from runtime.state.runs import RunRecord
from runtime.state.tasks import Claim, Commit, Task, token_of
from runtime.testing import RecordedAttempt, Recorder
from tests.contract.made import TRACE
from tests.waiting import until

#: Tried at once, three times.
QUICK: Final = Retry(attempts=3, first_delay=0, max_delay=0)
ONCE: Final = Retry(attempts=1)

NAME: Final = "work"
CHANNEL: Final = "orders"
STREAM: Final = ChannelKeys(CHANNEL).stream

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass
class Parcel:
    """A payload with a type."""

    parcel: int


@dataclass(frozen=True)
class End:
    """How the work ended: well, or given up with an error."""

    ok: bool
    error_type: str = ""
    message: str = ""


WELL: Final = End(ok=True)


class Bench(ABC):
    """The app, and its work named `work`, which takes an `order` and a context if it asks for one.

    Attributes:
        kind: `step` or `handler`.
        noun: what messages call it.
    """

    kind: str
    noun: str

    def __init__(self, settings: Settings, facts: Recorder, clock: Clock | None = None) -> None:
        self.settings = settings
        self.facts = facts
        self.app = App("logistics", settings=settings, observer=facts, clock=clock)

    def again(self, **changes: Any) -> "Bench":
        """The same on other settings, with an app of its own."""
        return type(self)(self.settings.model_copy(update=changes), self.facts)

    @abstractmethod
    def work(self, **options: Any) -> Callable[[Function], Function]:
        """Declares the work."""

    @abstractmethod
    async def begin(self, order: Any = 7) -> Any:
        """Has it done for an order; what was begun."""

    @abstractmethod
    async def ended(self, order: int = 0) -> End:
        """Waits for the end of what was begun as the `order`-th."""

    @abstractmethod
    async def takes(self, consumer: str) -> Any:
        """Begins it by hand, in the name of a worker that is not there; what that holds."""

    @abstractmethod
    async def loses(self, consumer: str, loss: Loss) -> int:
        """Takes from a worker what it holds, as whoever noticed its loss; how much that was."""

    @abstractmethod
    async def isolates(self, consumer: str) -> Any:
        """Takes by hand what waits for a cell, and begins it; what `consumer` holds."""

    @abstractmethod
    async def finishes(self, held: Any, consumer: str) -> bool:
        """Commits by hand what a worker holds; whether it was still its own."""

    @property
    def attempts(self) -> list[RecordedAttempt]:
        """All attempts at it."""
        return list(self.facts.attempts)

    @property
    def outcomes(self) -> list[tuple[int, str]]:
        """The number and the outcome of each attempt that has ended."""
        words = {"failed": "given up", "dead_letter": "given up"}
        told = [(one.begun.attempt, one.ended.outcome.value) for one in self.attempts if one.ended]
        return [(number, words.get(word, word)) for number, word in told]


class StepBench(Bench):
    """The work is the only step of a workflow."""

    kind = "step"
    noun = "step 'work'"

    def __init__(self, settings: Settings, facts: Recorder, clock: Clock | None = None) -> None:
        super().__init__(settings, facts, clock)
        self.workflow = self.app.workflow("shipment", order=Any)
        self.runs: list[Run] = []

    def work(self, **options: Any) -> Callable[[Function], Function]:
        return self.workflow.step(name=NAME, **options)

    async def begin(self, order: Any = 7) -> Run:
        self.runs.append(await self.app.start(self.workflow, order=order))
        return self.runs[-1]

    async def ended(self, order: int = 0) -> End:
        record = await until(lambda: self._ended(order), "the run has ended")
        return End(record.status == "ok", record.error_type, record.error)

    async def takes(self, consumer: str) -> Claim:
        claim = await self.app.session.store.claim(self._task, token_of(consumer, "1"), 60_000, [])
        assert claim is not None
        return claim

    async def loses(self, consumer: str, loss: Loss) -> int:
        return await self.app.session.store.forfeit(consumer, loss)

    async def isolates(self, consumer: str) -> Claim:
        claim = await self.app.session.store.claim(self._task, token_of(consumer, "1"), 60_000, [], isolated=True)
        assert claim is not None
        return claim

    async def finishes(self, held: Claim, consumer: str) -> bool:
        return await self.app.session.store.commit(held, Commit("2")) is not None

    @property
    def _task(self) -> Task:
        return Task(self.runs[0].id, "shipment", NAME)

    async def _ended(self, order: int) -> RunRecord | None:
        record = await self.app.session.store.get(self.runs[order].id)
        return record if record is not None and record.status != "running" else None


class HandlerBench(Bench):
    """The work is the handler of a group."""

    kind = "handler"
    noun = "group work"

    def __init__(self, settings: Settings, facts: Recorder, clock: Clock | None = None) -> None:
        super().__init__(settings, facts, clock)
        self.events: list[Any] = []

    def work(self, **options: Any) -> Callable[[Function], Function]:
        return self.app.subscribe(CHANNEL, group=NAME, **options)

    async def begin(self, order: Any = 7) -> Any:
        self.events.append(await self.app.publish(CHANNEL, order))
        return self.events[-1]

    async def ended(self, order: int = 0) -> End:
        return await until(lambda: self._ended(order), "the delivery has ended")

    async def takes(self, consumer: str) -> Delivery:
        bus = self.app.session.bus
        (delivery,) = await until(lambda: bus.read(CHANNEL, NAME, consumer, 1, 20))
        await self._begin(delivery, consumer)
        return delivery

    async def loses(self, consumer: str, loss: Loss) -> int:
        return await self.app.session.bus.forfeit(CHANNEL, NAME, consumer, loss)

    async def isolates(self, consumer: str) -> Delivery:
        bus = self.app.session.bus
        (suspect,) = await bus.suspects(CHANNEL, NAME, 1)
        assert await bus.claim(suspect.delivery, consumer)
        await self._begin(suspect.delivery, consumer)
        return suspect.delivery

    async def finishes(self, held: Delivery, consumer: str) -> bool:
        return await self.app.session.bus.ack(held, consumer, (), {}) is not None

    @property
    def letters(self) -> DeadLetters:
        """All that went dead."""
        return DeadLetters(self.app.session.server.client)

    async def letter(self) -> DeadLetter:
        """The dead letter of what was given up."""

        async def whole() -> DeadLetter | None:
            page = await self.letters.page(LetterFilter(), 10, None)
            return await self.letters.get(page.items[0].id) if page.items else None

        return await until(whole, "there is a dead letter")

    async def _begin(self, delivery: Delivery, consumer: str) -> None:
        await self.app.session.bus.begin(delivery, consumer, TRACE.trace_id, isolated=True, kills=1000, vanishings=1000)

    async def _ended(self, order: int) -> End | None:
        delivery = identity.delivery_id(self.events[order], NAME, 0)
        letter = await self.letters.get(identity.dead_letter_id(delivery))
        if letter is not None:
            return End(ok=False, error_type=letter.error_type, message=letter.message)
        done = ChannelKeys(CHANNEL).done_mark(NAME, self.events[order])
        return WELL if await self.app.session.server.client.exists(done) else None


async def counts(app: App, group: str = NAME, channel: str = CHANNEL) -> dict[str, int]:
    """The counters of a group that are not zero."""
    ledgers = await read_ledger(app.session.server.client, 60_000)
    found = next(one for ledger in ledgers if ledger.channel == channel for one in ledger.groups if one.group == group)
    names = ("owed", "done", "pending", "retrying", "dead", "discarded")
    return {name: value for name in names if (value := getattr(found, name))}


async def count(app: App, **expected: int) -> None:
    """Waits until the counters of the handler's group are what is expected; the others are zero."""

    async def reached() -> bool:
        found = await counts(app)
        return {name: value for name, value in found.items() if name != "owed"} == expected

    await until(reached, f"the group has {expected}")
