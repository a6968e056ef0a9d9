"""What apps would tell: attempts, scores, events and what they cause; built by hand, with times a test chooses."""

from itertools import count
from uuid import UUID

from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.story import CONSUMER, PRODUCER, SERVER, Story, place, uid

_numbers = count(1)


def attempts(
    many: int,
    *,
    failed: int = 0,
    seconds: float = 0.01,
    at: float = 0.0,
    score: float | None = None,
    named: str = "right",
) -> Story:
    """Steps `pay` of workflow `order`, one attempt each; the first `failed` of them fail. `at` is seconds."""
    story = Story("shop")
    for number in range(many):
        name = f"attempt-{next(_numbers)}"
        outcome = "failed" if number < failed else "ok"
        span = story.node(
            NodeKind.STEP,
            uid(name),
            "step pay",
            place(name, "1"),
            at=at * 1_000 + number,
            lasts=seconds * 1_000,
            failed="ValueError: no" if outcome == "failed" else "",
            more={
                semconv.WORKFLOW: "order",
                semconv.STEP: "pay",
                semconv.ATTEMPT: 1,
                semconv.OUTCOME: outcome,
                semconv.RUN_ID: str(uid(f"run-{name}")),
                semconv.AGENT: "pay",
            },
        )
        if score is not None:
            event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano)
            event.attributes.add(key=semconv.EVALUATION_NAME).value.string_value = named
            event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = score
    return story


def running(at: float = 0.0) -> Story:
    """A step `pay` that goes on since `at` seconds, as its marker says."""
    story, name = Story("shop"), f"attempt-{next(_numbers)}"
    story.node(
        NodeKind.STEP,
        uid(name),
        "pending step pay",
        place(name, "marker"),
        at=at * 1_000,
        parent=place(name, "1"),
        more={
            semconv.WORKFLOW: "order",
            semconv.STEP: "pay",
            semconv.ATTEMPT: 1,
            semconv.PENDING: True,
            semconv.RUN_ID: str(uid(f"run-{name}")),
        },
    )
    return story


def foreign(many: int, *, failed: int = 0) -> Story:
    """Requests to a service that is not ours."""
    story = Story("django")
    for number in range(many):
        name = f"request-{next(_numbers)}"
        story.add("GET /", place(name, "1"), at=number, kind=SERVER, failed="boom" if number < failed else "")
    return story


def letters(many: int, at: float = 0.0) -> Story:
    """Deliveries to group `g` of channel `c` that died."""
    story = Story("shop")
    for _ in range(many):
        name = f"letter-{next(_numbers)}"
        story.node(
            NodeKind.DEAD_LETTER,
            uid(name),
            "dead_letter c",
            place(name, "1"),
            at=at * 1_000,
            cause=uid(f"of-{name}"),
            more={semconv.CHANNEL: "c", semconv.GROUP: "g", semconv.REASON: "max_attempts", semconv.ATTEMPTS: 3},
        )
    return story


def event(story: Story, channel: str, at: float, cause: UUID | None = None, correlation: str = "correlation") -> UUID:
    """An event on a channel. Returns its id."""
    name = f"event-{next(_numbers)}"
    story.node(
        NodeKind.EVENT,
        uid(name),
        f"publish {channel}",
        place(name, "1"),
        at=at * 1_000,
        span_kind=PRODUCER,
        cause=cause,
        correlation=uid(correlation),
        more={semconv.CHANNEL: channel, semconv.EVENT_ID: str(uid(name)), semconv.MESSAGING_OPERATION_NAME: "publish"},
    )
    return uid(name)


def delivery(
    story: Story, event_id: UUID, channel: str, group: str, at: float, correlation: str = "correlation"
) -> UUID:
    """A delivery that a group has done. Returns its id."""
    id_ = identity.delivery_id(event_id, group, 0)
    story.node(
        NodeKind.DELIVERY,
        id_,
        f"process {channel}",
        place(str(id_), "1"),
        at=at * 1_000,
        span_kind=CONSUMER,
        cause=event_id,
        correlation=uid(correlation),
        more={
            semconv.CHANNEL: channel,
            semconv.EVENT_ID: str(event_id),
            semconv.GROUP: group,
            semconv.ATTEMPT: 1,
            semconv.ROUND: 0,
            semconv.OUTCOME: "ok",
        },
    )
    return id_


def orders(many: int, at: float, *, are_paid: bool = True, through_a_run: bool = False) -> Story:
    """Events on `orders`, that group `till` does; each causes one on `payments`, unless its handler is silent."""
    story = Story("shop")
    for number in range(many):
        correlation = f"order-{next(_numbers)}"
        order = event(story, "orders", at + number * 0.01, correlation=correlation)
        done = delivery(story, order, "orders", "till", at + number * 0.01 + 0.001, correlation)
        cause = _run(story, done, at, correlation) if through_a_run else done
        if are_paid:
            event(story, "payments", at + number * 0.01 + 0.002, cause, correlation)
    return story


def _run(story: Story, cause: UUID, at: float, correlation: str) -> UUID:
    """A run that a delivery started. Returns its only step's id."""
    run = identity.derive(NodeKind.RUN, cause, "0")
    step = identity.step_id(run, "charge")
    about = {semconv.WORKFLOW: "charging", semconv.RUN_ID: str(run)}
    story.node(
        NodeKind.RUN,
        run,
        "start charging",
        place(str(run), "1"),
        at=at * 1_000,
        cause=cause,
        correlation=uid(correlation),
        more=about,
    )
    story.node(
        NodeKind.STEP,
        step,
        "step charge",
        place(str(step), "1"),
        at=at * 1_000,
        cause=run,
        correlation=uid(correlation),
        more={**about, semconv.STEP: "charge", semconv.ATTEMPT: 1, semconv.OUTCOME: "ok"},
    )
    return step


def chain(channels: list[str], at: float = 0.0) -> Story:
    """Events each of which is caused by the handler of the one before."""
    story, cause, correlation = Story("shop"), None, f"chain-{next(_numbers)}"
    for number, channel in enumerate(channels):
        caused = event(story, channel, at + number * 0.01, cause, correlation)
        cause = delivery(story, caused, channel, "g", at + number * 0.01 + 0.005, correlation)
    return story
