"""How those fared who received an event, in the same words wherever it is shown."""

from collections.abc import Sequence
from typing import Final

from collector.models import DeliveryBrief
from dashboard import palette, wording

#: Receivers that are named at most.
_MOST: Final = 12


def badges(deliveries: Sequence[DeliveryBrief], groups: int = 0) -> str:
    """Returns a Markdown badge for each group, and for each consumer of another program; empty for none.

    Args:
        deliveries: of one event; not all where many received it.
        groups: how many received it.
    """
    count = max(groups, len(deliveries))
    shown = [f"{palette.markdown_badge(each.status)} {_name(each)}" for each in deliveries[:_MOST]]
    shown += [f":gray[and {count - _MOST:,} more]"] if count > _MOST else []
    return " &nbsp; ".join(shown)


def _name(delivery: DeliveryBrief) -> str:
    name = wording.plain(delivery.group) or ":gray[without a name]"
    if not delivery.foreign or not delivery.service or delivery.service == delivery.group:
        return name
    return f"{name} :gray[of {wording.plain(delivery.service)}]"
