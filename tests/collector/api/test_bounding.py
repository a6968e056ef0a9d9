"""Bounded answers of a real collector."""

import httpx

from collector.api.bounds import MARK
from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Value, place, uid

PROMPT = "What is it? " * 100_000


def tell_calls(collector: LiveCollector) -> str:
    """A step with ten calls of a model, each with a prompt of a megabyte."""
    story = Story()
    story.node(NodeKind.STEP, uid("step"), "step think", place("t", "step"), more={semconv.STEP: "think"})
    for number in range(10):
        attributes: dict[str, Value] = {"gen_ai.input.messages": PROMPT}
        where = place("t", f"chat {number}")
        story.add("chat", where, parent=place("t", "step"), attributes=attributes, at=number)
    collector.tell(story)
    return str(uid("step"))


def test_a_node_with_long_prompts_is_cut_and_whole_on_demand(collector: LiveCollector, client: CollectorClient) -> None:
    """The mark says how long each is; one is had by its place, and search finds what was cut."""
    step = tell_calls(collector)
    size = len(httpx.get(f"{collector.url}/api/nodes/{step}", trust_env=False).content)
    assert size < 1_000_000
    prompts = [span.attributes["gen_ai.input.messages"] for span in client.node(step).nested]
    assert all(prompt.endswith(f"{MARK}16,384 of {len(PROMPT):,} characters]") for prompt in prompts)
    detail = client.node(step, full="/nested/3/attributes/gen_ai.input.messages")
    assert detail.nested[3].attributes["gen_ai.input.messages"] == PROMPT
    assert MARK in detail.nested[4].attributes["gen_ai.input.messages"]
    assert MARK in client.trace(f"{place('t', 'step').trace:032x}").spans[1].attributes["gen_ai.input.messages"]


def test_a_fan_of_thousands_is_listed_by_its_worst(collector: LiveCollector, client: CollectorClient) -> None:
    """A list shows a few groups and counts them all; the event by itself has each."""
    story, event = Story(), uid("event")
    for number in range(200):
        about: dict[str, Value] = {semconv.GROUP: f"g{number}", semconv.CHANNEL: "c", semconv.EVENT_ID: str(event)}
        outcome = {semconv.OUTCOME: "retry" if number == 150 else "ok"}
        story.node(NodeKind.DELIVERY, uid(f"d{number}"), "process c", place("t", str(number)), more=about | outcome)
    collector.tell(story)
    listed = client.events(q="c").items[0]
    assert (len(listed.deliveries), listed.groups, listed.deliveries[0].group) == (50, 200, "g150")
    assert len(client.event(str(event)).deliveries) == 200
