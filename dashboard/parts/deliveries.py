"""How those fared who received an event, in the same words wherever it is shown."""

from collections.abc import Sequence
from typing import Final

from collector.models import DeliveryBrief
from dashboard.parts import table

#: Receivers that are named at most.
_MOST: Final = 12


def parts(deliveries: Sequence[DeliveryBrief], groups: int = 0) -> table.Cell:
    """Returns a badge and a name for each group, and for each consumer of another program; empty for none.

    Args:
        deliveries: of one event; not all where many received it.
        groups: how many received it.
    """
    count = max(groups, len(deliveries))
    shown: list[table.Part] = []
    for each in deliveries[:_MOST]:
        shown += [table.badge(each.status), table.Part(each.group or "without a name")]
        if _is_of_another(each):
            shown.append(table.Part(f"of {each.service}", table.MUTED))
    return [*shown, table.Part(f"and {count - _MOST:,} more", table.MUTED)] if count > _MOST else shown


def _is_of_another(delivery: DeliveryBrief) -> bool:
    return delivery.foreign and bool(delivery.service) and delivery.service != delivery.group
