"""Spans of every kind that no designer of a page thinks of: deep, wide, long, many, and with names that are markup."""

import json
from collections.abc import Iterator
from uuid import UUID

from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.story import CONSUMER, PRODUCER, Story, Value, Where, place, uid

#: Names that a foreign sender may choose: HTML, Markdown, formulas, bidi controls, no text at all, one without an end.
NAMES = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "**bold** [link](javascript:alert(1)) :material/home: $x^2$ `code`",
    "\u202egnp.exe\u202c \u2066isolated",
    "a/b/../c?d=e#f&g=%2F",
    '=HYPERLINK("http://evil.test")',
    "Zalgo z̸̢̛a̶l̷g̶o̴ 🏳️‍🌈 한글 العربية",
    "\x01\x02\x1b[31mred",
    " ",
    "W" * 3_000,
    "word " * 600,
)


class Hostile:
    """What is sent, by size: 1 is a test's, 10 is as much as anybody is expected to look at.

    Args:
        size: how many times as much as a test's.
    """

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.run, self.event, self.first, self.think = (uid(f"hostile {name}") for name in ("run", "fan", "0", "think"))

    @staticmethod
    def name(number: int) -> UUID:
        """The event that is called as the name of that number."""
        return uid(f"hostile name {number}")

    def stories(self) -> Iterator[Story]:
        """Each in a request of its own."""
        yield self.long_run()
        yield self.fan()
        yield self.chain()
        yield self.thoughts()
        yield self.names()

    def long_run(self) -> Story:
        """A run of many steps, each caused by the one before."""
        story, steps = Story(), 600 * self.size
        top = place("hostile run", "run")
        about: dict[str, Value] = {semconv.RUN_ID: str(self.run), semconv.WORKFLOW: "long"}
        story.node(NodeKind.RUN, self.run, "start long", top, span_kind=PRODUCER, more=about)
        for number in range(steps):
            causes = [str(uid(f"hostile step {number - 1}"))] if number else []
            more = {**about, semconv.STEP: f"step {number % 40}", semconv.CAUSES: causes, semconv.OUTCOME: "ok"}
            where = place("hostile run", f"step {number}")
            story.node(
                NodeKind.STEP, uid(f"hostile step {number}"), "step", where, cause=self.run, more=more, at=number
            )
        return story

    def fan(self) -> Story:
        """An event that many groups received."""
        story, groups = Story(), 500 * self.size
        about: dict[str, Value] = {semconv.CHANNEL: "fan", semconv.EVENT_ID: str(self.event)}
        sent = place("hostile fan", "publish")
        story.node(NodeKind.EVENT, self.event, "publish fan", sent, span_kind=PRODUCER, more=about)
        for number in range(groups):
            more = {**about, semconv.GROUP: f"group {number}", semconv.OUTCOME: "ok" if number % 50 else "retry"}
            where = place("hostile fan", f"delivery {number}")
            id_ = uid(f"hostile delivery {number}")
            story.node(
                NodeKind.DELIVERY, id_, "process fan", where, cause=self.event, more=more, at=number, span_kind=CONSUMER
            )
        return story

    def chain(self) -> Story:
        """Events of which each caused the next, in a trace of its own."""
        story = Story()
        for number in range(1_000 * self.size):
            id_, where = uid(f"hostile {number}"), place(f"hostile chain {number}", "publish")
            cause: UUID | None = uid(f"hostile {number - 1}") if number else None
            about: dict[str, Value] = {
                semconv.CHANNEL: "chain",
                semconv.EVENT_ID: str(id_),
                semconv.SUBJECT: f"L-{number}",
            }
            story.node(NodeKind.EVENT, id_, "publish", where, cause=cause, more=about, at=number, span_kind=PRODUCER)
        return story

    def thoughts(self) -> Story:
        """A step with long prompts, and with a thousand attributes."""
        story, top = Story(), place("hostile think", "think")
        many: dict[str, Value] = {f"attribute.{number}": f"value {number}" for number in range(1_000)}
        more: dict[str, Value] = {**many, semconv.STEP: "think", semconv.WORKFLOW: "large", semconv.OUTCOME: "failed"}
        span = story.node(NodeKind.STEP, self.think, "step think", top, more=more, failed="it failed " * 5_000)
        trouble = span.events.add(name="exception", time_unix_nano=span.start_time_unix_nano)
        frames = "".join(f'  File "/srv/{number}.py", line {number}\n' for number in range(5_000))
        for key, value in (("type", "ValueError"), ("message", "<b>bad</b> " * 999), ("stacktrace", frames)):
            trouble.attributes.add(key=f"exception.{key}").value.string_value = value
        for number in range(5 * self.size):
            prompt = json.dumps({"role": "user", "content": f"Where is Zürich? {number} " * 20_000})
            where = place("hostile think", f"chat {number}")
            attributes: dict[str, Value] = {"gen_ai.input.messages": prompt, "gen_ai.request.model": NAMES[0]}
            story.add("chat", where, parent=top, attributes=attributes, at=number)
        return story

    def names(self) -> Story:
        """Everything that has a name has a bad one, and so has everything that is foreign."""
        story = Story()
        for number, name in enumerate(NAMES):
            id_, where = self.name(number), place("hostile names", f"publish {number}")
            about: dict[str, Value] = {
                semconv.CHANNEL: name,
                semconv.EVENT_ID: str(id_),
                semconv.SUBJECT: name,
                semconv.AGENT: name,
                semconv.PAYLOAD: json.dumps({name: [name]}),
            }
            story.node(NodeKind.EVENT, id_, name, where, more=about, at=2_000_000 + number, span_kind=PRODUCER)
            self._received(story, id_, number, name)
            story.add(name, place("hostile names", f"foreign {number}"), parent=where, failed=name, at=2_000_000)
        return story

    def _received(self, story: Story, event: UUID, number: int, name: str) -> None:
        about: dict[str, Value] = {
            semconv.CHANNEL: name,
            semconv.EVENT_ID: str(event),
            semconv.GROUP: name,
            semconv.AGENT: name,
            semconv.OUTCOME: "retry",
        }
        where: Where = place("hostile names", f"delivery {number}")
        story.node(
            NodeKind.DELIVERY,
            uid(f"hostile bad {number}"),
            name,
            where,
            cause=event,
            more=about,
            at=2_000_001 + number,
            failed=name,
            span_kind=CONSUMER,
        )
