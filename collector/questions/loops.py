"""Circles over channels: by which work can come back to where it began. Pure."""

from collections import deque
from collections.abc import Collection, Mapping


def find_loops(effects: Mapping[str, Collection[str]], channels: Collection[str]) -> list[list[str]]:
    """Returns the shortest circle of each knot of parts that leads over a channel, in the order in which it runs.

    Args:
        effects: by part what it leads to.
        channels: which parts are channels; each circle begins with one.

    Returns:
        One circle a knot, those of fewer parts first. A step that comes back to itself without a channel is a round of
        its workflow, and no such circle.
    """
    circles = []
    for knot in _find_knots(effects):
        found = [_find_way_back(start, effects, knot) for start in sorted(knot) if start in channels]
        if found:
            circles.append(min(found, key=lambda circle: (len(circle), circle)))
    return sorted(circles, key=lambda circle: (len(circle), circle))


def _find_knots(effects: Mapping[str, Collection[str]]) -> list[set[str]]:
    """Returns the sets of parts each of which leads to all others of its set: Tarjan's algorithm, without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    found: list[set[str]] = []
    for first in sorted(effects):
        if first in number:
            continue
        work = [(first, iter(sorted(effects.get(first, ()))))]
        number[first] = low[first] = len(number)
        open_.append(first)
        is_open.add(first)
        while work:
            at, following = work[-1]
            after = next(following, None)
            if after is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == number[at]:
                    found.append(_take_knot(open_, is_open, at))
            elif after not in number:
                number[after] = low[after] = len(number)
                open_.append(after)
                is_open.add(after)
                work.append((after, iter(sorted(effects.get(after, ())))))
            elif after in is_open:
                low[at] = min(low[at], number[after])
    return [knot for knot in found if len(knot) > 1]


def _take_knot(open_: list[str], is_open: set[str], until: str) -> set[str]:
    knot: set[str] = set()
    while until not in knot:
        part = open_.pop()
        is_open.discard(part)
        knot.add(part)
    return knot


def _find_way_back(start: str, effects: Mapping[str, Collection[str]], knot: Collection[str]) -> list[str]:
    """Returns a shortest way from a part back to itself."""
    before: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for after in sorted(effects.get(at, ())):
            if after == start:
                return _build_way(before, start, at)
            if after in knot and after not in before:
                before[after] = at
                waiting.append(after)
    raise AssertionError("each part of a knot leads back to itself")


def _build_way(before: Mapping[str, str], start: str, at: str) -> list[str]:
    way = [at]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
