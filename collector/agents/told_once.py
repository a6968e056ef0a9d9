"""Calls of a conversation once each, where two instrumentations tell of one. Pure."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from collector.agents.conversation import Heard
from collector.agents.messages.sources import Said

#: Calls that may be going on at once, of which one is looked for.
_AT_ONCE: Final = 64


def told_once(heard: Sequence[Heard], again: Collection[str]) -> list[Heard]:
    """Returns calls without those that tell of another one once more. What was said is told of those that stay,
    whichever of both has it; a call whose other span lies in another run stays.

    Args:
        heard: calls, in order of their beginning.
        again: nodes of calls that don't count, for another span tells of them.
    """
    kept = {each.call.node_id: each for each in heard if each.call.node_id not in again}
    counting = list(kept.values())
    starts = [each.call.start for each in counting]
    for each in heard:
        if each.call.node_id in kept:
            continue
        near = counting[max(0, (at := bisect_right(starts, _end(each))) - _AT_ONCE) : at]
        twins = [kept[other.call.node_id] for other in near if _goes_on_with(other, each)]
        if not twins:
            kept[each.call.node_id] = each
        elif _says(each) and not any(_says(twin) for twin in twins):
            one = min(twins, key=lambda twin: _unlike(twin, each))
            kept[one.call.node_id] = replace(one, read=partial(_of_both, one, each))
    return [kept[each.call.node_id] for each in heard if each.call.node_id in kept]


def _of_both(one: Heard, telling: Heard) -> Said:
    notes = list(dict.fromkeys([*one.said.notes, *telling.said.notes]))
    return replace(telling.said, notes=notes)


def _goes_on_with(one: Heard, other: Heard) -> bool:
    return one.call.role == other.call.role and _end(one) >= other.call.start


def _unlike(one: Heard, other: Heard) -> tuple[bool, bool, float]:
    """Returns how little two calls have in common."""
    return (
        one.call.usage != other.call.usage,
        one.call.model != other.call.model,
        abs((one.call.start - other.call.start).total_seconds()),
    )


def _says(each: Heard) -> bool:
    return bool(each.said.told or each.said.answered)


def _end(each: Heard) -> datetime:
    return max(each.call.end or each.call.start, each.call.start)
