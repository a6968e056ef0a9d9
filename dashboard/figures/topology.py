"""Who talks to whom, laid out: what starts work, what does it, channels, and what reacts, from left to right. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from collector.models import SystemPartKind
from dashboard import wording
from dashboard.figures.topology_folds import ROOM, PartFold, Stream
from dashboard.figures.topology_lines import BOX_HEIGHT, BOX_WIDTH, GAP_X, GAP_Y, MARGIN, FlowLine, draw, per_minute

#: Height of a lane above the boxes, one for each line that passes a column or runs back.
LANE: Final = 10
#: Lines that have a lane of their own; all others run below the boxes.
MOST_LANES: Final = 10

_KINDS: Final = {
    SystemPartKind.SERVICE: "service",
    SystemPartKind.WORKFLOW: "workflow",
    SystemPartKind.STEP: "step",
    SystemPartKind.CHANNEL: "channel",
    SystemPartKind.GROUP: "group",
}
_COLUMNS: Final = {
    SystemPartKind.WORKFLOW: 0,
    SystemPartKind.STEP: 1,
    SystemPartKind.CHANNEL: 2,
    SystemPartKind.GROUP: 3,
}


@dataclass(frozen=True)
class PartBox:
    """A part, or some that are drawn as one, placed by its upper left corner. `tone` is a colour of the theme."""

    id: str
    x: float
    y: float
    kind: str
    name: str
    facts: str
    tone: str
    says: str
    is_fold: bool


@dataclass(frozen=True)
class TopologyDrawing:
    """All that `topology.js` needs."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: list[PartBox]
    lines: list[FlowLine]

    def as_data(self) -> dict[str, Any]:
        """Returns the drawing as plain JSON."""
        return asdict(self)


def lay_out(folded: Sequence[PartFold], streams: Sequence[Stream]) -> TopologyDrawing:
    """Places every box in the column of its kind, near what it talks to, and draws what flows.

    Args:
        folded: what is drawn as a box each.
        streams: what flows between these.
    """
    columns = _columns(folded, streams)
    passing = [each for each in streams if _passes(columns, each)]
    lanes = {(each.cause, each.effect): MARGIN + at * LANE for at, each in enumerate(passing[:MOST_LANES])}
    roof = MARGIN + len(lanes) * LANE + (MARGIN if lanes else 0)
    heights = Counter(columns.values())
    tallest = max(heights.values(), default=1)
    height = roof + tallest * (BOX_HEIGHT + GAP_Y) - GAP_Y + MARGIN
    used = sorted(heights)
    place: dict[str, tuple[float, float]] = {}
    by_id = {each.id: each for each in folded}
    for at, column in enumerate(used):
        ids = _order_column([each.id for each in folded if columns[each.id] == column], streams, place, by_id)
        top = roof if tallest > ROOM else roof + (tallest - len(ids)) * (BOX_HEIGHT + GAP_Y) / 2
        for row, id_ in enumerate(ids):
            place[id_] = (MARGIN + at * (BOX_WIDTH + GAP_X), top + row * (BOX_HEIGHT + GAP_Y))
    width = MARGIN * 2 + len(used) * (BOX_WIDTH + GAP_X) - GAP_X
    loops = any(each.cause == each.effect for each in streams)
    owing = {each.effect: each for each in streams if each.backlog is not None}
    return TopologyDrawing(
        width=width + (GAP_X / 3 if loops else 0),
        height=height,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        boxes=[_box(each, *place[each.id], owing.get(each.id)) for each in folded],
        lines=draw(streams, place, lanes, by_id),
    )


def _columns(folded: Iterable[PartFold], streams: Iterable[Stream]) -> dict[str, int]:
    """Returns the column of each box: a service that calls stands first, and one that is only called last."""
    called = {each.effect for each in streams}
    calling = {each.cause for each in streams}
    return {
        each.id: _COLUMNS.get(each.kind, 0 if each.id in calling or each.id not in called else 3) for each in folded
    }


def _passes(columns: Mapping[str, int], stream: Stream) -> bool:
    """Returns whether a line passes a column, or runs back."""
    way = columns[stream.effect] - columns[stream.cause]
    return way > 1 or way < 0


def _order_column(
    ids: list[str], streams: Sequence[Stream], place: Mapping[str, tuple[float, float]], by_id: Mapping[str, PartFold]
) -> list[str]:
    """Returns the boxes of a column from top to bottom: each near what leads to it from columns before, and behind
    what leads to it in its own."""
    inside = set(ids)
    near: dict[str, list[float]] = defaultdict(list)
    before: dict[str, set[str]] = defaultdict(set)
    for each in streams:
        if each.effect in inside and each.cause in place:
            near[each.effect].append(place[each.cause][1])
        elif each.cause in inside and each.effect in place:
            near[each.cause].append(place[each.effect][1])
        elif each.cause in inside and each.effect in inside and each.cause != each.effect:
            before[each.effect].add(each.cause)

    def sort_key(id_: str) -> tuple[float, str, str]:
        first = by_id[id_].parts[0]
        found = near.get(id_)
        return (sum(found) / len(found) if found else float("inf")), first.of, by_id[id_].name

    left = sorted(ids, key=sort_key)
    done: list[str] = []
    while left:
        # What the one before leads to follows it; else the first whose causes are all there; a circle begins anywhere.
        ready = [each for each in left if not before[each] - set(done)] or left[:1]
        following = [each for each in ready if done and done[-1] in before[each]]
        done.append((following or ready)[0])
        left.remove(done[-1])
    return done


def _box(folded: PartFold, x: float, y: float, owing: Stream | None) -> PartBox:
    parts = folded.parts
    errors, count = sum(part.errors for part in parts), sum(part.count for part in parts)
    rate = sum(part.per_minute for part in parts)
    kind = _KINDS[folded.kind]
    held = f"{len(parts)} {kind}s" if folded.is_fold else ""
    took = wording.duration(parts[0].p50_ms) if len(parts) == 1 and parts[0].p50_ms is not None else ""
    failed = f"{wording.share(errors / count)} failed" if errors and count else ""
    facts = [held, failed, per_minute(rate) if count else "idle" if kind != "service" else "", took]
    owed = owing.backlog if owing is not None else None
    is_stuck = owed is not None and (owed.dead > 0 or (owed.waiting > 0 and not owed.consumers))
    tone = "--st-red-color" if errors or is_stuck else _TONES[kind]
    told = [each for each in facts if each]
    of = f" of {parts[0].of}" if parts[0].of and not folded.is_fold else ""
    says = f"{kind} {folded.name or '(no name)'}{of}: {', '.join(told) or 'nothing is told of it'}"
    return PartBox(folded.id, x, y, kind, folded.name or "(no name)", " · ".join(told[:2]), tone, says, folded.is_fold)


#: Each kind has a hue of its own, light and dark.
_TONES: Final = {
    "service": "--st-gray-color",
    "workflow": "--st-violet-color",
    "step": "--st-blue-color",
    "channel": "--st-orange-color",
    "group": "--st-green-color",
}
