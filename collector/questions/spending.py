"""What calls of models used and cost: one, and several together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from collector.agents import usage
from collector.agents.tree import Span
from collector.models import Usage
from collector.prices import pricing
from collector.prices.price_list import CalledModel, PriceBook
from collector.prices.pricing import BillableCall, Cost
from collector.store.roles import Role

_PARTS: Final = ("input", "output", "cache_read", "cache_write", "reasoning", "undivided")


@dataclass(frozen=True, slots=True)
class Spending:
    """What the calls of one trace used and cost.

    Attributes:
        skipped: which spans tell of usage that does not count, each with the reason.
        prices: what calls cost.
    """

    skipped: Mapping[int, str]
    prices: PriceBook
    _costs: dict[int, Cost] = field(default_factory=dict)
    _told: dict[int, usage.Usage] = field(default_factory=dict)

    def read_usage(self, span: Span) -> usage.Usage:
        """Returns the tokens that a call told of."""
        found = self._told.get(span.id)
        if found is None:
            found = self._told[span.id] = usage.read_usage(span)
        return found

    def compute_cost(self, span: Span) -> Cost:
        """Returns what a call cost."""
        if span.id not in self._costs:
            self._costs[span.id] = pricing.compute_cost(self.prices, _build_billable_call(span, self.read_usage(span)))
        return self._costs[span.id]

    def compute_usage(self, span: Span) -> Usage:
        """Returns what one call used and cost, whether it counts or not."""
        return self._sum_spans([span])

    def sum_usage(self, spans: Sequence[Span]) -> Usage | None:
        """Returns what spans used together; None where none of them calls a model, or tells of one."""
        different = {span.id: span for span in spans if span.id not in self.skipped}.values()
        telling = [span for span in different if _is_spending(span)]
        return self._sum_spans(telling) if telling else None

    @staticmethod
    def sum_totals(several: Sequence[Usage]) -> Usage | None:
        """Returns the sum of what calls of several traces used; None where there were none."""
        if not several:
            return None
        costs = [each.cost_usd for each in several if each.cost_usd is not None]
        names = [f"{part}_tokens" for part in _PARTS]
        parts = {name: [n for each in several if (n := getattr(each, name)) is not None] for name in names}
        counts = ("calls", "unreported", "unpriced", "at_least", "reported")
        sums: dict[str, Any] = {name: sum(getattr(each, name) for each in several) for name in counts}
        sums |= {name: sum(numbers) if numbers else None for name, numbers in parts.items()}
        return Usage(cost_usd=sum(costs) if costs else None, **sums)

    def _sum_spans(self, spans: Sequence[Span]) -> Usage:
        """Returns the sum of spans. A container that tells of usage stands for calls that nobody told of."""
        told = [self.read_usage(span) for span in spans]
        costs = [self.compute_cost(span) for span in spans]
        known = [cost.usd for cost in costs if cost.usd is not None]
        parts = {f"{part}_tokens": [n for each in told if (n := getattr(each, part)) is not None] for part in _PARTS}
        return Usage(
            calls=sum(span.role in usage.CALLS for span in spans),
            unreported=sum(
                span.role in usage.CALLS and each.input is None and each.output is None and each.undivided is None
                for span, each in zip(spans, told, strict=True)
            ),
            cost_usd=sum(known) if known else None,
            unpriced=len(costs) - len(known),
            at_least=sum(cost.at_least for cost in costs),
            reported=sum(cost.is_reported for cost in costs),
            **{part: sum(numbers) if numbers else None for part, numbers in parts.items()},
        )


def _is_spending(span: Span) -> bool:
    return span.role in usage.CALLS or "input_tokens" in span.work or usage.has_recorded_usage(span)


def get_model(span: Span) -> str | None:
    """Returns which model answered; `unknown` is what an instrumentation says that does not know."""
    told = (span.work.get(name) for name in ("response_model", "model"))
    return next((name for name in told if name and name != "unknown"), None)


def _build_billable_call(span: Span, said: usage.Usage) -> BillableCall:
    given = span.work
    called = CalledModel(*(given.get(name) for name in ("response_model", "model", "provider", "service_tier")))
    told = (said.input, said.output, said.cache_read, said.cache_write, given.get("cost"))
    answers = span.role != Role.EMBEDDING
    return BillableCall(called, span.start_ns, *told, answers=answers, total=given.get("total_tokens"))
