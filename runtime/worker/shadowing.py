"""One claimed step that has a choreographed successor: who does it, and what the successor is given.

Who does it is decided once in its run. An attempt that is about to call the step's code says so durably before; each
later one keeps to that, whatever an operator has switched meanwhile, because the code may have had its effect. Where
nothing is said, no code has run, and the step is done as its mode is now. Its commit is either the result, or the event
that the successor does the work for: never both, and never neither.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Literal

from runtime.causality.sampling import is_sampled
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context
from runtime.definitions.declarations import BuiltApp
from runtime.errors import ServerError
from runtime.semconv import SpanVerb, span_name
from runtime.shadows.contract import Shadows
from runtime.shadows.effects import Effects, encode_effects
from runtime.shadows.record import Mode, StepAddress
from runtime.shadows.shadow import Shadow, comparison_channel
from runtime.state.tasks import Claim
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: What the decision is recorded as, beside the step's recorded calls; no call has such a name.
_DECISION: Final = "~mode"
#: Comparisons of a step that wait at most: where its successor is slower than it, others are left out, so that they
#: never fill a channel, or the outbox that steps commit into.
MOST_WAITING: Final = 1000


class Shadowing:
    """Of one attempt.

    Args:
        kit: of the worker.
        claim: of the step.
        what: the step, for messages.
        shadow: as it is declared.
    """

    def __init__(self, kit: Equipment, claim: Claim, what: str, shadow: Shadow) -> None:
        self._kit = kit
        self._claim = claim
        self._what = what
        self._shadow = shadow
        self._place = StepAddress(kit.app, claim.run.workflow, claim.task.place.step)
        self._is_compared = False

    async def decide_mode(self) -> Mode | Literal["stale"]:
        """Who does the step; `stale` when it is another worker's by now."""
        mode = await self._read_decision() or await self._record_decision()
        self._is_compared = mode == "shadow" and await self._has_room()
        return mode

    def publish_to_successor(self, context: Context, given: Mapping[str, Any]) -> None:
        """Publishes what the step is given, for its successor to do the work."""
        context.publish_encoded(self._shadow.channel, self._encode_given(given))

    def publish_for_comparison(self, context: Context, given: Mapping[str, Any], result: Encoded) -> None:
        """Has the successor be given the same, and what it returns be compared, once the step is committed."""
        if not self._is_compared:
            return
        done = encode_effects(collect_effects(context.buffer, keeps=True))
        context.publish_encoded(self._shadow.channel, self._encode_given(given))
        published, channel = context.buffer.events.pop(), comparison_channel(self._shadow.channel)
        event = published.envelope
        trace = context.position.span.child(event.id, span_name(SpanVerb.PUBLISH, channel))
        # What it costs to try a successor is no cost of the run's.
        event = replace(event, channel=channel, trace=trace, budget=None, beside=result.text, beside_effects=done)
        context.buffer.events.append(replace(published, envelope=event))

    def _encode_given(self, given: Mapping[str, Any]) -> Encoded:
        return encode(dict(given), f"what {self._what} is given")

    async def _read_decision(self) -> Mode | None:
        if self._claim.attempt == 1:  # nobody can have recorded anything
            return None
        found = await self._kit.ask_until_answered(lambda: self._kit.store.get_call_record(self._claim, _DECISION))
        return "step" if found == "step" else "shadow" if found == "shadow" else None

    async def _record_decision(self) -> Mode | Literal["stale"]:
        mode: Mode = await self._kit.ask_until_answered(lambda: self._kit.shadows.mode(self._place))
        if mode == "moved" or await self._kit.ask_until_answered(
            lambda: self._kit.store.record_call(self._claim, _DECISION, mode)
        ):
            return mode
        return "stale"

    async def _has_room(self) -> bool:
        if not is_sampled(self._claim.run.id, self._shadow.sample):
            return False
        channel, group = comparison_channel(self._shadow.channel), self._shadow.group
        if await self._kit.ask_until_answered(lambda: self._kit.bus.count_pending(channel, group)) < MOST_WAITING:
            return True
        with suppress(ServerError):  # a count that is lost costs no more than that
            await self._kit.shadows.count_left_out(self._place, self._kit.version)
        return False


def collect_effects(buffer: Buffer, *, keeps: bool = False) -> Effects:
    """What an attempt has asked for beside its result, by name, and how often.

    Args:
        buffer: of the attempt.
        keeps: whether its own state counts: a step keeps that in its run's, where others read it, a handler in its
            group's.
    """
    published = (f"publish {one.envelope.channel}" for one in buffer.events)
    kept = (f"keep {key}" for key in buffer.writes) if keeps else ()
    return Counter((*published, *(f"write {key}" for key in buffer.shared), *kept))


async def declare_successors(shadows: Shadows, app: BuiltApp) -> None:
    """Makes an app's steps that have a successor known to operators. Where the server is away the next worker does."""
    known = {one.place: (one.shadow.channel, one.shadow.group or one.subscription.group) for one in app.successors}
    try:
        await shadows.declare(app.name, app.version, known)
    except ServerError as trouble:
        _log.warning("operators are not told yet which steps of %s have successors: %s", app.name, trouble)
