"""The chain around a node: the nearest nodes that causes and effects lead to, trace by trace, until nothing new does.

Only ids and edges are read here, so that a trace of a hundred thousand spans is walked in about a second; the records
of the few nodes that are shown are read when those are chosen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from collector.causality.cone import Direction, cone
from collector.causality.evidence import Claimed, strongest
from collector.causality.nodes import known_kind
from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import NodeKind

#: Nodes to visit, the nearest first. More than an answer shows, because spans nested in a step may be many before an
#: effect is reached through them.
WALK_LIMIT: Final = 20_000

#: Claims to read at most, at a few hundred bytes each. A record rarely makes more than two.
CLAIM_LIMIT: Final = 300_000


@dataclass(slots=True)
class Chain:
    """The edges around a node and what their ends are; `truncated` when a limit left some out."""

    traces: set[UUID] = field(default_factory=set)
    edges: list[Claimed] = field(default_factory=list)
    kinds: dict[str, NodeKind] = field(default_factory=dict)
    span_kinds: dict[str, int] = field(default_factory=dict)
    truncated: bool = False


def load(session: Session, focus: UUID, direction: Direction) -> Chain:
    """Reads everything that a node's causes and effects may be.

    Args:
        session: the snapshot to read.
        focus: the node; a chain without traces where nothing records or names it.
        direction: which way to walk. Effects are walked both ways: whether a foreign span is an inner working of ours
            is seen from what is above it.
    """
    chain = Chain()
    claims: list[Row] = []
    walked: frozenset[str] = frozenset({str(focus)})
    seen: set[str] = set()
    cut = False
    ahead = direction != Direction.CAUSES
    new = _traces(session, Query.CHAIN_FOCUS_TRACES, id=focus) or _traces(session, Query.CHAIN_NAMED_TRACES, id=focus)
    while new and not chain.truncated:
        chain.traces |= new
        room = CLAIM_LIMIT - len(claims)
        read = session.rows(Query.CHAIN_CLAIMS, traces=sorted(new), most=room + 1)
        claims += read[:room]
        pairs = [(claim["cause"], claim["effect"]) for claim in claims]
        walked, cut = cone(str(focus), pairs, Direction.BOTH if ahead else direction, WALK_LIMIT)
        chain.truncated = len(read) > room
        new = _beyond(session, sorted(walked - seen), chain.traces, ahead=ahead)
        seen |= walked
    chain.truncated |= cut
    return _described(session, chain, claims, walked)


def _beyond(session: Session, nodes: list[str], traces: set[UUID], *, ahead: bool) -> set[UUID]:
    """Returns the traces that nodes lead to and that are not read yet."""
    return _traces(session, Query.CHAIN_NEIGHBOUR_TRACES, nodes=nodes, traces=sorted(traces), ahead=ahead) - traces


def _described(session: Session, chain: Chain, claims: Iterable[Row], walked: frozenset[str]) -> Chain:
    """Returns a chain with the edges between the nodes that were walked, and the kinds of those."""
    edges = strongest(claim for claim in claims if claim["cause"] in walked and claim["effect"] in walked)
    chain.edges = list(edges.values())
    for row in session.rows(Query.CHAIN_KINDS, traces=sorted(chain.traces), nodes=sorted(walked)):
        chain.kinds[row["node_id"]] = known_kind(row["node_kind"])
        chain.span_kinds[row["node_id"]] = row["span_kind"]
    return chain


def _traces(session: Session, query: Query, **values: object) -> set[UUID]:
    return {row["trace_id"] for row in session.rows(query, **values)}
