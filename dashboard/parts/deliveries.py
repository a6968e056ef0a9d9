"""How those fared who received an event, in the same words wherever it is shown."""

from collections.abc import Sequence
from typing import Final

from collector.models import DeliveryBrief
from dashboard import palette, wording
from dashboard.parts import table

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


def parts(deliveries: Sequence[DeliveryBrief], groups: int = 0) -> table.Cell:
    """Returns the same as parts of a list's cell."""
    count = max(groups, len(deliveries))
    shown: list[table.Part] = []
    for each in deliveries[:_MOST]:
        shown += [table.badge(each.status), table.Part(each.group or "without a name")]
        if _is_of_another(each):
            shown.append(table.Part(f"of {each.service}", table.MUTED))
    return [*shown, table.Part(f"and {count - _MOST:,} more", table.MUTED)] if count > _MOST else shown


def _name(delivery: DeliveryBrief) -> str:
    name = wording.plain(delivery.group) or ":gray[without a name]"
    return f"{name} :gray[of {wording.plain(delivery.service)}]" if _is_of_another(delivery) else name


def _is_of_another(delivery: DeliveryBrief) -> bool:
    return delivery.foreign and bool(delivery.service) and delivery.service != delivery.group
