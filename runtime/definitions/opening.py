"""Opens the context of one attempt."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, Final

from runtime.budgets.usage import Usage
from runtime.clock import Clock
from runtime.definitions.buffer import Buffer, ReadState, State
from runtime.definitions.calls import StepCapabilities
from runtime.definitions.context import Context, Rest
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.position import AttemptIdentity, Position

#: What holds where nothing is said of keys.
_FREE: Final = KeyRules()


def open_context(
    position: Position,
    which: AttemptIdentity,
    buffer: Buffer,
    read: ReadState,
    clock: Clock,
    rest: Rest = nullcontext,
    means: StepCapabilities | None = None,
    spend: Callable[[Usage], Awaitable[None]] | None = None,
    rules: KeyRules = _FREE,
    begin: Callable[[], Awaitable[Any]] | None = None,
) -> Context:
    """A context for one attempt; its commit empties the buffer.

    Args:
        position: where the attempt stands in the causal graph.
        which: the attempt.
        buffer: what it asks for beside its result.
        read: reads a durable key of its run or group, as JSON.
        clock: gives the times of what it asks for.
        rest: entered while it waits for other work, so that its slot is free.
        means: what only steps can do; None in a handler.
        spend: charges the budgets over it; None where there is none.
        rules: which keys it may read and write.
        begin: begins the transaction of a handler that has an inbox; None in any other work.
    """
    return Context(
        app=position.source,
        node_id=position.node_id,
        correlation_id=position.correlation_id,
        attempt=which.attempt,
        round=which.round,
        index=which.index,
        undoes=which.undoes,
        subject=position.subject,
        run_id=which.run_id,
        event_id=which.event_id,
        state=State(buffer, read, rules),
        position=position,
        buffer=buffer,
        clock=clock,
        rest=rest,
        means=means,
        spend=spend,
        begin=begin,
    )
