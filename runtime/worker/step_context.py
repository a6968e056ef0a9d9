"""What the code of a step is given to ask for: calls, waits, streams, and what all of it may cost."""

from collections.abc import Callable
from functools import partial

from runtime.budgets.account import Parked
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context, Rest, open_context
from runtime.definitions.position import Position, Turn
from runtime.facts import OpenAttempt
from runtime.resilience.limits import Limit
from runtime.state.tasks import Claim
from runtime.worker.counting import Counting
from runtime.worker.recorded_calls import RecordedCalls
from runtime.worker.spending import Spending
from runtime.worker.streaming import Streaming
from runtime.worker.waiting import Waiting
from runtime.worker.work import Equipment


def step_context(
    kit: Equipment,
    claim: Claim,
    position: Position,
    turn: Turn,
    work: Callable[[], Parked],
    attempt: OpenAttempt,
    rest: Rest,
    what: str,
    limit: Limit | None,
    *,
    is_told: bool,
) -> tuple[Context, Buffer]:
    """A context for one attempt, and the buffer that its commit empties.

    Args:
        kit: of the worker.
        claim: of the step.
        position: where the attempt stands in the causal graph.
        turn: which one it is.
        work: says how the step is parked where a budget is spent.
        attempt: under observation.
        rest: entered while the code waits for other work.
        what: the step, for messages.
        limit: of its agent.
        is_told: whether telemetry may carry what calls are given and return.
    """
    counting = Counting(kit, limit)
    leave = partial(kit.store.leave, claim)
    spending = Spending(kit, position.budget, work, claim.attempt, leave, counting)
    return open_context(
        position,
        turn,
        lambda key: kit.store.read(claim.task.run, key),
        kit.clock,
        rest,
        RecordedCalls(kit, claim, what, attempt, spending, is_told=is_told),
        Waiting(kit, claim, what),
        lambda buffer: Streaming(kit, claim, what, buffer),
        spending.spend,
    )
