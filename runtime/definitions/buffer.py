"""What an attempt has asked for, and the durable keys that it reads and writes. All of it waits for the commit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from runtime.bus.deliveries import OutgoingEvent
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.calls import current_call
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.options import check_key
from runtime.definitions.paid_calls import PaidCalls
from runtime.errors import DefinitionError
from runtime.facts import Score, WaitEnded

ReadState = Callable[[str], Awaitable[str | None]]


@dataclass(slots=True)
class Buffer:
    """What an attempt has asked for; carried out by its commit, dropped if it fails."""

    events: list[OutgoingEvent] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    writes: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    """Keys of the app's shared state."""
    reads: dict[str, int] = field(default_factory=dict)
    """Keys of durable state that it has asked for, and the bytes that their values take; 0 where there are none."""
    starts: dict[str, int] = field(default_factory=dict)
    """How many runs of each workflow the attempt has started."""
    answers_sent: dict[tuple[UUID, str], int] = field(default_factory=dict)
    """How often the attempt has answered a wait of a run."""
    waits: list[WaitEnded] = field(default_factory=list)
    """What it has waited for, where that is over."""
    returned: Any = None
    """What the attempt's code returned, as telemetry may tell it: `runtime.facts.AttemptEnded.result`."""
    paying: PaidCalls = field(default_factory=PaidCalls)
    """Recorded calls that are under way."""
    chunks: int = 0
    """How many chunks the attempt has streamed."""
    chunks_lost: int = 0
    """How many of them were dropped, because the server did not take them in time."""
    is_shadow: bool = False
    """The attempt is to be compared, and has no effect."""
    closed: bool = False
    """The attempt has ended: what is asked for now would be lost without a word."""

    def check(self) -> None:
        """Raises DefinitionError when the attempt has ended, and within a recorded call."""
        if call := current_call.get():
            raise DefinitionError(
                f"recorded call {call!r} can't publish, score, keep state, start runs or record others: a later "
                "attempt takes its result from the record, and would do nothing of it; do so after the call"
            )
        self.check_open()

    def check_effect(self, what: str) -> None:
        """Raises DefinitionError also where an attempt is only compared with a step: what it can't take back is not to
        be done. `what` it wants to do, for the message."""
        self.check()
        if self.is_shadow:
            raise DefinitionError(
                f"a handler that runs beside a step, to be compared with it, can't {what}: do so only where "
                "ctx.is_shadow is false"
            )

    def check_open(self) -> None:
        """Raises DefinitionError when the attempt has ended."""
        if self.closed or self.paying.has_left:
            raise DefinitionError(
                "the attempt has ended, and with it what it may ask for: await what a step or handler starts"
            )


class State:
    """Durable keys: of the run, in a step; of the group, in a handler. Written with the commit."""

    def __init__(self, buffer: Buffer, read: ReadState, rules: KeyRules) -> None:
        self._buffer = buffer
        self._read = read
        self._rules = rules

    async def get(self, key: str, default: Any = None, *, into: Any = Any) -> Any:
        """The key's value: what this attempt has put, else what is committed, else `default`.

        Args:
            key: its name.
            default: what there is where nobody has put anything.
            into: the type that it is read into; without one, models and dataclasses come as dicts.

        Raises:
            DefinitionError: the key is no text that can be stored, or not among those that the step reads (`reads=`).
            UndecodableError: the value does not fit the type.
        """
        check_key(key)
        self._rules.check_read(key)
        self._buffer.reads.setdefault(key, 0)
        text = self._buffer.writes.get(key)
        if text is None:
            text = await self._read(key)
        if text is None:
            return default
        encoded = Encoded.parse(text)
        self._buffer.reads[key] = encoded.size
        return Codec(into, f"state key {key!r}").decode(encoded)

    def put(self, key: str, value: Any) -> None:
        """Sets the key to a value (pydantic model, dataclass or plain JSON) when the attempt commits.

        Raises:
            DefinitionError: the attempt has ended, or the key is no text that can be stored.
            UnencodableError: the value can't travel; names the place in it and its type.
            KeyTooLargeError: it is larger than a key may be.
        """
        self._buffer.check()
        check_key(key)
        text = encode(value, f"the value of state key {key!r}").text
        self._rules.check_size(key, text)
        self._buffer.writes[key] = text
