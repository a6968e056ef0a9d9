"""Bounded answers of a real collector."""

import json

import httpx
import pyarrow as pa

from collector.api.arrow import STREAM
from collector.api.bounds import MARK, bound_answer
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
    size = len(httpx.get(f"{collector.url}/api/nodes/{step}", trust_env=False, timeout=60).content)
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


def test_what_the_store_cut_says_how_long_the_whole_is(collector: LiveCollector) -> None:
    """Long texts are cut where they are read, so that an answer needs no more memory than it has bytes; a value that is
    asked for is whole, and so is a table."""
    story, top = Story(), place("t", "step")
    story.node(NodeKind.STEP, uid("step"), "step", top, failed=PROMPT)
    attributes: dict[str, Value] = {"gen_ai.input.messages": PROMPT, "gen_ai.output.messages": ["short", PROMPT]}
    story.add("chat", place("t", "chat"), parent=top, attributes=attributes)
    raised = story.spans[0].events.add(name="exception", time_unix_nano=1)
    raised.attributes.add(key="exception.stacktrace").value.string_value = PROMPT
    collector.tell(story)
    told = f"… [cut: 16,384 of {len(PROMPT):,} characters]"

    def ask(path: str, accept: str = "application/json") -> httpx.Response:
        return httpx.get(f"{collector.url}{path}", headers={"accept": accept}, trust_env=False, timeout=60)

    node = ask(f"/api/nodes/{uid('step')}").json()
    called = node["nested"][0]["attributes"]
    cut = [called["gen_ai.input.messages"], called["gen_ai.output.messages"][1], node["attempts"][0]["traceback"]]
    assert [text[16_384:] for text in cut] == [told] * 3
    assert called["gen_ai.output.messages"][0] == "short"
    trace = f"/api/traces/{top.trace:032x}"
    assert {span["name"]: span["status_message"][16_384:] for span in ask(trace).json()["spans"]}["step"] == told
    whole = ask(f"/api/nodes/{uid('step')}?full=/nested/0/attributes/gen_ai.input.messages").json()
    assert whole["nested"][0]["attributes"]["gen_ai.input.messages"] == PROMPT
    table = pa.ipc.open_stream(ask(trace, STREAM).content).read_all()
    assert PROMPT in table["status_message"].to_pylist()


def test_what_was_cut_once_is_cut_further_by_the_length_of_the_whole() -> None:
    """Not by that of what is left of it."""
    once = f"{'x' * 16_384}… [cut: 16,384 of 2,000,000 characters]"
    few, many = (json.loads(bound_answer(json.dumps([once] * count).encode())) for count in (2, 400))
    assert few == [once] * 2
    assert many == [f"{'x' * 4_096}… [cut: 4,096 of 2,000,000 characters]"] * 400
