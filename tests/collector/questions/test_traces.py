"""Traces as they were received."""

import pytest

from collector.client import CollectorClient
from collector.questions import traces
from tests.collector.live import LiveCollector
from tests.collector.story import Story, place


@pytest.mark.parametrize(("spans", "truncated"), [(3, False), (4, True)])
def test_a_trace_that_is_cut_says_so(
    collector: LiveCollector, client: CollectorClient, monkeypatch: pytest.MonkeyPatch, spans: int, truncated: bool
) -> None:
    """The oldest spans are answered; nobody takes a part for the whole."""
    monkeypatch.setattr(traces, "SPAN_LIMIT", 3)
    story = Story()
    for number in range(spans):
        story.add(f"span {number}", place("t", str(number)), at=number)
    collector.tell(story)

    trace = client.trace(f"{place('t', '0').trace:032x}")

    assert [span.name for span in trace.spans] == ["span 0", "span 1", "span 2"]
    assert trace.truncated is truncated
