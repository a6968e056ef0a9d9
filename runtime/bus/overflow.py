"""Which groups of a full channel have to give events up, so that they don't stop its publishers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

Entry = tuple[int, int]
"""A stream entry's id: ms and number."""


@dataclass(frozen=True, slots=True)
class GroupNeed:
    """The oldest entry that a group still needs, and whether live workers serve it."""

    group: str
    oldest: Entry
    is_served: bool


def choose_giving_up(needs: Sequence[GroupNeed]) -> dict[str, Entry]:
    """The groups that give events up, each with the entry that it keeps first.

    Groups that nobody serves give up what none needs that somebody serves. A group that is behind all others gives up
    what it alone needs. A channel's only group gives nothing up: its publishers wait for it.
    """
    served = [need.oldest for need in needs if need.is_served]
    if served:
        kept = min(served)
        left = {need.group: kept for need in needs if not need.is_served and need.oldest < kept}
        if left:
            return left
    by_age = sorted(needs, key=lambda need: need.oldest)
    if len(by_age) > 1 and by_age[0].oldest < by_age[1].oldest:
        return {by_age[0].group: by_age[1].oldest}
    return {}


def parse_entry(text: bytes | str) -> Entry:
    """A stream entry's id, such as `1700000000000-0`."""
    ms, _, number = (text.decode() if isinstance(text, bytes) else text).partition("-")
    return int(ms), int(number or 0)


def format_entry(id_: Entry) -> str:
    """The id as the server writes it."""
    return f"{id_[0]}-{id_[1]}"
