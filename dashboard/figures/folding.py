"""Items of a fan-out, and rounds of a loop, drawn as one where they are more than a few. Pure.

A fold says how many it stands for and how they stand; its colour is that of the worst. Unfolded it shows the worst of
them one by one, and what remains stays folded: a thousand rows could not be read either.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final, Protocol, TypeVar

from collector.models import ItemsLeftOut, Marked, NodeStatus
from dashboard import palette, wording

#: Items, or rounds, that are drawn one by one without being asked for.
FEW: Final = 8

#: Nodes of one unfolded group that are drawn one by one.
SHOWN: Final = 60

#: Characters of a step's name in a fold: what its nodes came to must have room.
_NAME_ROOM: Final = 60

_PREFIX: Final = "fold-"

#: What is told of a fold in words, the worst first.
_TOLD: Final = (
    NodeStatus.DEAD,
    NodeStatus.FAILED,
    NodeStatus.LOST,
    NodeStatus.RETRYING,
    NodeStatus.WAITING,
    NodeStatus.RUNNING,
    NodeStatus.CANCELLED,
    NodeStatus.UNKNOWN,
)


class FoldableNode(Protocol):
    """A node of a step, as far as folding goes."""

    @property
    def place(self) -> str | None: ...
    @property
    def status(self) -> NodeStatus: ...
    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...


Entry = TypeVar("Entry", bound=FoldableNode)


@dataclass(frozen=True)
class Group:
    """Nodes that may be drawn as one.

    Attributes:
        id: the same for the same items or rounds, whoever asks.
        title: what they are, such as `weigh: 1,000 items`.
        said: that, and how they stand.
        members: ids of all that are known one by one, in their order.
        is_open: whether they are drawn one by one, as far as there is room.
        left_out: those of which only numbers are known.
    """

    id: str
    title: str
    said: str
    members: list[str]
    is_open: bool
    left_out: Sequence[ItemsLeftOut] = ()


def is_fold(node_id: str) -> bool:
    """Returns whether an id is that of a fold, not of a node."""
    return node_id.startswith(_PREFIX)


def fold_items(
    placed: Sequence[tuple[str, str, str, Entry]],
    opened: Collection[str],
    keep: Collection[str],
    left_out: Sequence[ItemsLeftOut] = (),
    shown: int = SHOWN,
) -> tuple[list[Group], dict[str, str]]:
    """Returns the groups there are, and the fold of each node that is drawn in one.

    Args:
        placed: the run, the step, the id and the node of each.
        opened: ids of groups that are unfolded.
        keep: ids that stay themselves.
        left_out: items of which only numbers are known.
        shown: nodes of an unfolded group that are drawn one by one.
    """
    groups: list[Group] = []
    stand_in: dict[str, str] = {}
    by_step: dict[tuple[str, str, bool], list[tuple[str, Entry, Marked]]] = defaultdict(list)
    for run, step, node_id, entry in placed:
        said = Marked.read(entry.place)
        if said is not None:
            by_step[run, step, said.is_undo].append((node_id, entry, said))
    for (run, step, is_undo), each in by_step.items():
        if len(each) <= FEW:
            continue
        name = wording.clip(f"undo of {step}" if is_undo else step, _NAME_ROOM)
        rounds = {said.round for _, _, said in each}
        if len(rounds) > FEW:
            others = [one for one in left_out if _is_of(one, run, step)]
            group = _group(_id(run, step, is_undo), f"{name}: {len(rounds):,} rounds", each, opened, others)
            groups.append(group)
            stand_in |= _stands_in(group, each, keep, shown)
            if not group.is_open:
                continue
        for round_ in sorted(rounds):
            items = [one for one in each if one[2].round == round_ and one[2].index is not None]
            if len(items) > FEW:
                called = f"{name}, round {round_}" if round_ > 1 else name
                mark = f"#{round_}" if round_ > 1 else None
                others = [one for one in left_out if _is_of(one, run, step) and one.place == mark]
                count = len(items) + _count(others)
                title = f"{called}: {wording.many(count, 'item')}"
                group = _group(_id(run, step, is_undo, round_), title, items, opened, others)
                groups.append(group)
                stand_in |= _stands_in(group, items, keep, shown)
    return groups, stand_in


def _is_of(one: ItemsLeftOut, run: str, step: str) -> bool:
    return one.step == step and one.run_id == run


def _id(*what: object) -> str:
    return _PREFIX + hashlib.sha256(json.dumps(what).encode()).hexdigest()[:12]


def _group(
    id_: str,
    title: str,
    members: Sequence[tuple[str, Entry, Marked]],
    opened: Collection[str],
    left_out: Sequence[ItemsLeftOut],
) -> Group:
    entries = [entry for _, entry, _ in members]
    ordered = sorted(members, key=lambda one: (one[2].round, one[2].index if one[2].index is not None else -1))
    said = _words(title, entries, left_out)
    return Group(id_, title, said, [node_id for node_id, _, _ in ordered], id_ in opened, left_out)


def _stands_in(
    group: Group, members: Iterable[tuple[str, Entry, Marked]], keep: Collection[str], shown: int
) -> dict[str, str]:
    """Returns of those that are not drawn one by one the fold; of an open group the worst are, and then the first."""
    kept = {node_id for node_id in group.members if node_id in keep}
    if group.is_open:
        rank = {node_id: at for at, node_id in enumerate(group.members)}
        worst = sorted(members, key=lambda one: (palette.SEVERITY.index(one[1].status), rank[one[0]]))
        room = min(shown, len(worst) - bool(group.left_out))  # what is told in numbers alone stays in a fold
        kept |= {node_id for node_id, _, _ in worst[:room]}
    return {node_id: group.id for node_id in group.members if node_id not in kept}


def _count(left_out: Iterable[ItemsLeftOut]) -> int:
    return sum(sum(one.statuses.values()) for one in left_out)


def _words(title: str, entries: Sequence[FoldableNode], left_out: Sequence[ItemsLeftOut]) -> str:
    """Returns what some nodes are and how they stand; of those that are well nothing is said."""
    counts = Counter(entry.status for entry in entries)
    for one in left_out:
        counts.update(one.statuses)
    return ", ".join([title, *_describe_counts(counts), *_describe_median(entries, left_out)])


def _describe_counts(counts: Counter[NodeStatus]) -> list[str]:
    return [f"{counts[status]:,} {palette.LOOKS[status].word}" for status in _TOLD if counts[status]]


def _describe_median(entries: Iterable[FoldableNode], left_out: Sequence[ItemsLeftOut]) -> list[str]:
    """Returns how long half of them took at most; where most are left out, half of those."""
    known = [one for one in left_out if one.p50_ms is not None]
    if known:
        most = max(known, key=lambda one: sum(one.statuses.values()))
        return [f"p50 {wording.duration(most.p50_ms)}"]
    took = [
        (each.end - each.start) / timedelta(milliseconds=1)
        for each in entries
        if each.start and each.end and each.end >= each.start
    ]
    return [f"p50 {wording.duration(median(took))}"] if took else []


def describe_group(group: Group, drawn: Sequence[FoldableNode]) -> str:
    """Returns what a fold says of itself: of all, or of what remains of a group that is open."""
    if len(drawn) == len(group.members):
        return group.said
    name = group.title.rpartition(":")[0]
    return _words(f"{name}: {len(drawn) + _count(group.left_out):,} more", drawn, group.left_out)
