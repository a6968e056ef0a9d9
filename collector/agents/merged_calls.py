"""Calls of a conversation once each, where two instrumentations tell of one. Pure."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from collector.agents.conversation import CallExchange
from collector.agents.messages.sources import CallMessages

#: Calls that may be going on at once, of which one is looked for.
_AT_ONCE: Final = 64


def merge_duplicates(heard: Sequence[CallExchange], again: Collection[str]) -> list[CallExchange]:
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
        near = counting[max(0, (at := bisect_right(starts, _end_time(each))) - _AT_ONCE) : at]
        twins = [kept[other.call.node_id] for other in near if _can_be_twin(other, each)]
        if not twins:
            kept[each.call.node_id] = each
        elif _has_messages(each) and not any(_has_messages(twin) for twin in twins):
            one = min(twins, key=lambda twin: _rank_difference(twin, each))
            kept[one.call.node_id] = replace(one, read=partial(_merge_messages, one, each))
    return [kept[each.call.node_id] for each in heard if each.call.node_id in kept]


def _merge_messages(one: CallExchange, telling: CallExchange) -> CallMessages:
    notes = list(dict.fromkeys([*one.messages.notes, *telling.messages.notes]))
    return replace(telling.messages, notes=notes)


def _can_be_twin(one: CallExchange, other: CallExchange) -> bool:
    return one.call.role == other.call.role and _end_time(one) >= other.call.start


def _rank_difference(one: CallExchange, other: CallExchange) -> tuple[bool, bool, float]:
    """Returns how little two calls have in common."""
    return (
        one.call.usage != other.call.usage,
        one.call.model != other.call.model,
        abs((one.call.start - other.call.start).total_seconds()),
    )


def _has_messages(each: CallExchange) -> bool:
    return bool(each.messages.told or each.messages.answered)


def _end_time(each: CallExchange) -> datetime:
    return max(each.call.end or each.call.start, each.call.start)
