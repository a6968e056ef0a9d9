"""Lanes and their sub-rows: which bar goes where, so that none covers another. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Extent:
    """What a node takes on its lane: from place `x0` to `x1`. `first` orders lanes: the moment of its first effect."""

    node_id: str
    lane: str
    x0: float
    x1: float
    first: float


def lanes(extents: Iterable[Extent]) -> list[str]:
    """Returns lanes by the moment at which something first happened on them; equal moments by name."""
    first: dict[str, float] = {}
    for extent in extents:
        first[extent.lane] = min(extent.first, first.get(extent.lane, extent.first))
    return sorted(first, key=lambda lane: (first[lane], lane))


def rows(extents: Iterable[Extent], *, gap: float) -> dict[str, int]:
    """Returns a sub-row for every node: the first of its lane that is free there.

    Args:
        extents: what the nodes take.
        gap: places to leave free between two neighbours.

    Returns:
        0-based rows by node id; nodes of one lane and row don't overlap.
    """
    ends: dict[str, list[float]] = {}
    placed: dict[str, int] = {}
    for extent in sorted(extents, key=lambda each: (each.x0, each.x1, each.node_id)):
        taken = ends.setdefault(extent.lane, [])
        free = next((row for row, end in enumerate(taken) if end + gap <= extent.x0), len(taken))
        if free == len(taken):
            taken.append(extent.x1)
        else:
            taken[free] = extent.x1
        placed[extent.node_id] = free
    return placed
