"""Opens the context of one attempt."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, Final

from runtime.budgets.usage import Usage
from runtime.clock import Clock
from runtime.definitions.buffer import Buffer, ReadState, State
from runtime.definitions.calls import Means
from runtime.definitions.context import Context, Rest
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.position import Position, Turn

#: What holds where nothing is said of keys.
_FREE: Final = KeyRules()


def open_context(
    position: Position,
    turn: Turn,
    buffer: Buffer,
    read: ReadState,
    clock: Clock,
    rest: Rest = nullcontext,
    means: Means | None = None,
    spend: Callable[[Usage], Awaitable[None]] | None = None,
    rules: KeyRules = _FREE,
    begin: Callable[[], Awaitable[Any]] | None = None,
) -> Context:
    """A context for one attempt; its commit empties the buffer."""
    return Context(
        app=position.source,
        node_id=position.node_id,
        correlation_id=position.correlation_id,
        attempt=turn.attempt,
        round=turn.round,
        index=turn.index,
        undoes=turn.undoes,
        subject=position.subject,
        run_id=turn.run_id,
        event_id=turn.event_id,
        state=State(buffer, read, rules),
        position=position,
        buffer=buffer,
        clock=clock,
        rest=rest,
        means=means,
        spend=spend,
        begin=begin,
    )
