"""By what a group keeps an order, as its author says it."""

import json
from difflib import get_close_matches
from typing import Any

from runtime.errors import DefinitionError


def checked_order(what: str, order_by: object) -> str:
    """A field, or a path of fields with dots between; empty where none was given.

    Raises:
        DefinitionError: it is none.
    """
    if order_by is None:
        return ""
    if isinstance(order_by, str) and all(part and part.strip() == part for part in order_by.split(".")):
        return order_by
    raise DefinitionError(
        f"{what} can't be ordered by {order_by!r}: name a field of the payload, such as 'order_id', or a path of "
        "fields with dots between, such as 'order.id'"
    )


def check_order(what: str, order_by: str, schema: str) -> None:
    """Checks that a payload has the fields that it is ordered by, as far as its JSON Schema tells.

    Raises:
        DefinitionError: it has not; names the nearest.
    """
    whole = node = json.loads(schema)
    for part in filter(None, order_by.split(".")):
        node = _resolve_reference(whole, node)
        fields = node.get("properties")
        if not isinstance(fields, dict) or node.get("additionalProperties"):
            return  # nothing is said of what it holds
        if part not in fields:
            near = get_close_matches(part, fields, 1)
            hint = f": did you mean {near[0]!r}?" if near else f"; it has {', '.join(fields) or 'no field'}"
            raise DefinitionError(f"{what} is ordered by {order_by!r}, and its payload has no field {part!r}{hint}")
        node = fields[part]


def _resolve_reference(whole: Any, node: Any) -> Any:
    """A part of a schema, where it is said elsewhere in it."""
    place = node.get("$ref", "") if isinstance(node, dict) else ""
    if not place.startswith("#/"):
        return node if isinstance(node, dict) else {}
    for part in place[2:].split("/"):
        whole = whole.get(part, {})
    return whole
