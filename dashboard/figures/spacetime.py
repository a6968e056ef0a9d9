"""The space-time picture of a causal graph, laid out: time across, a lane an agent, an arrow a cause. Pure.

Places are at least as wide as pixels: `spacetime.js` stretches them to the room it has, and bars that don't overlap
here don't overlap there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from collector.models import CausalGraph, Edge, Hole, Node, NodeKind
from dashboard import palette, wording
from dashboard.figures.collapse import MOST_VISIBLE, CollapsedGraph, collapse
from dashboard.figures.labels import MISSING_LANE, MOMENTS, PAUSES, hint_of, hole_mark, label_of, tone_of
from dashboard.figures.packing import Extent, lanes, rows
from dashboard.figures.timescale import Interval, build

#: Places that the picture is packed for: the plot of an 800 pixels wide window.
WIDTH: Final = 500.0
#: Narrowest bar, in places.
LEAST_WIDTH: Final = 6.0
#: Places between two neighbours of a sub-row.
GAP: Final = 6.0
ROW_HEIGHT: Final = 28
LANE_PADDING: Final = 7
#: Width of what has no length: events, dead letters, replays, discards, holes.
GLYPH: Final = 16.0


@dataclass(frozen=True)
class BarPart:
    """A stretch of a bar: an `attempt` (`fill` is its CSS variable), or a wait, `dwell` before or `backoff` between."""

    kind: str
    x0: float
    x1: float
    fill: str = ""


@dataclass(frozen=True)
class NodeMark:
    """A node, placed. `y` is its middle; `hint` is what hovering says, line by line."""

    id: str
    shape: str
    x0: float
    x1: float
    y: float
    fill: str
    status: str
    label: str
    hint: list[str]
    parts: list[BarPart] = field(default_factory=list)


@dataclass(frozen=True)
class Lane:
    """An agent's stripe across the picture."""

    name: str
    y: float
    height: float


@dataclass(frozen=True)
class Arrow:
    """From a cause to an effect; `line` is `solid`, `dashed`, `linked` or `inferred`."""

    cause: str
    effect: str
    line: str


@dataclass(frozen=True)
class Scene:
    """All that `spacetime.js` needs to draw."""

    width: float
    height: float
    origin: float
    segments: list[dict[str, float]]
    breaks: list[dict[str, Any]]
    lanes: list[Lane]
    marks: list[NodeMark]
    arrows: list[Arrow]
    legend: list[str]
    dense: bool
    members: dict[str, list[str]]

    def as_data(self) -> dict[str, Any]:
        """Returns the scene as plain JSON."""
        return asdict(self)


def lay_out(graph: CausalGraph, keep: Sequence[str] = (), most: int = MOST_VISIBLE) -> Scene:
    """Places every node.

    Args:
        graph: what to draw; holes too.
        keep: ids that must not disappear in a collapsed sibling, such as the focus and the selection.
        most: nodes that may be drawn one by one.
    """
    drawn = collapse(graph, keep, most)
    return _Layout(drawn, graph.holes).scene()


class _Layout:
    """One picture while it is being laid out."""

    def __init__(self, drawn: CollapsedGraph, holes: Sequence[Hole]) -> None:
        self.drawn = drawn
        self.holes = {hole.id for hole in holes}
        self.nodes = {node.id: node for node in [*drawn.nodes, *map(hole_mark, holes)]}
        self.edges = [edge for edge in drawn.edges if edge.cause in self.nodes and edge.effect in self.nodes]
        self.edges += self._edges_of_holes(holes)
        self.causes: dict[str, list[str]] = defaultdict(list)
        self.effects: dict[str, list[str]] = defaultdict(list)
        for edge in self.edges:
            self.causes[edge.effect].append(edge.cause)
            self.effects[edge.cause].append(edge.effect)
        self.starts = self._starts()
        self.scale = build(self._busy(), WIDTH - GLYPH)

    def _edges_of_holes(self, holes: Sequence[Hole]) -> list[Edge]:
        """Returns a hole's edges, where the answer names them only in the hole itself."""
        known = {(edge.cause, edge.effect) for edge in self.edges}
        return [
            Edge.model_validate({"cause": hole.id, "effect": effect, "evidence": "declared", "coordination": "reacted"})
            for hole in holes
            for effect in hole.named_by
            if effect in self.nodes and (hole.id, effect) not in known
        ]

    def _starts(self) -> dict[str, float]:
        """Returns when each node began, in milliseconds since the first; one without a time stands just before its
        effects."""
        known = {node.id: node.start for node in self.nodes.values() if node.start}
        self.origin = min(known.values(), default=datetime.fromtimestamp(0).astimezone())
        starts = {node_id: _millis(start - self.origin) for node_id, start in known.items()}
        for node_id in self.nodes.keys() - starts.keys():
            effects = [starts[each] for each in self.effects[node_id] if each in known]
            causes = [starts[each] for each in self.causes[node_id] if each in known]
            starts[node_id] = min(effects, default=max(causes, default=0.0))
        return starts

    def _end(self, node: Node) -> float:
        end = node.end or (node.bars[-1].end or node.bars[-1].start if node.bars else None)
        return max(_millis(end - self.origin), self.starts[node.id]) if end else self.starts[node.id]

    def _busy(self) -> list[Interval]:
        """Returns when somebody worked. A run only frames its steps, and between two attempts nobody works."""
        busy: list[Interval] = []
        for node in self.nodes.values():
            start = self.starts[node.id]
            if node.kind == NodeKind.RUN:
                for life in node.bars:
                    begun = _millis(life.start - self.origin)
                    busy.append((begun, begun))
                busy += [(start, start), (self._end(node), self._end(node))]
            elif node.bars:
                for bar in node.bars:
                    begun = _millis(bar.start - self.origin)
                    busy.append((begun, max(begun, _millis((bar.end or bar.start) - self.origin))))
            else:
                busy.append((start, self._end(node)))
        return busy

    def scene(self) -> Scene:
        """Returns the picture."""
        extents = [self._extent(node) for node in self.nodes.values()]
        subrow = rows(extents, gap=GAP)
        order = self._stripes(lanes(extents), extents, subrow)
        tops = {lane.name: lane.y for lane in order}
        marks = [self._mark(self.nodes[each.node_id], each, tops[each.lane], subrow[each.node_id]) for each in extents]
        return Scene(
            width=WIDTH,
            height=sum(lane.height for lane in order),
            origin=self.origin.timestamp() * 1000,
            segments=[asdict(segment) for segment in self.scale.segments],
            breaks=[{"x0": gap.x0, "x1": gap.x1, "label": wording.duration(gap.millis)} for gap in self.scale.breaks],
            lanes=order,
            marks=sorted(marks, key=lambda mark: (mark.x0, mark.y)),
            arrows=[Arrow(edge.cause, edge.effect, _line(edge)) for edge in self.edges],
            legend=sorted(_find_legend_entries(marks, self.edges)),
            dense=len(self.nodes) > MOST_VISIBLE or bool(self.drawn.members),
            members={key: [node.id for node in each] for key, each in self.drawn.members.items()},
        )

    def _stripes(self, order: list[str], extents: list[Extent], subrow: dict[str, int]) -> list[Lane]:
        stripes: list[Lane] = []
        y = 0.0
        for name in order:
            count = 1 + max(subrow[extent.node_id] for extent in extents if extent.lane == name)
            height = count * ROW_HEIGHT + 2 * LANE_PADDING
            stripes.append(Lane(name, y, height))
            y += height
        return stripes

    def _extent(self, node: Node) -> Extent:
        x0 = min(self.scale.place(self.starts[node.id]), self.scale.place(self._get_due_time(node)))
        if self._is_glyph(node):
            x1 = self.scale.place(self.starts[node.id]) + GLYPH
        else:
            x1 = max(self.scale.place(self._end(node)), self.scale.place(self.starts[node.id]) + LEAST_WIDTH)
            x1 = max([x1, *(part.x1 for part in self._parts(node))])
        return Extent(node.id, self._lane(node), x0, x1, self.starts[node.id])

    def _is_glyph(self, node: Node) -> bool:
        return node.kind in MOMENTS or node.id in self.holes

    def _lane(self, node: Node) -> str:
        """Returns the agent; where none is named, that of whatever caused the node or of what it caused."""
        if node.agent:
            return node.agent
        near = [*self.causes[node.id], *self.effects[node.id]]
        return next((self.nodes[each].agent for each in near if self.nodes[each].agent), node.name or MISSING_LANE)

    def _get_due_time(self, node: Node) -> float:
        """Returns since when a delivery was owed: its event's or its replay's time, if that is before it began."""
        start = self.starts[node.id]
        if node.kind != NodeKind.DELIVERY:
            return start
        causes = [self._end(self.nodes[each]) for each in self.causes[node.id]]
        return min(max(causes, default=start), start)

    def _parts(self, node: Node) -> list[BarPart]:
        parts: list[BarPart] = []
        at = self.scale.place(self._get_due_time(node))
        for number, bar in enumerate(node.bars):
            x0 = max(self.scale.place(_millis(bar.start - self.origin)), parts[-1].x1 + 1 if parts else 0.0)
            x1 = max(self.scale.place(_millis((bar.end or bar.start) - self.origin)), x0 + LEAST_WIDTH)
            if x0 > at + 1:
                waits = not number or node.bars[number - 1].outcome in PAUSES
                parts.append(BarPart("dwell" if waits else "backoff", at, x0))
            status = palette.of_outcome(bar.outcome)
            parts.append(BarPart("attempt", x0, x1, tone_of(node, status)))
            at = x1
        return parts

    def _mark(self, node: Node, extent: Extent, top: float, row: int) -> NodeMark:
        return NodeMark(
            id=node.id,
            shape="hole" if node.id in self.holes else node.kind.value,
            x0=self.scale.place(self.starts[node.id]) if self._is_glyph(node) else extent.x0,
            x1=extent.x1,
            y=top + LANE_PADDING + row * ROW_HEIGHT + ROW_HEIGHT / 2,
            fill=tone_of(node, node.status),
            status=palette.LOOKS[node.status].word,
            label=label_of(node),
            hint=hint_of(node),
            parts=self._parts(node),
        )


def _find_legend_entries(marks: Sequence[NodeMark], edges: Sequence[Edge]) -> set[str]:
    """Returns what a reader needs to have explained: lines, waits and holes that are there."""
    waits = {part.kind for mark in marks for part in mark.parts if part.kind != "attempt"}
    return waits | {_line(edge) for edge in edges} | {"hole" for mark in marks if mark.shape == "hole"}


def _line(edge: Edge) -> str:
    if edge.evidence in ("linked", "inferred"):
        return str(edge.evidence.value)
    return "solid" if edge.coordination == "commanded" else "dashed"


def _millis(span: timedelta) -> float:
    return span / timedelta(milliseconds=1)
