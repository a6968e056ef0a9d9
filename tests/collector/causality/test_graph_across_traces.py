"""The causal graph where it leaves a trace, or what the runtime made: foreign spans, links, other correlations."""

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.causality.edges import edge, edges_of
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, SERVER, Story, Value, foreign, place, uid


def test_a_web_request_above_a_run_is_its_cause_and_its_queries_are_not(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The span tree connects what declares no cause; siblings and nested model calls stay out of the picture."""
    run, step = uid("run"), uid("step")
    story = Story()
    request, query, start = place("t", "request"), place("t", "query"), place("t", "start")
    story.add("POST /orders", request, kind=SERVER)
    story.add("SELECT", query, kind=CLIENT, parent=request)
    story.node(NodeKind.RUN, run, "start w", start, span_kind=PRODUCER, parent=request, more={semconv.WORKFLOW: "w"})
    story.node(NodeKind.STEP, step, "step s", place("t", "step"), cause=run, parent=start, more={semconv.OUTCOME: "ok"})
    story.add("chat model", place("t", "chat"), kind=CLIENT, parent=place("t", "step"), attributes={"tokens": 7})
    story.add("HTTP POST", place("t", "http"), kind=CLIENT, parent=place("t", "chat"))
    collector.tell(story)

    graph = client.causality(str(run))

    assert edges_of(graph) == {
        edge(foreign(request), run, "parent", "commanded"),
        edge(run, step, "declared", "commanded"),
    }
    nested = client.node(str(step)).nested
    assert [(span.name, span.attributes) for span in nested] == [("chat model", {"tokens": 7}), ("HTTP POST", {})]
    from_above = edges_of(client.causality(str(foreign(request))))
    assert from_above == edges_of(graph) | {edge(foreign(request), foreign(query), "parent", "commanded")}


def test_a_service_between_a_step_and_the_run_that_it_started_connects_them(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Causal ids were lost on the way; the span tree was not."""
    step, run = uid("step"), uid("second run")
    story = Story()
    story.node(NodeKind.STEP, step, "step s", place("t", "step"), more={semconv.OUTCOME: "ok"})
    story.add("POST", place("t", "client"), kind=CLIENT, parent=place("t", "step"))
    story.add("POST /run", place("t", "server"), kind=SERVER, parent=place("t", "client"))
    story.node(NodeKind.RUN, run, "start w", place("t", "start"), span_kind=PRODUCER, parent=place("t", "server"))
    collector.tell(story)

    assert edges_of(client.causality(str(step))) == {
        edge(step, foreign(place("t", "client")), "parent", "commanded"),
        edge(foreign(place("t", "client")), foreign(place("t", "server")), "parent", "commanded"),
        edge(foreign(place("t", "server")), run, "parent", "commanded"),
    }


def test_foreign_traces_are_followed_through_links_both_ways(collector: LiveCollector, client: CollectorClient) -> None:
    """A producer, a consumer in another trace that links to it, and what that calls."""
    story = Story()
    send, receive, work = place("a", "send"), place("b", "receive"), place("b", "work")
    story.add("send orders", send, kind=PRODUCER)
    story.add("process orders", receive, kind=CONSUMER, links=[send], at=5)
    story.add("charge", work, parent=receive, at=6)
    collector.tell(story)
    expected = {
        edge(foreign(send), foreign(receive), "linked", "reacted"),
        edge(foreign(receive), foreign(work), "parent", "commanded"),  # whoever received it calls what it needs
    }

    assert edges_of(client.causality(str(foreign(send)))) == expected
    assert edges_of(client.causality(str(foreign(work)))) == expected


def test_a_foreign_consumer_of_our_event_is_an_effect_of_it(collector: LiveCollector, client: CollectorClient) -> None:
    """Any OpenTelemetry client may listen; a link or the propagated parent says so, the link counting more."""
    event = uid("event")
    story = Story()
    story.node(NodeKind.EVENT, event, "publish c", place("a", "publish"), span_kind=PRODUCER)
    story.add("linked", place("b", "linked"), kind=CONSUMER, links=[place("a", "publish")])
    story.add("both", place("a", "both"), kind=CONSUMER, parent=place("a", "publish"), links=[place("a", "publish")])
    story.add("child", place("a", "child"), kind=CONSUMER, parent=place("a", "publish"))
    collector.tell(story)

    assert edges_of(client.causality(str(event))) == {
        edge(event, foreign(place("b", "linked")), "linked", "reacted"),
        edge(event, foreign(place("a", "both")), "linked", "reacted"),
        edge(event, foreign(place("a", "child")), "parent", "reacted"),
    }


def test_a_link_to_a_span_that_never_arrived_is_a_hole(collector: LiveCollector, client: CollectorClient) -> None:
    """Once it arrives, the hole closes at the same id."""
    story = Story()
    story.add("receive", place("b", "receive"), kind=CONSUMER, links=[place("a", "send")])
    collector.tell(story)
    receive, send = foreign(place("b", "receive")), foreign(place("a", "send"))

    before = client.causality(str(receive))
    late = Story()
    late.add("send", place("a", "send"), kind=PRODUCER)
    collector.tell(late)
    after = client.causality(str(receive))

    assert [(hole.id, hole.named_by) for hole in before.holes] == [(str(send), [str(receive)])]
    assert after.holes == []
    assert edges_of(before) == edges_of(after) == {edge(send, receive, "linked", "reacted")}


def test_a_run_that_a_step_started_under_another_correlation_is_found(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Forward by the declared cause, and backward from there."""
    story = Story()
    step, run = uid("step"), uid("child run")
    story.node(NodeKind.STEP, step, "step s", place("a", "step"), correlation=uid("one"))
    story.node(
        NodeKind.RUN, run, "start w", place("b", "start"), cause=step, correlation=uid("two"), span_kind=PRODUCER
    )
    collector.tell(story)

    for focus in (step, run):
        assert edges_of(client.causality(str(focus))) == {edge(step, run, "declared", "commanded")}


def test_a_step_that_waited_for_an_event_of_another_trace_is_an_effect_of_it(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Found from either end, though they share neither a trace nor a correlation."""
    event, step, story = uid("event"), uid("step"), Story()
    story.node(NodeKind.EVENT, event, "publish c", place("a", "publish"), correlation=uid("one"))
    waited = {semconv.CAUSES: [str(event)]}
    story.node(NodeKind.STEP, step, "step s", place("b", "step"), cause=uid("run"), correlation=uid("two"), more=waited)
    collector.tell(story)

    for focus in (event, step):
        assert edges_of(client.causality(str(focus))) == {edge(event, step, "declared", "reacted")}


def test_whoever_answers_a_step_is_its_cause_in_whichever_trace(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A handler of another correlation: what led to the answer, and what follows from it, is one picture."""
    story, event, hear, run, ask, after = Story(), *map(uid, ("event", "hear", "run", "ask", "after"))
    story.node(NodeKind.EVENT, event, "publish paid", place("a", "publish"), correlation=uid("other"))
    story.node(
        NodeKind.DELIVERY, hear, "process paid", place("a", "process"), cause=event, correlation=uid("other"), at=5
    )
    story.node(NodeKind.RUN, run, "start w", place("b", "start"), correlation=uid("own"))
    for attempt, causes in ((1, []), (2, [str(run), str(hear)])):
        said: dict[str, Value] = {semconv.ATTEMPT: attempt, **({semconv.CAUSES: causes} if causes else {})}
        where = place("b", f"ask {attempt}")
        story.node(NodeKind.STEP, ask, "step ask", where, cause=run, more=said, at=attempt, correlation=uid("own"))
    story.node(NodeKind.STEP, after, "step after", place("b", "after"), cause=run, more={semconv.CAUSES: [str(ask)]})
    collector.tell(story)

    led = {
        edge(event, hear, "declared", "reacted"),
        edge(hear, ask, "declared", "commanded"),
        edge(ask, after, "declared", "commanded"),
    }
    assert edges_of(client.causality(str(event))) == led
    assert edges_of(client.causality(str(ask))) == led | {edge(run, ask, "declared", "commanded")}


def test_a_step_that_is_answered_by_what_it_has_set_off_closes_no_circle(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """It started a run, and waits for its word: the edge against the clock is left out, and the wait names the node."""
    story, run, ask, inner, say = Story(), *map(uid, ("run", "ask", "inner", "say"))
    story.node(NodeKind.RUN, run, "start w", place("b", "start"))
    more: dict[str, Value] = {semconv.ATTEMPT: 2, semconv.CAUSES: [str(run), str(say)]}
    story.node(NodeKind.STEP, ask, "step ask", place("b", "1"), cause=run, at=1)
    story.node(NodeKind.RUN, inner, "start inner", place("b", "inner"), cause=ask, at=2)
    story.node(NodeKind.STEP, say, "step say", place("b", "say"), cause=inner, at=3)
    story.node(NodeKind.STEP, ask, "step ask", place("b", "2"), cause=run, at=4, more=more)
    collector.tell(story)

    ours = [(run, ask), (ask, inner), (inner, say)]
    assert edges_of(client.causality(str(run))) == {edge(*pair, "declared", "commanded") for pair in ours}
