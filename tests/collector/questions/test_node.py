"""What is known of one node, whatever a foreign program wrote into it."""

import pytest

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Value, any_value, foreign, place, uid


@pytest.mark.parametrize(
    ("raised", "shown"),
    [("down", "down"), (5, "5"), (1.5, "1.5"), (True, "true"), (["ä", "b"], '["ä", "b"]'), ([], "[]")],
)
def test_what_was_raised_is_text_whatever_its_type(
    collector: LiveCollector, client: CollectorClient, raised: Value, shown: str
) -> None:
    """Text as it is, anything else as JSON; of our own attempts and of foreign spans."""
    story = Story()
    ours = story.node(NodeKind.STEP, uid("step"), "step s", place("t", "s"), more={semconv.STEP: "s"})
    theirs = story.add("call", place("t", "call"))
    for span in (ours, theirs):
        event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
        for name in ("exception.type", "exception.message", "exception.stacktrace"):
            event.attributes.add(key=name).value.CopyFrom(any_value(raised))
    collector.tell(story)

    for node in (uid("step"), foreign(place("t", "call"))):
        (attempt,) = client.node(str(node)).attempts
        assert (attempt.error_type, attempt.error_message, attempt.traceback) == (shown, shown, shown)


def test_an_exception_without_values_says_nothing(collector: LiveCollector, client: CollectorClient) -> None:
    """Empty values are no text; the span's status speaks instead."""
    story = Story()
    span = story.add("call", place("t", "call"), failed="refused")
    event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
    for name in ("exception.type", "exception.message", "exception.stacktrace"):
        event.attributes.add(key=name)
    collector.tell(story)

    (attempt,) = client.node(str(foreign(place("t", "call")))).attempts

    assert (attempt.error_type, attempt.error_message, attempt.traceback) == (None, "refused", None)
