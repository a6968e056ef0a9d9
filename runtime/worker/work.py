"""What an attempt is made of: the work, and what its worker has to do it with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.budgets.contract import Accounts
from runtime.bus.contract import Bus
from runtime.bus.deliveries import Delivery, OutboxEntry
from runtime.bus.outbox_contract import Outbox
from runtime.clock import Clock
from runtime.dead_letters.reports import LetterReports
from runtime.definitions.context import Context, Rest
from runtime.definitions.key_rules import MOST_BYTES
from runtime.facts import AttemptEnded, DeliveryBegun, Observer, OpenAttempt, ShadowResult, StepBegun
from runtime.frozen import frozen
from runtime.inbox.inboxes import Inboxes
from runtime.outbox.relay import Relay
from runtime.redaction.redactor import IDLE, Redactor
from runtime.resilience.breaker import Breaker
from runtime.resilience.contract import Breakers
from runtime.resilience.retry import Retry
from runtime.runs.end_reports import EndReports
from runtime.semconv import DeliveryOutcome, InboxState, StepOutcome
from runtime.shadows.contract import Shadows
from runtime.state.contract import StateStore
from runtime.state.tasks import Claim
from runtime.worker.heartbeat import Heartbeat
from runtime.worker.settlement import ask_until_answered

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a worker, or a cell, has to do work with.

    Attributes:
        app: the app's name.
        consumer: the worker's name.
        isolated: it may begin work whose last worker is gone: it is a cell, or knows of no cells.
        version: of the app's code.
        lease_ms: how long work is its own between two renewals.
        sample_ratio: share of correlations that are kept where nobody has decided yet.
        reached: the connection on which the server takes writes now, as a number; 0 where it takes none.
        redactor: takes secrets out of errors, before they are written down.
        key_bytes: that the value of one key takes at most.
        inboxes: of databases that handlers write to.
    """

    app: str
    consumer: str
    isolated: bool
    lease_ms: int
    sample_ratio: float
    bus: Bus
    store: StateStore
    breakers: Breakers
    accounts: Accounts
    shadows: Shadows
    version: str
    relay: Relay
    observer: Observer
    clock: Clock
    heartbeat: Heartbeat
    ends: EndReports
    letters: LetterReports
    reached: Callable[[], Awaitable[int]]
    redactor: Redactor = IDLE
    key_bytes: int = MOST_BYTES
    inboxes: Inboxes = field(default_factory=Inboxes)

    def ask_until_answered(self, ask: Callable[[], Awaitable[Answer]]) -> Awaitable[Answer]:
        """Repeats an idempotent call until the server answers; see `settlement.ask_until_answered`."""
        return ask_until_answered(ask, self.reached)


@frozen()
class Finish:
    """How an attempt went: its outcome, its error, the keys that it has written, those that it could have read and has
    not used, what is left to do, what became of its writes to a database of its own, and how it did beside a step."""

    outcome: StepOutcome | DeliveryOutcome
    error: BaseException | None = None
    keys_written: tuple[str, ...] = ()
    keys_unused: tuple[str, ...] = ()
    follow: Callable[[], Awaitable[object]] | None = None
    inbox: InboxState | None = None
    beside: ShadowResult | None = None


#: Writes down how an attempt went. It is idempotent, and repeated until the server answers.
Settlement = Callable[[], Awaitable[Finish]]


@dataclass(frozen=True, slots=True)
class LostAttempt:
    """An attempt that never ended, because its worker is gone: how it began, and when that was noticed."""

    begun: StepBegun | DeliveryBegun
    ended: AttemptEnded


class Work(Protocol):
    """One claimed step, or one delivery, as whoever runs attempts sees it."""

    @property
    def what(self) -> str:
        """What it is, for messages, such as `step 'sorting'`."""
        ...

    @property
    def leased_item(self) -> Claim | Delivery:
        """What is renewed while it goes on."""
        ...

    @property
    def agent(self) -> str:
        """Whose work it is."""
        ...

    @property
    def function(self) -> Callable[..., Any]:
        """The user's code."""
        ...

    @property
    def timeout(self) -> float | None:
        """Seconds for one attempt; None for no limit."""
        ...

    @property
    def breaker(self) -> Breaker | None:
        """What guards it."""
        ...

    @property
    def retry(self) -> Retry:
        """How often it is tried."""
        ...

    @property
    def budget(self) -> UUID | None:
        """The innermost budget that holds over it; None where none does."""
        ...

    @property
    def parked_work(self) -> Parked:
        """It as it is parked where a budget is spent."""
        ...

    async def begin(self) -> bool:
        """Records that an attempt begins; False when there is nothing to run: it is stale, done, poison, or left to a
        cell."""
        ...

    def find_lost_attempt(self) -> LostAttempt | None:
        """The attempt before this one, if it never ended."""
        ...

    def build_begun_fact(self) -> StepBegun | DeliveryBegun:
        """The fact that the attempt begins."""
        ...

    def context(self, rest: Rest, attempt: OpenAttempt) -> Context:
        """What the user's code is given in an attempt, and what its commit empties."""
        ...

    def arguments(self, context: Context) -> Mapping[str, Any]:
        """What the user's code is called with, by name.

        Raises:
            UndecodableError: when a value is not there, or does not fit its parameter.
        """
        ...

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        """Commits what there is to be committed without the user's code; None where that is to be called.

        The context is given and not kept: it leads back to the work, and a circle of forty objects a step would wait
        for a collection of garbage.

        Raises:
            Exception: whatever the user's condition raises.
        """
        ...

    def success(self, value: Any, context: Context) -> Settlement:
        """Commits what the user's code returned and asked for.

        Raises:
            UnencodableError: when a value can't travel.
        """
        ...

    def failure(self, error: BaseException, took: float, *, is_spared: bool = False) -> Settlement:
        """Books another attempt, or gives the work up; `took` is in seconds. One that is spared uses up none of its
        attempts where it has more than one: it was let through to see whether its breaker may close."""
        ...

    def cancelled_finish(self) -> Finish:
        """How an attempt went that its worker could not wait for."""
        ...

    async def release_resources(self) -> None:
        """Lets go of what the attempt has held outside, whatever became of it."""
        ...

    async def postpone(self, delay_ms: int) -> object:
        """Puts the work off: no attempt has begun."""
        ...

    async def release(self) -> object:
        """Gives the work up that is cut off: another attempt is due at once, and nobody is blamed."""
        ...


def build_outbox_follow_up(
    relay: Relay, outbox: Outbox, entries: list[OutboxEntry], *, in_order: bool = False
) -> Callable[[], Awaitable[object]] | None:
    """Carries what was committed; None where nothing was. In order, what others have committed before and not carried
    yet goes first: the worker of an earlier event of the key may be gone."""
    if not entries:
        return None
    return (lambda: relay.sweep(outbox, 0)) if in_order else (lambda: relay.carry(outbox, entries))


async def settle_waiting() -> Finish:
    """How an attempt went whose step waits: it has been written down where that was asked for."""
    return Finish(StepOutcome.WAITING)


async def settle_stale() -> Finish:
    """How an attempt went whose step is another's by now."""
    return Finish(StepOutcome.STALE)
