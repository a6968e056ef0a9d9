"""Attributes of a convention that have another type than it says, and so were not used. Pure."""

from collections.abc import Mapping
from typing import Any

from collector.store import names
from collector.store.names import AttributeMeaning


def describe_mistyped(attributes: Mapping[str, Any]) -> list[str]:
    """Returns what of a span's attributes was not understood, each in words.

    Args:
        attributes: of the span.
    """
    said = ((name, attributes.get(name)) for name in names.attribute_names(AttributeMeaning.OPERATION))
    return [
        f"{name} is {value!r}, which is not text: it names no operation, and was not used"
        for name, value in said
        if isinstance(value, int | float)
    ]
