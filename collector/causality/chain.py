"""The chain around a node: the nearest nodes that causes and effects lead to, trace by trace, until nothing new does.

Only ids and edges are read here, so that a trace of a hundred thousand spans is walked in about a second; the records
of the few nodes that are shown are read when those are chosen. A chain that goes on for many traces is walked by the
database in one go.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from collector.causality import holes
from collector.causality.cone import Direction, Pair, compute_cone
from collector.causality.cycle_removal import has_cycles, remove_cycles
from collector.causality.evidence import CausalEdge, select_strongest_edges
from collector.causality.nodes import parse_kind
from collector.causality.reach import ReachedNodes
from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import NodeKind

#: Nodes to visit, the nearest first. More than an answer shows, because spans nested in a step may be many before an
#: effect is reached through them.
WALK_LIMIT: Final = 20_000

#: Claims to read at most, at a few hundred bytes each. A record rarely makes more than two.
CLAIM_LIMIT: Final = 300_000

#: Times that the traces of what was found last are read, each some milliseconds, before a chain counts as a long one.
NEAR_ROUNDS: Final = 4

#: Traces that a long chain leads through at most, one after the other and in all.
FAR_HOPS: Final = 600
FAR_TRACES: Final = 1_500


@dataclass(slots=True)
class Chain:
    """The edges around a node and what their ends are; `truncated` when a limit left some out. `roles` has the parts
    that spans of others play in an agent's work."""

    traces: set[UUID] = field(default_factory=set)
    edges: list[CausalEdge] = field(default_factory=list)
    kinds: dict[str, NodeKind] = field(default_factory=dict)
    span_kinds: dict[str, int] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    truncated: bool = False


def load_chain(session: Session, focus: UUID, direction: Direction) -> Chain:
    """Reads everything that a node's causes and effects may be.

    Args:
        session: the snapshot to read.
        focus: the node; a chain without traces where nothing records or names it.
        direction: which way to walk. Effects are walked both ways: whether a foreign span is an inner working of ours
            is seen from what is above it.
    """
    walk = _TraceWalk(session, focus, ahead=direction != Direction.CAUSES, traces=_find_traces_of_node(session, focus))
    walk.walk_near()
    walk.walk_far()
    reached, cut = compute_cone(str(focus), walk.pairs, Direction.BOTH if walk.ahead else direction, WALK_LIMIT)
    walk.chain.truncated |= cut > 0
    return _fill_chain(session, walk.chain, walk.claims, reached)


class _TraceWalk:
    """Claims of one trace after the other, each read once."""

    def __init__(self, session: Session, focus: UUID, *, ahead: bool, traces: set[UUID]) -> None:
        self.chain = Chain()
        self.claims: list[Row] = []
        self.ahead = ahead
        self._session = session
        self._present = session.find_edge_sources()
        self._reach = ReachedNodes(str(focus), ahead=ahead)
        self._visited = 1
        self._new = traces
        self._fresh = {str(focus)}

    @property
    def pairs(self) -> list[Pair]:
        """The claims that were read, as causes and effects."""
        return [(claim["cause"], claim["effect"]) for claim in self.claims]

    def walk_near(self) -> None:
        """Follows what was found last into its traces, a few times."""
        for _ in range(NEAR_ROUNDS):
            if not self._new or self.chain.truncated:
                return
            self._read_claims()
            self._new = self._find_next_traces()

    def walk_far(self) -> None:
        """Reads the traces that are still further away, to a limit."""
        if not self._new or self.chain.truncated:
            return
        found = self._session.rows(
            Query.CHAIN_FAR_TRACES,
            traces=sorted(self._new),
            ahead=self.ahead,
            hops=FAR_HOPS,
            most=FAR_TRACES,
            **self._present,
        )
        self._new |= {row["trace_id"] for row in found} - self.chain.traces
        self._read_claims()
        self.chain.truncated |= bool(self._find_next_traces())

    def _read_claims(self) -> None:
        """Takes in the claims of the traces that are new."""
        self.chain.traces |= self._new
        room = CLAIM_LIMIT - len(self.claims)
        read = self._session.rows(
            Query.CHAIN_CLAIMS,
            traces=sorted(self._new),
            most=room + 1,
            **self._session.stretch(self._new).bounds,
            **self._present,
        )
        self.claims += read[:room]
        self._fresh |= self._reach.add((claim["cause"], claim["effect"]) for claim in read[:room])
        self._visited += len(self._fresh)
        self.chain.truncated |= len(read) > room or self._visited > WALK_LIMIT

    def _find_next_traces(self) -> set[UUID]:
        """Returns the traces that what was found last leads to and that are not read yet."""
        nodes, self._fresh = sorted(self._fresh), set()
        if not nodes:
            return set()
        led = _query_traces(
            self._session,
            Query.CHAIN_NEIGHBOUR_TRACES,
            nodes=nodes,
            traces=sorted(self.chain.traces),
            ahead=self.ahead,
            **self._session.stretch(map(UUID, nodes)).bounds,
            **self._present,
        )
        return led - self.chain.traces


def find_direct_causes(session: Session, node: UUID, traces: Iterable[UUID]) -> list[str]:
    """Returns the direct causes of a node, by id.

    Args:
        session: the snapshot to read.
        node: the node.
        traces: those in which it is recorded, or was received.
    """
    walk = _TraceWalk(session, node, ahead=False, traces=set(traces))
    walk.walk_near()
    walked, _ = compute_cone(str(node), walk.pairs, Direction.CAUSES, WALK_LIMIT)
    edges = _edges_between(walk.claims, walked)
    if has_cycles(edges):
        edges = _fill_chain(session, walk.chain, walk.claims, walked).edges
    return sorted(edge.cause for edge in edges if edge.effect == str(node))


def _fill_chain(session: Session, chain: Chain, claims: Iterable[Row], walked: frozenset[str]) -> Chain:
    """Returns a chain with the edges between the nodes that were walked, and the kinds of those."""
    starts: dict[str, int] = {}
    stored = session.stretch(chain.traces).bounds
    for row in session.rows(Query.CHAIN_KINDS, traces=sorted(chain.traces), nodes=sorted(walked), **stored):
        chain.kinds[row["node_id"]] = parse_kind(row["node_kind"])
        chain.span_kinds[row["node_id"]] = row["span_kind"]
        if row["role"] is not None and chain.kinds[row["node_id"]] == NodeKind.SPAN:
            chain.roles[row["node_id"]] = row["role"]
        starts[row["node_id"]] = row["start_ns"]
    chain.edges = remove_cycles(_edges_between(claims, walked), starts)
    return chain


def _edges_between(claims: Iterable[Row], walked: frozenset[str]) -> list[CausalEdge]:
    edges = select_strongest_edges(claim for claim in claims if claim["cause"] in walked and claim["effect"] in walked)
    return list(edges.values())


def _find_traces_of_node(session: Session, node: UUID) -> set[UUID]:
    """Returns the traces that tell of a node; those that name one that never arrived."""
    stored = session.stretch([node]).bounds
    return (
        _query_traces(session, Query.CHAIN_FOCUS_TRACES, id=node, **stored)
        or _query_traces(session, Query.CHAIN_NAMED_TRACES, id=node, **stored)
        or set(holes.find_traces_naming(session, node))
    )


def _query_traces(session: Session, query: Query, **values: object) -> set[UUID]:
    return {row["trace_id"] for row in session.rows(query, **values)}
