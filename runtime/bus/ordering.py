"""Which key of its group's order an event has. Pure."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from runtime.bus.envelope import Envelope

#: The key of events that say none: they keep their order among each other. To let them go freely would hide that a
#: publisher forgot it, and to bury them would lose what can be done.
NO_KEY: Final = ""
#: Longer keys are told apart by a digest, in characters.
_LONGEST: Final = 128


def order_key(envelope: Envelope | None, order_by: str) -> str:
    """The key of an event.

    Args:
        envelope: the event; None where it can't be decoded.
        order_by: a field of the payload, or a path of fields with dots between.

    Returns:
        A text as it is, anything else as JSON: a number and the text that reads like it are one key. `NO_KEY` where the
        field is not there, or is None.
    """
    value: Any = envelope.data if envelope else None
    for part in order_by.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return NO_KEY
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    raw = text.encode(errors="replace")
    return text if len(raw) <= _LONGEST and raw.decode() == text else sha256(raw).hexdigest()
