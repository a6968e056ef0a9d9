"""A delivery whose handler runs beside the step that it is to do in the end: its result is compared, and dropped.

Nothing of it is seen by the step's run: it is tried once, makes no dead letter, publishes nothing, and what it wrote to
a database of its own is rolled back. What it keeps in its own state stays in that of the comparison's channel, so that
a handler that adds things up can be compared, too.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from runtime.bus.deliveries import Delivery
from runtime.causality.error_info import describe_error
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.context import Context, Rest
from runtime.definitions.subscription import ShadowOf, Subscription
from runtime.errors import CommandRefusedError, PoisonError, ServerFullError
from runtime.facts import OpenAttempt
from runtime.semconv import DeliveryOutcome, ShadowVerdict
from runtime.shadow_result import ShadowResult
from runtime.shadows.comparison import MOST, Difference, find_differences
from runtime.shadows.effects import Effects, compare_effects, decode_effects
from runtime.shadows.record import Comparison
from runtime.worker.delivery_work import DeliveryWork
from runtime.worker.shadowing import collect_effects
from runtime.worker.work import Equipment, Finish, Settlement


def build_delivery_work(kit: Equipment, subscription: Subscription, delivery: Delivery) -> DeliveryWork:
    """The work of a delivery: to be done, or to be compared with that of a step."""
    beside = subscription.shadow_of
    if beside is None:
        return DeliveryWork(kit, subscription, delivery)
    return ShadowWork(kit, subscription, delivery, beside)


class ShadowWork(DeliveryWork):
    """A `DeliveryWork` without effect. Args: as of that, and the step `beside` which it is done."""

    def __init__(self, kit: Equipment, subscription: Subscription, delivery: Delivery, beside: ShadowOf) -> None:
        super().__init__(kit, subscription, delivery)
        self._beside = beside

    @property
    def what(self) -> str:
        return f"{super().what}, beside step {self._beside.place.step!r}"

    def context(self, rest: Rest, attempt: OpenAttempt) -> Context:
        found = super().context(rest, attempt)
        found.buffer.is_shadow = True
        return replace(found, is_shadow=True)

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        return None  # there is nothing that an earlier attempt can have written

    def success(self, value: Any, context: Context) -> Settlement:
        super().success(value, context)  # refuses what is no result
        result = encode(value, f"the result of {self.what}")
        withheld = collect_effects(context.buffer)
        found, writes = self._find_differences(result, withheld), dict(context.buffer.writes)
        context.buffer.scores.clear()  # they would count as the step's agent's
        verdict = ShadowVerdict.DISAGREED if found else ShadowVerdict.AGREED
        return partial(self._settle, self._build_comparison(verdict, found), writes, tuple(withheld))

    def failure(self, error: BaseException, took: float, *, is_spared: bool = False) -> Settlement:
        comparison = self._build_comparison(ShadowVerdict.FAILED, error=error)
        return partial(self._settle, comparison, {}, (), error)

    async def _handle_poison(self) -> None:
        error = PoisonError(f"{self.what} killed its worker again and again")
        await self._settle(self._build_comparison(ShadowVerdict.FAILED, error=error), {}, (), error)

    async def _settle(
        self,
        comparison: Comparison,
        writes: dict[str, str],
        withheld: Sequence[str],
        error: BaseException | None = None,
    ) -> Finish:
        """Counts the comparison, then acknowledges the delivery: what comes again between the two is known by it."""
        await self.release_resources()
        try:
            await self._kit.shadows.count_comparison(self._beside.place, comparison)
        except (ServerFullError, CommandRefusedError):
            writes = {}  # there is no room for what nobody has to know
        entries = await self._kit.bus.ack(self._delivery, self._kit.consumer, [], writes)
        if entries is None:
            return Finish(DeliveryOutcome.STALE, error)
        fields = tuple(one.field for one in comparison.differences)
        beside = ShadowResult(comparison.verdict, fields, tuple(withheld))
        return Finish(DeliveryOutcome.OK, error, tuple(writes), beside=beside)

    def _find_differences(self, result: Encoded, withheld: Effects) -> tuple[Difference, ...]:
        envelope, beside = self._delivery.envelope, self._beside
        step = Encoded.parse(envelope.beside if envelope is not None and envelope.beside else "null")
        clean = self._kit.redactor.value if beside.is_told else None
        done = decode_effects(envelope.beside_effects) if envelope is not None else None
        of_effects = () if done is None else compare_effects(done, withheld, beside.ignore)
        return (*of_effects, *find_differences(step, result, beside.ignore, beside.unordered, clean))[:MOST]

    def _build_comparison(
        self,
        verdict: ShadowVerdict,
        found: tuple[Difference, ...] = (),
        error: BaseException | None = None,
    ) -> Comparison:
        envelope = self._delivery.envelope
        return Comparison(
            delivery=self._delivery.id,
            verdict=verdict,
            version=self._kit.version,
            node=envelope.cause_node if envelope else None,
            event=self._delivery.event_id,
            correlation=self._correlation_id,
            subject=self._subject,
            differences=found,
            error=f"{type(error).__name__}: {describe_error(error, self._kit.redactor.text)}" if error else "",
        )
