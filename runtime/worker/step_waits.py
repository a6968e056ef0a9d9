"""Asks for what a step waits for: the answer, or the end of the attempt."""

import logging
from functools import partial
from typing import Any, Final

from runtime.codec.codec import Codec
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer
from runtime.definitions.calls import Suspended
from runtime.errors import AttemptStaleError, DefinitionError, UndecodableError, WaitTimeoutError
from runtime.facts import WaitEnded
from runtime.state.tasks import Claim
from runtime.state.waits import Wait, WaitState
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

_NS_PER_MS: Final = 1_000_000


class StepWaits:
    """A `runtime.definitions.calls.Waits`.

    Args:
        equipment: of the worker.
        claim: of the step.
        what: the step, for messages.
        buffer: of the attempt; told how each wait ended.
    """

    def __init__(self, equipment: Equipment, claim: Claim, what: str, buffer: Buffer) -> None:
        self._kit = equipment
        self._claim = claim
        self._what = what
        self._buffer = buffer
        self._asked: set[str] = set()

    async def wait_for(self, name: str, into: Any, timeout: float | None, key: str) -> Any:
        """See `runtime.definitions.context.Context.wait_for`."""
        if self._claim.task.place.is_undo:  # all that is undone before it would wait as well, perhaps for ever
            raise DefinitionError(
                f"the {self._what} can't wait for {name!r}: nobody is asked in an undo; wait in a step before, or "
                "raise where a person has to look: the undo is named, and tried again when they say so"
            )
        codec = Codec(into, f"the answer to {name!r}")
        timeout_ms = None if timeout is None else int(timeout * 1000)
        wait = Wait(name, key, timeout_ms, codec.json_schema())
        what = f"{name!r} of {self._what}" + (f" (key {key!r})" if key else "")
        if wait.member in self._asked:
            raise DefinitionError(f"{what} is waited for twice: tell the waits apart by key=")
        self._asked.add(wait.member)
        while True:
            answered = await self._buffer.paying.leave_when_idle(
                partial(self._kit.ask_until_answered, lambda: self._kit.store.await_answer(self._claim, wait)),
                lambda answered: answered.status == "waiting",
            )
            if answered.status == "waiting":
                raise Suspended
            if answered.status == "over":
                self._note_wait_ended(wait, answered)
                raise WaitTimeoutError(f"nobody has answered {what} within {timeout} s")
            if answered.status == "taken":
                raise DefinitionError(
                    f"{what} is waited for by step {answered.by!r}, too: tell the waits apart by key="
                )
            if answered.status == "stale":
                raise AttemptStaleError(f"another worker has taken {self._what} over, or its run has ended")
            try:
                value = codec.decode(Encoded.parse(answered.value), f"what {answered.by or 'somebody'} answered")
            except UndecodableError as error:  # it came before anybody could say what would fit
                _log.warning(
                    "run %s: %s; it came before its wait, and %s goes on waiting", self._claim.run.id, error, what
                )
                await self._kit.ask_until_answered(lambda: self._kit.store.reject(self._claim, wait))
            else:
                self._note_wait_ended(wait, answered)
                return value

    def _note_wait_ended(self, wait: Wait, answered: WaitState) -> None:
        at_ns = answered.at_ms * _NS_PER_MS
        self._buffer.waits.append(WaitEnded(wait.name, wait.key, answered.by, answered.node, at_ns))
