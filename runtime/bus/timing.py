"""From when on and until when an event is of use. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from runtime.bus.rfc3339 import format_rfc3339, parse_rfc3339


@dataclass(frozen=True, slots=True)
class Timing:
    """When an event may be delivered.

    Attributes:
        delay_ms: how long it is held back after it was published; 0 for not at all.
        expires_ns: from when on no group begins with it, in nanoseconds since 1970 (UTC); 0 for never.
    """

    delay_ms: int = 0
    expires_ns: int = 0

    def is_over(self, now_ns: int) -> bool:
        """Whether the event is of no use any more."""
        return 0 < self.expires_ns <= now_ns

    def attributes(self) -> dict[str, str]:
        """What an envelope says of it."""
        said = {}
        if self.delay_ms:
            said["delayms"] = str(self.delay_ms)
        if self.expires_ns:
            said["expirytime"] = format_rfc3339(self.expires_ns)
        return said

    @classmethod
    def read(cls, members: Mapping[str, Any]) -> Self | None:
        """What an envelope says; None where that is nothing, or can't be read: an event is not lost for that."""
        delay, expiry = members.get("delayms"), members.get("expirytime")
        if delay is None and expiry is None:
            return None
        text = str(delay or "")
        found = cls(int(text) if text.isascii() and text.isdigit() else 0, parse_rfc3339(expiry) if expiry else 0)
        return found if found.delay_ms or found.expires_ns else None
