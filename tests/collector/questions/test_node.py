"""What is known of one node, whatever a foreign program wrote into it."""

import pytest

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import MS, ORIGIN_NS, Story, Value, any_value, foreign, place, uid


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


def test_what_work_read_and_wrote_is_told_by_its_newest_attempt_that_says_so(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Here the last one has only begun, and a marker tells of it."""
    story, step, replay = Story(), uid("step"), uid("replay")
    ended = {semconv.ATTEMPT: 1, semconv.KEYS_READ: ["order"], semconv.KEYS_WRITTEN: ["label", "price"]}
    ended |= {semconv.KEY_SIZES: [10]}
    story.node(NodeKind.STEP, step, "step s", place("t", "1"), more={**ended, semconv.CONTEXT_SIZE: 10})
    begun: dict[str, Value] = {
        semconv.ATTEMPT: 2,
        semconv.CONTEXT_SIZE: 12,
        semconv.PENDING: True,
        semconv.KEYS_UNUSED: ["hub"],
        semconv.INBOX: "already_applied",
    }
    story.node(NodeKind.STEP, step, "step s", place("t", "2"), at=5, more=begun)
    story.node(NodeKind.REPLAY, replay, "replay c", place("t", "r"), more={semconv.OPERATOR: "ada"})
    collector.tell(story)

    detail, replayed = client.node(str(step)), client.node(str(replay))

    assert (detail.keys_read, detail.keys_written, detail.context_size) == (["order"], ["label", "price"], 12)
    assert (detail.key_sizes, detail.keys_unused, detail.inbox) == ([10], ["hub"], "already_applied")
    assert (detail.operator, replayed.operator) == (None, "ada")
    assert (replayed.keys_read, replayed.keys_written, replayed.context_size) == ([], [], None)


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 0}, ("m", 7, 0)),
        ({"gen_ai.usage.input_tokens": "7", "gen_ai.usage.output_tokens": True}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_a_call_of_a_model_says_which_and_how_many_tokens(
    collector: LiveCollector, client: CollectorClient, attributes: dict[str, Value], told: tuple[object, ...]
) -> None:
    """What is no whole number is no number of tokens."""
    story = Story()
    story.node(NodeKind.STEP, uid("step"), "step s", place("t", "s"))
    story.add("chat", place("t", "chat"), parent=place("t", "s"), attributes=attributes)
    collector.tell(story)

    (call,) = client.node(str(uid("step"))).nested

    assert (call.model, call.input_tokens, call.output_tokens) == told
    assert call.attributes == attributes


def test_how_the_waits_of_a_step_ended_is_told_once(collector: LiveCollector, client: CollectorClient) -> None:
    """Each of its attempts tells of those that it went on with; the earliest first."""
    story, step, sender = Story(), uid("step"), uid("sender")
    waits = [("word", "b", "shop", str(sender), 5), ("word", "a", "ann", "", 3), ("late", "", "", "", 9)]
    for attempt, told in ((2, waits[:2]), (3, waits)):
        span = story.node(NodeKind.STEP, step, "step s", place("t", str(attempt)), more={semconv.ATTEMPT: attempt})
        for name, key, by, node, at in told:
            event = span.events.add(name=semconv.WAIT_EVENT, time_unix_nano=ORIGIN_NS + at * MS)
            said = {
                semconv.WAIT_NAME: name,
                semconv.WAIT_KEY: key,
                semconv.ANSWERED_BY: by,
                semconv.ANSWERED_BY_NODE: node,
            }
            for attribute, value in said.items():
                if value:
                    event.attributes.add(key=attribute).value.CopyFrom(any_value(value))
    collector.tell(story)

    found = [(one.name, one.key, one.by, one.node_id) for one in client.node(str(step)).waits]

    assert found == [("word", "a", "ann", None), ("word", "b", "shop", str(sender)), ("late", "", None, None)]
