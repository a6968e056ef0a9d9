"""What calls were told and what they answered, read from the store: bodies are loaded here, and in no list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from collector.agents.messages import flattened, sources, tools
from collector.agents.messages.flattened import Flat, Texts
from collector.agents.messages.memory import Memory
from collector.agents.messages.sources import CONTENT, Event, Said
from collector.agents.tree import Span
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.question import WHOLE
from collector.store.roles import Role
from collector.store.values import plain, plain_value

#: Characters of all texts together that one answer reads of the store; of many calls each has its share.
ROOM: Final = 300_000_000
#: Characters of one text that are read in any case.
LEAST: Final = 100_000

#: What is said where we have read a part.
BOUNDED: Final = "longer than is read here: the call's own page has the whole"

_MARK: Final = "… [cut: "
_MARK_MOST: Final = 60


@dataclass(slots=True)
class Contents:
    """What one span holds.

    Attributes:
        attributes: by name.
        events: in order of their time.
        bounded: whether a text of it was longer than was read.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    bounded: bool = False


def of_spans(
    session: Session, spans: Iterable[tuple[UUID, int]], *, everything: bool = False
) -> dict[tuple[UUID, int], Contents]:
    """Returns what spans hold of what was said.

    Args:
        session: the snapshot to read.
        spans: each by its trace and its id.
        everything: whether all attributes are wanted, and texts whole.
    """
    wanted = set(spans)
    found: dict[tuple[UUID, int], Contents] = defaultdict(Contents)
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
        (row["names"] or "").count(flattened.BETWEEN) != (row["texts"] or "").count(flattened.BETWEEN) for row in rows
    ):
        rows = session.rows(Query.AGENTS_CONTENTS, **chosen, with_marks=True)
    before: Texts | None = None
    for row in rows:
        before = Texts(row["names"] or "", row["texts"] or "", before)  # null where all are lists and numbers
        found[row["trace_id"], row["span_id"]] = _contents(row, before)
    for row in session.rows(Query.AGENTS_SAYINGS, **asked, names=list(sources.EVENTS)):
        _add(found[row["trace_id"], row["span_id"]], row)
    return found


def of_call(span: Span, contents: Contents, memory: Memory | None = None) -> Said:
    """Returns what a call was told, and what it answered.

    Args:
        span: its span.
        contents: what that holds.
        memory: of the calls before it in the same run.
    """
    if span.role in (Role.MODEL, None):
        said = sources.of_model(contents.attributes, contents.events, memory=memory)
    else:
        name = str(span.work.get("tool") or span.name)
        told, answered = tools.said(tools.with_events(contents.attributes, contents.events), name)
        said = Said(told, answered)
        if any("cut by the sender" in part.notes for each in (*told, *answered) for part in each.parts):
            said.notes.append(sources.CUT)
    if contents.bounded:
        said.notes.append(BOUNDED)
    return said


def _contents(row: Row, told: Texts) -> Contents:
    bounded = _MARK in told.held and any(_MARK in text[-_MARK_MOST:] for text in told.texts)
    return Contents(Flat(told, plain(row["others"])), bounded=bounded)


def _add(contents: Contents, row: Row) -> None:
    """Adds an event; one that was sent on the span and as a log as well counts once."""
    if row["is_log"]:
        if any(event.name == row["name"] and event.body is None for event in contents.events):
            return
        body: Any = plain_value(row["body"])
        contents.events.append(Event(row["name"], plain(row["attributes"]), {} if body is None else body))
    else:
        contents.events.append(Event(row["name"], plain(row["attributes"])))
