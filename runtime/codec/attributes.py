"""The attributes of any object, wherever its class keeps them."""

from typing import Any


def attributes(value: object) -> dict[str, Any]:
    """What an object holds in its `__dict__` and its slots, by name, but what Python itself adds to it."""
    state: Any = object.__getstate__(value)
    own, slots = state if isinstance(state, tuple) else (state, None)
    found = {**(own or {}), **(slots or {})}
    return {name: item for name, item in found.items() if not (name.startswith("__") and name.endswith("__"))}
