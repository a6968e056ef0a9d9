"""The spans of one trace as a tree, with the part that each plays."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from collector.store.roles import DETAILS, Role

#: Parts that hold others.
CONTAINERS = frozenset(Role) - DETAILS


@dataclass(frozen=True, slots=True)
class Span:
    """One span as this package reads it.

    Attributes:
        id: its span id.
        parent: that of its parent; None for a root.
        node_id: its node's id.
        name: its name.
        scope: the instrumentation that made it.
        start_ns, end_ns: when it began and ended; no end while it goes on.
        last_ns: when the last of those right below it ended that are left out, as all that they tell.
        failed: whether it failed: it says so, and nothing says better how it ended.
        ended: how it ended where its status does not tell, as `store/endings.py` reads it.
        role: the part it plays; None where no convention explains it.
        agent, step, workflow, service, session, user: what it says itself.
        error: of what it failed, in words.
        work: what a call says of itself (`work` of the table `spans`).
        hints: attributes of a framework's own, by name.
        is_missing: whether it has not arrived, and is known by what lies right below it.
    """

    id: int
    parent: int | None
    node_id: UUID
    name: str
    start_ns: int
    scope: str = ""
    end_ns: int | None = None
    last_ns: int | None = None
    failed: bool = False
    role: Role | None = None
    agent: str | None = None
    step: str | None = None
    workflow: str | None = None
    service: str = ""
    session: str | None = None
    user: str | None = None
    ended: str | None = None
    error: str | None = None
    work: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    is_missing: bool = False


#: Where OpenLLMetry says what a span is, whatever OpenTelemetry's name for its operation.
KIND: Final = "traceloop.span.kind"

#: By OpenInference: the name of a node in a graph of agents.
NODE: Final = "graph.node.id"


def name_of_agent(span: Span) -> str | None:
    """Returns the name that a span says of the agent that it is of; None where it says none."""
    if span.agent or span.role != Role.AGENT:
        return span.agent
    node = span.hints.get(NODE)
    if isinstance(node, str):
        return node
    return span.step if span.hints.get(KIND) == "agent" else None  # its `traceloop.entity.name`


class Tree:
    """The spans of one trace.

    Args:
        spans: in order of their beginning. Those that are each other's parents, as no sound program sends, are roots.
        elsewhere: which of them tell of calls that another trace tells of as well, each with the reason.

    Attributes:
        uncounted: which of them tell of usage that does not count, once `usage.find_uncounted` has found out.
    """

    def __init__(self, spans: Sequence[Span], elsewhere: Mapping[int, str] | None = None) -> None:
        self.spans = spans
        self.elsewhere = elsewhere or {}
        self.uncounted: Mapping[int, str] | None = None
        self._by_id = {span.id: span for span in spans}
        self._children: dict[int, list[Span]] = defaultdict(list)
        for span in spans:
            if span.parent is not None and span.parent in self._by_id and span.id not in self._in_circles:
                self._children[span.parent].append(span)

    @cached_property
    def _in_circles(self) -> frozenset[int]:
        """Returns the spans whose parents lead back to themselves."""
        sound: set[int] = set()
        lost: set[int] = set()
        for span in self.spans:
            path: dict[int, int] = {}
            at: Span | None = span
            while at is not None and at.id not in sound and at.id not in lost and at.id not in path:
                path[at.id] = len(path)
                at = self._by_id.get(at.parent) if at.parent is not None else None
            circle = len(path) if at is None else path.get(at.id, len(path))
            lost.update(id_ for id_, place in path.items() if place >= circle)
            sound.update(id_ for id_, place in path.items() if place < circle)
        return frozenset(lost)

    @cached_property
    def downwards(self) -> Sequence[Span]:
        """All spans, each before those below it."""
        roots = (span for span in self.spans if self.parent(span) is None)
        return [each for root in roots for each in (root, *self.below(root))]

    @cached_property
    def _holders(self) -> Mapping[int, Span]:
        held: dict[int, Span] = {}
        for span in self.downwards:
            for child in self.children(span):
                holder = span if span.role is not None else held.get(span.id)
                if holder is not None:
                    held[child.id] = holder
        return held

    @cached_property
    def _agents(self) -> Mapping[int, str]:
        told: dict[int, str] = {}
        for span in self.downwards:
            above = self.parent(span)
            if agent := name_of_agent(span) or (told.get(above.id) if above else None):
                told[span.id] = agent
        return told

    def has_late_start(self, span: Span) -> bool:
        """Returns whether a span began when the one that it lies in had ended, by the clock of one service: a stream
        was read on, or its context was lost and it may lie somewhere else."""
        above = self.parent(span)
        ended = above.end_ns if above is not None and above.service == span.service else None
        return ended is not None and span.start_ns > ended

    def find_span(self, id_: int) -> Span | None:
        """Returns the span of an id."""
        return self._by_id.get(id_)

    def find_by_node(self, node_id: UUID) -> Span | None:
        """Returns the span of a node."""
        return self._by_node.get(node_id)

    @cached_property
    def _by_node(self) -> Mapping[UUID, Span]:
        return {span.node_id: span for span in self.spans}

    def parent(self, span: Span) -> Span | None:
        """Returns the span's parent, where that has arrived."""
        if span.parent is None or span.id in self._in_circles:
            return None
        return self._by_id.get(span.parent)

    def children(self, span: Span) -> Sequence[Span]:
        """Returns the spans right below one, in order of their beginning."""
        return self._children.get(span.id, ())

    def above(self, span: Span) -> Iterator[Span]:
        """Yields the spans above one, the nearest first."""
        at = self.parent(span)
        while at is not None:
            yield at
            at = self.parent(at)

    def below(self, span: Span) -> Iterator[Span]:
        """Yields all spans below one, each before those below itself."""
        waiting = list(reversed(self.children(span)))
        while waiting:
            found = waiting.pop()
            yield found
            waiting.extend(reversed(self.children(found)))

    def holder(self, span: Span) -> Span | None:
        """Returns the nearest span above one that plays a part."""
        return self._holders.get(span.id)

    def agent(self, span: Span) -> str:
        """Returns whose work a span is: its own agent's, else that of the nearest above, else its service's."""
        return self._agents.get(span.id) or span.service
