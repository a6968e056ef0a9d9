"""Classes of one name, before and after a deploy."""

from typing import Any


def deployed(cls: Any) -> Any:
    """Gives a class the name that all classes of one name have, wherever it was defined."""
    cls.__module__, cls.__qualname__ = "app", "Order"
    return cls
