"""Ids and sampling that the core decided, handed to the SDK while it starts one span.

The SDK asks an id generator and a sampler for every span; it has no argument for either. A context variable carries
the answer, set only around `start_span`, so that no other span started on the same thread can take it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from runtime.causality import identity
from runtime.causality.trace_context import TraceContext

_SEED: Final[ContextVar[TraceContext | None]] = ContextVar("causeline_span_seed", default=None)


@contextmanager
def seed_span(span: TraceContext) -> Iterator[None]:
    """While this is entered, a span that our tracer starts is `span`."""
    token = _SEED.set(span)
    try:
        yield
    finally:
        _SEED.reset(token)


class SeededIds(IdGenerator):
    """Gives the seed's ids; without a seed, those of another generator, or our own."""

    def __init__(self, fallback: IdGenerator | None = None) -> None:
        self._fallback = fallback
        self._random = RandomIdGenerator()

    def generate_span_id(self) -> int:
        seed = _SEED.get()
        return seed.span_id if seed else (self._fallback or self._random).generate_span_id()

    def generate_trace_id(self) -> int:
        if seed := _SEED.get():
            return seed.trace_id
        return self._fallback.generate_trace_id() if self._fallback else identity.trace_id()

    def is_trace_id_random(self) -> bool:
        return _SEED.get() is not None or self._fallback is None or self._fallback.is_trace_id_random()


class SeededSampler(Sampler):
    """Keeps what the seed says; without a seed, what another sampler says.

    The core decides once, when a correlation is born: a ratio sampler here would decide again for every trace of it,
    and cut holes into causal chains.
    """

    def __init__(self, fallback: Sampler = ALWAYS_ON) -> None:
        self._fallback = fallback

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        seed = _SEED.get()
        if seed is None:
            return self._fallback.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)
        decision = Decision.RECORD_AND_SAMPLE if seed.sampled else Decision.DROP
        return SamplingResult(decision, attributes, TraceState.from_header([seed.state]) if seed.state else None)

    def get_description(self) -> str:
        return f"SeededSampler({self._fallback.get_description()})"
