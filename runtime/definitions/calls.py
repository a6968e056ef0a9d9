"""Recorded calls, waits and streams within a step: what whoever makes them is asked for."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol

from runtime.budgets.usage import Usage
from runtime.errors import DefinitionError
from runtime.resilience.breaker import Breaker
from runtime.resilience.retry import Retry

#: The name of the recorded call that the current code runs in; empty outside of one.
current_call: Final[ContextVar[str]] = ContextVar("causeline_call", default="")


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How a recorded call is made.

    Attributes:
        key: tells apart calls of one name within a step.
        retry: how often the function is tried within this attempt at the step; None for once.
        timeout: seconds for one try; None for no limit.
        into: the type that its result is read into; None for what the function says that it returns.
        at_most: what one try may cost, reserved of the budgets over the step.
        usage: what one has cost, from its result; None for what was reserved.
        breaker: guards each try; None for none.
    """

    key: str = ""
    retry: Retry | None = None
    timeout: float | None = None
    into: Any = None
    at_most: Usage | None = None
    usage: Callable[[Any], Usage] | None = None
    breaker: Breaker | None = None


def check_call(what: str, function: object, at_most: object, usage: object) -> None:
    """Checks before a call is made, and paid for, what it is told with.

    Args:
        what: the call, for messages.
        function: that is called.
        at_most: what one try may cost.
        usage: says what one has cost.

    Raises:
        DefinitionError: one of them can't be.
    """
    if not callable(function):
        raise DefinitionError(f"{what} can't call {function!r}: give a function, and behind it what it is given")
    if at_most is not None:
        Usage.checked(f"at_most= of {what}", at_most)
    if usage is not None and not callable(usage):
        raise DefinitionError(
            f"usage= of {what} can't be {usage!r}: give a function of its result, such as "
            "lambda answer: Usage(tokens=answer.tokens)"
        )


class Calls(Protocol):
    """Makes the recorded calls of one attempt."""

    async def once(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        how: CallOptions,
    ) -> Any:
        """See `Context.once`."""
        ...


class Suspended(BaseException):
    """Raised through the code of a step that waits, or is parked for the reason it is given: this attempt is over,
    another begins when there is an answer, or what it needs.

    No `Exception`: code that goes on after any error must not go on after this.
    """


class Waits(Protocol):
    """Asks for what the step of one attempt waits for."""

    async def wait_for(self, name: str, into: Any, timeout: float | None, key: str) -> Any:
        """See `Context.wait_for`."""
        ...


class Streams(Protocol):
    """Streams the chunks of one attempt."""

    async def stream(self, chunk: Any) -> None:
        """See `Context.stream`."""
        ...

    async def drain(self) -> None:
        """Waits until what was streamed is written down, for a while."""
        ...


class StepCapabilities(Protocol):
    """What the code of a step can do beside what waits for its commit. Each part is made when it is first asked for:
    most steps use none of them."""

    @property
    def calls(self) -> Calls:
        """Makes its recorded calls."""
        ...

    @property
    def waits(self) -> Waits:
        """Asks for what it waits for."""
        ...

    @property
    def streams(self) -> Streams:
        """Streams what it has to tell meanwhile."""
        ...

    async def spend(self, usage: Usage) -> None:
        """Charges the budgets over it."""
        ...
