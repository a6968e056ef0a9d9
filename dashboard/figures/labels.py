"""What a figure says of a node: beside its mark, and on hovering. Pure."""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from collector.models import Hole, Node, NodeKind, NodeStatus
from dashboard import palette, wording
from dashboard.figures.folding import is_fold

#: Where a node is drawn that no agent is known for.
MISSING_LANE: Final = "not recorded"
#: Outcomes of attempts after which a node goes on when something else is there: an answer, or what its items made.
PAUSES: Final = frozenset({"waiting", "spread"})
#: How a channel ends on which a handler is compared with the step that it is to do; no name that an author gives does.
_BESIDE: Final = "~shadow"
#: Colour of what was only compared, and ended well.
SHADOW: Final = "--st-gray-background-color"
#: What takes no time.
MOMENTS: Final = frozenset({NodeKind.TICK, NodeKind.EVENT, NodeKind.DEAD_LETTER, NodeKind.REPLAY, NodeKind.DISCARD})


def is_beside(node: Node) -> bool:
    """Returns whether a node is part of a comparison of a step with its successor: it had no effect."""
    return (node.channel or "").endswith(_BESIDE)


def tone_of(node: Node, status: NodeStatus) -> str:
    """Returns the CSS variable that a node, or one of its attempts, is coloured by: what was only compared is pale."""
    return SHADOW if is_beside(node) and status == NodeStatus.OK else palette.LOOKS[status].variable


def label_of(node: Node) -> str:
    """Returns the few words beside a node's mark."""
    name = wording.clip(node.name, wording.NAME)
    if f" {wording.TIMES} " in name or is_fold(node.id):
        return name
    if node.kind == NodeKind.DEAD_LETTER:
        return f"dead, round {node.round}" if node.round else "dead letter"
    if node.kind in (NodeKind.REPLAY, NodeKind.DISCARD):
        return node.kind.value
    if node.kind in (NodeKind.EVENT, NodeKind.TICK):
        return name
    took = wording.between(node.start, node.end) if _waits(node) is None else wording.duration(_sum_worked_time(node))
    tries = f" {wording.TIMES} {node.attempts}" if node.attempts > 1 else ""
    verb = f"round {node.round}" if node.kind == NodeKind.DELIVERY and node.round else name
    return f"{verb}{tries}" + (f" · {took}" if node.end else "")


def _waits(node: Node) -> timedelta | None:
    """Returns how long a node was left to wait, for an answer or for its items; None where it never was."""
    pairs = [(one, after) for one, after in pairwise(node.bars) if one.outcome in PAUSES and one.end]
    return sum((after.start - one.end for one, after in pairs if one.end), timedelta()) if pairs else None


def _sum_worked_time(node: Node) -> timedelta:
    return sum((max(bar.end - bar.start, timedelta()) for bar in node.bars if bar.end), timedelta())


def tries_of(node: Node) -> str:
    """Returns how many attempts a node had; those of a run are its lives."""
    noun = ("life", "lives") if node.kind == NodeKind.RUN else ("attempt", "attempts")
    return wording.many(node.attempts, *noun)


def hint_of(node: Node) -> list[str]:
    """Returns what hovering says, line by line."""
    lines = [f"{wording.sentence(node.kind)}: {wording.clip(node.name, wording.NAME)}", palette.LOOKS[node.status].word]
    if node.attempts > 1:
        lines.append(tries_of(node))
    if node.start and node.end and node.kind not in MOMENTS:
        lines.append(f"took {wording.between(node.start, node.end)}")
    if waits := _waits(node):
        lines.append(
            f"of that it worked {wording.duration(_sum_worked_time(node))}, and waited {wording.duration(waits)}"
        )
    if is_beside(node):
        lines.append("only compared with its step, without effect")
    if node.reason:
        lines.append(wording.sentence(node.reason))
    if node.error:
        lines.append(wording.gist(node.error, 160))
    return lines


def hole_mark(hole: Hole) -> Node:
    """Returns a hole as a node that can be drawn and clicked."""
    name = "not sampled" if hole.reason == "not_sampled" else "never arrived"
    return Node(id=hole.id, kind=NodeKind.SPAN, name=name, agent=MISSING_LANE, status=NodeStatus.UNKNOWN)
