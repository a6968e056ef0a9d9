"""Orchestration or choreography made an edge."""

import pytest

from collector.causality.evidence import CausalEdge, classify_coordination
from runtime.semconv import Coordination, Evidence, NodeKind
from tests.collector.story import CLIENT, CONSUMER, INTERNAL, PRODUCER


@pytest.mark.parametrize(
    ("cause", "effect", "expected"),
    [
        (INTERNAL, CLIENT, Coordination.COMMANDED),
        (CONSUMER, CLIENT, Coordination.COMMANDED),
        (CONSUMER, INTERNAL, Coordination.COMMANDED),
        (CONSUMER, PRODUCER, Coordination.REACTED),
        (INTERNAL, PRODUCER, Coordination.REACTED),
        (PRODUCER, CONSUMER, Coordination.REACTED),
        (PRODUCER, INTERNAL, Coordination.REACTED),
    ],
)
def test_whoever_takes_a_message_commands_what_it_calls(cause: int, effect: int, expected: Coordination) -> None:
    """Only what hands a message over is reacted to: a task of a queue calls its model, its tools and its agents."""
    edge = CausalEdge("a", "b", Evidence.PARENT)
    kinds = {"a": NodeKind.SPAN, "b": NodeKind.SPAN}
    assert classify_coordination(edge, kinds, {"a": cause, "b": effect}) == expected
