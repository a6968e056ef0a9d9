"""What flows from box to box, as lines with words. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

from dashboard import wording
from dashboard.figures.topology_folds import PartFold, Stream

BOX_WIDTH: Final = 184
BOX_HEIGHT: Final = 50
GAP_X: Final = 116
GAP_Y: Final = 26
MARGIN: Final = 8
#: Lines into one box that say what flows; more would say it over each other.
MOST_WORDS: Final = 3
#: How far the ends of lines into one box are apart.
_APART: Final = 15
#: By the word for a time how many minutes it has.
_UNITS: Final = {"min": 1, "h": 60, "d": 1440}


@dataclass(frozen=True)
class FlowLine:
    """What flows, along a path of SVG. `words` are said where it ends, `owed` below that; `x` and `y` say where."""

    path: str
    cause: str
    effect: str
    width: float
    words: str
    owed: str
    x: float
    y: float
    anchor: str
    is_reacted: bool
    is_inferred: bool
    is_failing: bool
    says: str


def per_minute(rate: float) -> str:
    """Returns how often something happens, as people say it: a minute, or what is seldom an hour or a day."""
    for unit, minutes in _UNITS.items():
        if rate * minutes >= 1 or not rate:
            return (
                f"{rate * minutes:,.0f}/{unit}" if rate * minutes >= 10 or not rate else f"{rate * minutes:.2g}/{unit}"
            )
    return "<1/d"


def words(stream: Stream) -> str:
    """Returns how much flows, and how long it takes."""
    if not stream.count:
        return ""
    took = "" if stream.p50_ms is None else f" · {wording.duration(stream.p50_ms)}"
    return f"{per_minute(stream.per_minute)}{took}"


def describe_backlog(stream: Stream) -> str:
    """Returns what is owed at the end of what flows, or else how much of it failed: the box there says that as well."""
    backlog = stream.backlog
    told = [] if backlog is None else [("waiting", backlog.waiting), ("dead", backlog.dead)]
    found = [f"{count:,} {what}" for what, count in told if count]
    if not found and stream.errors and stream.count:
        found = [f"{wording.share(stream.errors / stream.count)} failed"]
    return " · ".join(found)


def draw(
    streams: Sequence[Stream],
    place: Mapping[str, tuple[float, float]],
    lanes: Mapping[tuple[str, str], float],
    by_id: Mapping[str, PartFold],
) -> list[FlowLine]:
    """Returns what flows as lines.

    Args:
        streams: what flows.
        place: the upper left corner of each box.
        lanes: heights of lanes above all boxes, for lines that have one.
        by_id: the boxes.
    """
    into: dict[str, list[Stream]] = defaultdict(list)
    for each in sorted(streams, key=lambda each: place[each.cause][::-1]):
        if place[each.cause][0] != place[each.effect][0]:
            into[each.effect].append(each)
    found = []
    for each in streams:
        beside = into[each.effect]
        shift = 0.0
        if each in beside:
            spread = min(_APART, (BOX_HEIGHT - 12) / max(len(beside), 1))
            shift = (beside.index(each) - (len(beside) - 1) / 2) * spread
        found.append(_line(each, place, lanes.get((each.cause, each.effect)), shift, len(beside), by_id))
    return found


def _line(
    stream: Stream,
    place: Mapping[str, tuple[float, float]],
    lane: float | None,
    shift: float,
    beside: int,
    by_id: Mapping[str, PartFold],
) -> FlowLine:
    (x0, y0), (x1, y1) = place[stream.cause], place[stream.effect]
    middle = BOX_HEIGHT / 2
    names = (by_id[stream.cause].name, by_id[stream.effect].name)
    told, wrong = words(stream), describe_backlog(stream)
    says = ", ".join(each for each in (f"{names[0]} → {names[1]}", told, wrong) if each)
    anchor, x, y = "end", x1 - 10, y1 + middle + shift - 6
    end_y = y1 + middle + shift
    if stream.cause == stream.effect:
        right = x0 + BOX_WIDTH
        path = f"M{right},{y0 + 14} C{right + 34},{y0 + 2} {right + 34},{y0 + 48} {right + 1},{y0 + 36}"
        anchor, x, y = "start", right + 12, y0 + 4
    elif x0 == x1 and 0 < y1 - y0 <= BOX_HEIGHT + GAP_Y + 1:
        path = f"M{x0 + 24},{y0 + BOX_HEIGHT} V{y1 - 1}"
        anchor, x, y = "start", x0 + 32, y1 - GAP_Y / 2 + 1
    elif x0 == x1:
        bulge = min(16 + abs(y1 - y0) / 14, GAP_X * 0.6)
        path = f"M{x0},{y0 + middle} C{x0 - bulge},{y0 + middle} {x1 - bulge},{y1 + middle} {x1 - 1},{y1 + middle}"
        told, wrong = "", ""
    elif lane is not None and x1 > x0:
        path = _over(x0 + BOX_WIDTH, y0 + middle, x0 + BOX_WIDTH + 18, lane, x1 - 18, end_y, x1 - 1)
    elif lane is not None:
        path = _over(x0, y0 + middle, x0 - 14, lane, x1 + BOX_WIDTH + 14, end_y, x1 + BOX_WIDTH + 1)
        told = wrong = ""
    else:
        (begin, end) = (x0 + BOX_WIDTH, x1 - 1) if x1 > x0 else (x0, x1 + BOX_WIDTH + 1)
        bend = (end - begin) / 2
        path = f"M{begin},{y0 + middle} C{begin + bend},{y0 + middle} {end - bend},{end_y} {end},{end_y}"
    if beside > MOST_WORDS and x0 != x1:
        told = wrong = ""
    return FlowLine(
        path=path,
        cause=stream.cause,
        effect=stream.effect,
        width=1.2 + min(2.6, log10(1 + stream.per_minute)),
        words=told,
        owed=wrong,
        x=x,
        y=y,
        anchor=anchor,
        is_reacted=stream.is_reacted,
        is_inferred=stream.is_inferred,
        is_failing=bool(stream.errors) or bool(stream.backlog and stream.backlog.dead),
        says=says,
    )


def _over(x0: float, y0: float, up: float, lane: float, down: float, y1: float, x1: float) -> str:
    """Returns the path out of a box, up in the gap beside it, along a lane above all boxes, and down to another."""
    r, out, on = 8, (1 if up > x0 else -1), (1 if down > up else -1)
    back = 1 if x1 > down else -1
    return (
        f"M{x0},{y0} H{up - out * r} Q{up},{y0} {up},{y0 - r} V{lane + r} Q{up},{lane} {up + on * r},{lane} "
        f"H{down - on * r} Q{down},{lane} {down},{lane + r} V{y1 - r} Q{down},{y1} {down + back * r},{y1} H{x1}"
    )
