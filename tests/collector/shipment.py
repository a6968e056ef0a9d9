"""One shipment: a run of four steps, an event, three groups, a dead letter, its replay, and the graph of it all."""

from dataclasses import dataclass, field
from itertools import pairwise

from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, Story, Where, place, uid

CHANNEL = "shipment.delivered"
WORKFLOW = "shipment"
STEPS = ("pickup", "sorting", "transit", "delivery")
GROUPS = ("billing", "board", "sms")


@dataclass
class Shipment:
    """The story of one shipment, its ids, and what its causal graph must be."""

    number: int = 1
    start: float = 0
    """Milliseconds after the origin."""
    story: Story = field(default_factory=lambda: Story("logistics"))

    def __post_init__(self) -> None:
        self.run = uid(f"run-{self.number}")
        self.correlation = uid(f"correlation-{self.number}")
        self.subject = f"S-{self.number:04d}"
        self.steps = {name: identity.step_id(self.run, name) for name in STEPS}
        self.event = identity.event_id(self.steps["delivery"], 0)
        self.deliveries = {group: identity.delivery_id(self.event, group, 0) for group in GROUPS}
        self.letter = identity.dead_letter_id(self.deliveries["sms"])
        self.replay = identity.replay_id(self.letter)
        self.replayed = identity.delivery_id(self.event, "sms", 1)
        self._run()
        self._publish()
        for group in ("billing", "board"):
            self._process(group)
        self._dead()
        self._replay()

    @property
    def edges(self) -> set[tuple[str, str, str, str]]:
        """Cause, effect, evidence and coordination of every edge."""
        chain = [self.run, *self.steps.values()]
        commanded = {(str(a), str(b), "declared", "commanded") for a, b in pairwise(chain)}
        pairs = [
            (self.steps["delivery"], self.event),
            *((self.event, delivery) for delivery in self.deliveries.values()),
            (self.deliveries["sms"], self.letter),
            (self.letter, self.replay),
            (self.replay, self.replayed),
        ]
        return commanded | {(str(a), str(b), "declared", "reacted") for a, b in pairs}

    def _place(self, span: str, trace: str = "run") -> Where:
        return place(f"{trace}-{self.number}", span)

    def _node(self, kind: NodeKind, *args: object, at: float, **kwargs: object) -> None:
        more = {semconv.SUBJECT: self.subject, **kwargs.pop("more", {})}
        self.story.node(kind, *args, at=self.start + at, correlation=self.correlation, more=more, **kwargs)

    def _run(self) -> None:
        run = {semconv.WORKFLOW: WORKFLOW, semconv.RUN_ID: str(self.run), semconv.AGENT: WORKFLOW}
        self._node(
            NodeKind.RUN,
            self.run,
            "start shipment",
            self._place("start"),
            at=0,
            span_kind=PRODUCER,
            more={**run, semconv.INPUT_KEYS: ["order"]},
        )
        self._node(
            NodeKind.RUN,
            self.run,
            "invoke_workflow shipment",
            self._place("invoke"),
            at=0,
            lasts=100,
            parent=self._place("start"),
            more={**run, semconv.OPERATION: "invoke_workflow", semconv.OUTCOME: "ok"},
        )
        before: list[str] = []
        for depth, name in enumerate(STEPS, 1):
            attempts = 2 if name == "sorting" else 1
            for attempt in range(1, attempts + 1):
                retried = attempt < attempts
                self._node(
                    NodeKind.STEP,
                    self.steps[name],
                    f"step {name}",
                    self._place(f"{name}-{attempt}"),
                    cause=self.run,
                    at=depth * 20 + attempt * 5,
                    lasts=4,
                    parent=self._place("invoke"),
                    links=[self._place(f"{name}-{attempt - 1}")] if attempt > 1 else [],
                    failed="CarrierError: busy" if retried else "",
                    more={
                        **run,
                        semconv.AGENT: name,
                        semconv.STEP: name,
                        semconv.ATTEMPT: attempt,
                        semconv.DEPTH: depth,
                        semconv.OUTCOME: "retry" if retried else "ok",
                        semconv.KEYS_READ: ["order"],
                        semconv.CONTEXT_SIZE: 100 * depth,
                        **({semconv.ERROR_TYPE: "CarrierError"} if retried else {}),
                        **({semconv.CAUSES: before} if before else {}),
                    },
                )
            before = [str(self.steps[name])]
        sorting = self.story.spans[-3]
        event = sorting.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=sorting.end_time_unix_nano)
        for key, value in ((semconv.EVALUATION_NAME, "correct"), (semconv.EVALUATION_LABEL, "pass")):
            event.attributes.add(key=key).value.string_value = value
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = 1.0
        self.publishing = self._place("delivery-1")

    def _messaging(self, operation: str, group: str = "") -> dict[str, str]:
        about = {
            semconv.MESSAGING_OPERATION_NAME: operation,
            semconv.CHANNEL: CHANNEL,
            semconv.EVENT_ID: str(self.event),
        }
        return {**about, semconv.GROUP: group, semconv.AGENT: group} if group else about

    def _publish(self) -> None:
        self._node(
            NodeKind.EVENT,
            self.event,
            f"publish {CHANNEL}",
            self._place("publish"),
            cause=self.steps["delivery"],
            at=95,
            span_kind=PRODUCER,
            parent=self.publishing,
            more={**self._messaging("publish"), semconv.PAYLOAD: f'{{"number": "{self.subject}", "to": "Ünna"}}'},
        )

    def _process(self, group: str) -> None:
        self._node(
            NodeKind.DELIVERY,
            self.deliveries[group],
            f"process {CHANNEL}",
            self._place(f"{group}-1"),
            cause=self.event,
            at=110,
            lasts=3,
            span_kind=CONSUMER,
            parent=self._place("publish"),
            links=[self._place("publish")],
            more={**self._messaging("process", group), semconv.ATTEMPT: 1, semconv.ROUND: 0, semconv.OUTCOME: "ok"},
        )

    def _dead(self) -> None:
        for attempt, outcome in ((1, "retry"), (2, "dead_letter")):
            self._node(
                NodeKind.DELIVERY,
                self.deliveries["sms"],
                f"process {CHANNEL}",
                self._place(f"sms-{attempt}"),
                cause=self.event,
                at=110 + attempt * 20,
                span_kind=CONSUMER,
                parent=self._place("publish"),
                links=[self._place("publish"), *([self._place("sms-1")] if attempt > 1 else [])],
                failed="GatewayError: down",
                more={
                    **self._messaging("process", "sms"),
                    semconv.ATTEMPT: attempt,
                    semconv.ROUND: 0,
                    semconv.OUTCOME: outcome,
                    semconv.ERROR_TYPE: "GatewayError",
                },
            )
            failure = self.story.spans[-1]
            raised = failure.events.add(name="exception", time_unix_nano=failure.end_time_unix_nano)
            raised.attributes.add(key="exception.type").value.string_value = "GatewayError"
            raised.attributes.add(key="exception.message").value.string_value = "down"
            raised.attributes.add(key="exception.stacktrace").value.string_value = "Traceback: ..."
        self._node(
            NodeKind.DEAD_LETTER,
            self.letter,
            f"dead_letter {CHANNEL}",
            self._place("letter"),
            cause=self.deliveries["sms"],
            at=152,
            span_kind=CLIENT,
            parent=self._place("sms-2"),
            more={**self._messaging("dead_letter", "sms"), semconv.REASON: "max_attempts", semconv.ATTEMPTS: 2},
        )

    def _replay(self) -> None:
        self._node(
            NodeKind.REPLAY,
            self.replay,
            f"replay {CHANNEL}",
            self._place("replay", "replay"),
            cause=self.letter,
            at=5_000,
            span_kind=PRODUCER,
            links=[self._place("publish"), self._place("sms-2"), self._place("letter")],
            more={
                **self._messaging("replay", "sms"),
                semconv.DEAD_LETTER_ID: str(self.letter),
                semconv.OPERATOR: "ada",
                semconv.ROUND: 1,
            },
        )
        self._node(
            NodeKind.DELIVERY,
            self.replayed,
            f"process {CHANNEL}",
            self._place("sms-again", "again"),
            cause=self.replay,
            at=5_010,
            span_kind=CONSUMER,
            links=[self._place("publish"), self._place("replay", "replay")],
            more={**self._messaging("process", "sms"), semconv.ATTEMPT: 1, semconv.ROUND: 1, semconv.OUTCOME: "ok"},
        )
