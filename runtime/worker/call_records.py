"""The records of one attempt's calls: what was recorded before is found, and what a function returned is written down,
whatever becomes of the code that asked for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from runtime.budgets.usage import Usage
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.json_text import dump, parse
from runtime.definitions.calls import CallOptions
from runtime.definitions.paid_calls import PaidCalls
from runtime.errors import (
    AttemptStaleError,
    CallChangedError,
    CallUncountedError,
    CommandRefusedError,
    UnencodableError,
)
from runtime.state.tasks import Claim
from runtime.worker.functions import describe_value
from runtime.worker.work import Equipment

#: Hexadecimal digits of an argument's hash that are kept.
_DIGITS: Final = 16


@dataclass(slots=True)
class Call:
    """One call: its name for messages and for the record, the function, and what it is given."""

    what: str
    member: str
    function: Callable[[], Any]
    given: dict[str, Encoded]
    codec: Codec
    how: CallOptions
    tries: int = 0
    usage: Usage | None = None
    uncounted: Exception | None = None

    @property
    def hashes(self) -> dict[str, str]:
        """What each argument is known by."""
        return {name: sha256(value.text.encode()).hexdigest()[:_DIGITS] for name, value in self.given.items()}


class CallRecords:
    """Finds and writes records.

    Args:
        equipment: of the worker.
        claim: of the step.
        what: the step, for messages.
        paying: the attempt's calls that are under way.
    """

    def __init__(self, equipment: Equipment, claim: Claim, what: str, paying: PaidCalls) -> None:
        self._kit = equipment
        self._claim = claim
        self._what = what
        self._paying = paying
        self._kept: dict[str, asyncio.Task[Encoded]] = {}
        self._doubted: set[str] = set()

    def mark_doubtful(self, call: Call) -> None:
        """Notes that a call was cut off, or has failed: it may be recorded all the same."""
        self._doubted.add(call.member)

    async def find(self, call: Call) -> Encoded | None:
        """What is recorded of a call; None where it is to be made.

        Raises:
            CallChangedError: the record is of a call with other arguments.
        """
        if call.member in self._kept:
            await asyncio.wait({self._kept[call.member]})
        if self._claim.attempt == 1 and call.member not in self._doubted:  # nobody can have recorded anything
            return None
        text = await self._kit.ask_until_answered(lambda: self._kit.store.get_call_record(self._claim, call.member))
        return None if text is None else self._parse_record(call, parse(text))

    def start_recording(self, call: Call, value: Any, charge: Callable[[], Awaitable[None]]) -> "asyncio.Task[Encoded]":
        """Writes down what a function has returned, which was paid for. It is not cut off with the code that made the
        call: a timeout, or a task group of which another has failed, must not have it paid for again.

        Args:
            call: the one that was made.
            value: what it returned.
            charge: charges what it has cost.

        Returns:
            What does it, and yields the record's result.
        """
        task = asyncio.create_task(
            self._charge_and_record(call, value, charge), name=f"causeline record of {call.what}"
        )
        self._kept[call.member] = task
        self._paying.add_recording(task)
        task.add_done_callback(self._retrieve_exception)
        return task

    @staticmethod
    def _retrieve_exception(task: "asyncio.Task[Encoded]") -> None:
        if not task.cancelled():
            task.exception()  # nobody may be left who asks

    async def _charge_and_record(self, call: Call, value: Any, charge: Callable[[], Awaitable[None]]) -> Encoded:
        await charge()
        try:
            result = encode(value, f"the result of {call.what}")
        except UnencodableError as error:  # it has been paid: at least a person should have it
            raise UnencodableError(f"{error}. The call was made, and returned {describe_value(value)}") from None
        await self._store_record(call, dump({"given": call.hashes, "result": result.text}))
        if call.uncounted is not None:
            raise CallUncountedError(
                f"nobody can say what {call.what} has cost: {_describe_error(call.uncounted)}; its result is "
                "recorded, and the "
                "next attempt takes it from there. Mend usage=, and resume the run"
            ) from call.uncounted
        return result

    async def _store_record(self, call: Call, record: str) -> None:
        try:
            is_ours = await self._kit.ask_until_answered(
                lambda: self._kit.store.record_call(self._claim, call.member, record)
            )
        except CommandRefusedError as error:
            raise UnencodableError(f"the result of {call.what} can't be stored: {error}") from None
        if not is_ours:
            raise AttemptStaleError(
                f"another worker has taken {self._what} over, or its run has ended: it does not go on after {call.what}"
            )

    def _parse_record(self, call: Call, record: Any) -> Encoded:
        before, now = record["given"], call.hashes
        changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        if changed:
            raise CallChangedError(
                f"{call.what} was recorded with other arguments by an earlier attempt: {', '.join(changed)} changed; "
                "give it the same in each attempt, or another key="
            )
        return Encoded.parse(record["result"])


def _describe_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
