"""Ids that the core decided, and only while a span of ours starts."""

from opentelemetry.sdk.trace.id_generator import IdGenerator

from runtime.causality.trace_context import TraceContext
from runtime.telemetry.seeds import SeededIds, seed_span


class Theirs(IdGenerator):
    """Another generator, with ids that can be told apart."""

    def generate_span_id(self) -> int:
        return 7

    def generate_trace_id(self) -> int:
        return 8


def ids(generator: IdGenerator) -> tuple[int, int, bool]:
    return generator.generate_trace_id(), generator.generate_span_id(), generator.is_trace_id_random()


def test_a_seed_gives_the_ids_while_it_is_set_and_no_longer():
    """Before and after, the other generator's own."""
    generator = SeededIds(Theirs())
    assert ids(generator) == (8, 7, False)
    with seed_span(TraceContext(1, 2)):
        assert ids(generator) == (1, 2, True)
    assert ids(generator) == (8, 7, False)


def test_without_seed_and_without_other_generator_ids_are_new_each_time():
    """Trace ids begin with the time, like all of ours."""
    generator = SeededIds()
    first, second = ids(generator), ids(generator)
    assert first[:2] != second[:2]
    assert abs((first[0] >> 80) - (second[0] >> 80)) < 60_000
    assert first[2]
