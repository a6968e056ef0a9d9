"""Random stories in which everything happens that a list can be asked for: few of each, and some of it badly told."""

import random
from collections.abc import Iterator
from typing import Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import CONSUMER, PRODUCER, Story, Value, Where, place, uid

SERVICES: Final = ("orders", "desk", "rare")
CHANNELS: Final = ("c", "d", "C", "rare")
AGENTS: Final = ("planner", "clerk", "rare")
MODELS: Final = ("m-1", "m-2", "rare")

#: How attempts at deliveries end, what only others may say among it.
_ENDS: Final = (
    *("ok", "ok", "retry", "lost", "failed", "cancelled", "duplicate", "stale", "expired", "dead_letter"),
    *("waiting", "spread", "gathered", "skipped", "unheard-of"),
)

#: What OpenTelemetry's older conventions call the taking of a message.
_TAKES: Final = {"messaging.system": "kafka", "messaging.operation": "process"}


class Told:
    """What one chance tells.

    Args:
        seed: of the chance.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.stories = {service: Story(service) for service in SERVICES}
        for number in range(16):
            at = self.chance.choice([0, 1_000, 5_000, 60_000, 86_400_000]) + self.chance.choice([0, number])
            self._event(f"{seed}/{number}", at)
            self._run(f"{seed}/{number}", at)
            self._others(f"{seed}/{number}/others", at)

    def parts(self) -> Iterator[tuple[Story, list[Span]]]:
        """Yields all of it in parts of some spans of one service, in any order."""
        parts = []
        for story in self.stories.values():
            spans = self.chance.sample(story.spans, len(story.spans))
            parts += [(story, spans[first : first + 9]) for first in range(0, len(spans), 9)]
        self.chance.shuffle(parts)
        yield from parts

    @property
    def _story(self) -> Story:
        return self.stories[self.chance.choice((*SERVICES[:2] * 4, SERVICES[2]))]

    def _is(self, likelihood: float) -> bool:
        return self.chance.random() < likelihood

    def _event(self, name: str, at: float) -> None:
        event, sent = uid(f"event {name}"), place(name, "event")
        named = self.chance.choice(CHANNELS[:2] * 4 + CHANNELS[2:])
        channel: dict[str, Value] = {} if self._is(0.2) else {semconv.CHANNEL: named}
        if self._is(0.8):
            self._story.node(NodeKind.EVENT, event, "publish", sent, at=at, more=channel, span_kind=PRODUCER)
        for group in ("g", "h")[: self.chance.choice((0, 0, 1, 2))]:
            for number in range(self.chance.choice((1, 1, 1, 2))):
                about: dict[str, Value] = {
                    **channel,
                    semconv.EVENT_ID: str(event),
                    semconv.GROUP: group,
                    semconv.ROUND: number,
                }
                self._delivery(f"{name} {group} {number}", sent, at, about)
        if self._is(0.25):
            self._taken(name, sent, at, channel)

    def _delivery(self, name: str, sent: Where, at: float, about: dict[str, Value]) -> None:
        node, story = uid(f"delivery {name}"), self._story
        tries = self.chance.choice((0, 1, 1, 2))
        for attempt in range(1, tries + 1):
            where, late = place(name, f"try {attempt}"), at + attempt * self.chance.choice((1, 50_000, -3))
            told = {**about, semconv.ATTEMPT: attempt}
            if self._is(0.2):
                marker = place(name, f"marker {attempt}")
                going_on = {**told, semconv.PENDING: True}
                story.node(NodeKind.DELIVERY, node, "process", marker, at=late, more=going_on, parent=where)
            if self._is(0.9):
                ended = {**told, **({} if self._is(0.1) else {semconv.OUTCOME: self.chance.choice(_ENDS)})}
                story.node(NodeKind.DELIVERY, node, "process", where, at=late, more=ended, parent=sent)
        if self._is(0.2) or not tries:
            letter = uid(f"letter {name}")
            died = {**about, semconv.ATTEMPTS: tries, semconv.REASON: "max_attempts"}
            where = place(name, "letter")
            story.node(NodeKind.DEAD_LETTER, letter, "gave up", where, cause=node, at=at + 60_000, more=died)
            if self._is(0.5):
                kind = self.chance.choice((NodeKind.REPLAY, NodeKind.DISCARD))
                settled = {semconv.DEAD_LETTER_ID: str(letter)}
                story.node(kind, uid(f"settled {name}"), "settle", place(name, "settled"), at=at + 70_000, more=settled)

    def _taken(self, name: str, sent: Where, at: float, channel: dict[str, Value]) -> None:
        """A consumer of others, that knows the event by its span, by a link, or by the message's id."""
        way = self.chance.choice(("parent", "link", "message"))
        more: dict[str, Value] = {**_TAKES, "messaging.destination.name": channel.get(semconv.CHANNEL, "c")}
        if way == "message":
            more["messaging.message.id"] = str(uid(f"event {name}"))
        self._story.add(
            "process",
            place(name, "taken") if way == "parent" else place(f"{name} taken", "taken"),
            at=at + 2,
            kind=CONSUMER,
            parent=sent if way == "parent" else None,
            links=[sent] if way == "link" else [],
            attributes=more,
            failed=self.chance.choice(("", "", "it broke")),
        )

    def _run(self, name: str, at: float) -> None:
        run, story = uid(f"run {name}"), self._story
        of_run: dict[str, Value] = {
            semconv.WORKFLOW: self.chance.choice(("w", "w", "v", "rare")),
            semconv.RUN_ID: str(run),
        }
        if self._is(0.7):
            more = of_run if self._is(0.8) else {semconv.RUN_ID: str(run)}
            story.node(NodeKind.RUN, run, "start", place(name, "start"), at=at, more=more)
        ending = self.chance.choice(("ok", "ok", "failed", "cancelled", None))
        if ending is not None and self._is(0.9):
            where = place(name, "end")
            story.node(NodeKind.RUN, run, "end", where, at=at, lasts=20, more={**of_run, semconv.OUTCOME: ending})
        for number in range(self.chance.choice((0, 1, 2))):
            step, where = uid(f"step {name} {number}"), place(name, f"step {number}")
            told = {
                **of_run,
                semconv.STEP: "s",
                semconv.AGENT: self.chance.choice(AGENTS),
                semconv.ATTEMPT: 1,
                semconv.OUTCOME: self.chance.choice(("ok", "failed")),
                **({semconv.PLACE: "~"} if self._is(0.15) else {}),
            }
            parent = place(name, self.chance.choice(("end", "nowhere")))
            story.node(NodeKind.STEP, step, "step", where, at=at + number, more=told, parent=parent)
            if self._is(0.3):
                self._call(f"{name} {number}", where, at)

    def _call(self, name: str, above: Where, at: float) -> None:
        about: dict[str, Value] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": self.chance.choice(MODELS),
            "gen_ai.response.model": self.chance.choice(MODELS),
            **({"gen_ai.conversation.id": self.chance.choice(("talk-1", "rare"))} if self._is(0.5) else {}),
        }
        where = Where(above.trace, place(name, "call").span)
        failed = self.chance.choice(("", "", "", "it broke"))
        self._story.add("chat", where, at=at + 1, parent=above, attributes=about, failed=failed)

    def _others(self, name: str, at: float) -> None:
        if self._is(0.3):
            return
        kind = self.chance.choice(("agent", "root", "flow"))
        about: dict[str, Value] = {}
        if kind == "agent":
            about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": self.chance.choice(AGENTS)}
        elif kind == "flow":
            about = {
                "gen_ai.operation.name": "invoke_workflow",
                "gen_ai.workflow.name": self.chance.choice(("w", "rare")),
            }
        if self._is(0.3):
            about["gen_ai.conversation.id"] = self.chance.choice(("talk-1", "talk-2", "rare"))
        top, failed = place(name, "top"), self.chance.choice(("", "", "", "it broke"))
        name_of = self.chance.choice(("top", "naïve top", f"top {name}"))
        self._story.add(name_of, top, at=at, lasts=9, attributes=about, failed=failed)
        if self._is(0.6):
            self._call(name, top, at)
