"""What calls were told and what they answered, read from the store: bodies are loaded here, and in no list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from collector.agents.messages import flat_attributes, sources, tools
from collector.agents.messages.flat_attributes import AttributeTexts, FlatAttributes
from collector.agents.messages.message_memory import MessageMemory
from collector.agents.messages.sources import CONTENT, CallEvent, CallMessages
from collector.agents.tree import Span
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.question import WHOLE
from collector.store.roles import Role
from collector.store.values import decode_attributes, decode_stored_value

#: Characters of all texts together that one answer reads of the store; of many calls each has its share.
ROOM: Final = 300_000_000
#: Characters of one text that are read in any case.
LEAST: Final = 100_000

#: What is said where we have read a part.
BOUNDED: Final = "longer than is read here: the call's own page has the whole"

_MARK: Final = "… [cut: "
_MARK_MOST: Final = 60


@dataclass(slots=True)
class SpanContents:
    """What one span holds.

    Attributes:
        attributes: by name.
        events: in order of their time.
        bounded: whether a text of it was longer than was read.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: list[CallEvent] = field(default_factory=list)
    bounded: bool = False


def read_contents(
    session: Session, spans: Iterable[tuple[UUID, int]], *, everything: bool = False
) -> dict[tuple[UUID, int], SpanContents]:
    """Returns what spans hold of what was said.

    Args:
        session: the snapshot to read.
        spans: each by its trace and its id.
        everything: whether all attributes are wanted, and texts whole.
    """
    wanted = set(spans)
    found: dict[tuple[UUID, int], SpanContents] = defaultdict(SpanContents)
    if not wanted:
        return found
    room = WHOLE if everything else max(LEAST, ROOM // len(wanted))
    asked: dict[str, Any] = {
        "traces": sorted({trace for trace, _ in wanted}),
        "spans": sorted({id_ for _, id_ in wanted}),
        "room": room,
    }
    pattern = None if everything else CONTENT.pattern
    chosen = {**asked, "pattern": pattern, **session.stretch(asked["traces"]).bounds}
    rows = session.rows(Query.AGENTS_CONTENTS, **chosen, with_marks=False)
    if any(
        (row["names"] or "").count(flat_attributes.BETWEEN) != (row["texts"] or "").count(flat_attributes.BETWEEN)
        for row in rows
    ):
        rows = session.rows(Query.AGENTS_CONTENTS, **chosen, with_marks=True)
    before: AttributeTexts | None = None
    for row in rows:
        before = AttributeTexts(row["names"] or "", row["texts"] or "", before)  # null where all are lists and numbers
        found[row["trace_id"], row["span_id"]] = _build_contents(row, before)
    for row in session.rows(Query.AGENTS_SAYINGS, **asked, names=list(sources.EVENTS)):
        _add_event(found[row["trace_id"], row["span_id"]], row)
    return found


def read_messages(span: Span, contents: SpanContents, memory: MessageMemory | None = None) -> CallMessages:
    """Returns what a call was told, and what it answered.

    Args:
        span: its span.
        contents: what that holds.
        memory: of the calls before it in the same run.
    """
    if span.role in (Role.MODEL, None):
        said = sources.read_model_call(contents.attributes, contents.events, memory=memory)
    else:
        name = str(span.work.get("tool") or span.name)
        told, answered = tools.read_tool_messages(tools.add_events(contents.attributes, contents.events), name)
        said = CallMessages(told, answered)
        if any("cut by the sender" in part.notes for each in (*told, *answered) for part in each.parts):
            said.notes.append(sources.CUT)
    if contents.bounded:
        said.notes.append(BOUNDED)
    return said


def _build_contents(row: Row, told: AttributeTexts) -> SpanContents:
    bounded = _MARK in told.held and any(_MARK in text[-_MARK_MOST:] for text in told.texts)
    return SpanContents(FlatAttributes(told, decode_attributes(row["others"])), bounded=bounded)


def _add_event(contents: SpanContents, row: Row) -> None:
    """Adds an event; one that was sent on the span and as a log as well counts once."""
    if row["is_log"]:
        if any(event.name == row["name"] and event.body is None for event in contents.events):
            return
        body: Any = decode_stored_value(row["body"])
        contents.events.append(
            CallEvent(row["name"], decode_attributes(row["attributes"]), {} if body is None else body)
        )
    else:
        contents.events.append(CallEvent(row["name"], decode_attributes(row["attributes"])))
