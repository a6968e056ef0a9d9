"""From when on and until when an event is of use, as its publisher says it."""

from runtime.bus.timing import Timing
from runtime.definitions.durations import Duration, to_milliseconds
from runtime.errors import DefinitionError

#: So long after it was published.
After = Duration


def build_timing(channel: str, delay: After | None, expires: After | None, now_ns: int) -> Timing | None:
    """When an event may be delivered; None where nothing is said.

    Args:
        channel: its channel, for messages.
        delay: how long it is held back.
        expires: after how long no group begins with it any more.
        now_ns: when it is published.

    Raises:
        DefinitionError: one is no time from a millisecond to ten years, or it would expire before it is delivered.
    """
    if delay is None and expires is None:
        return None
    delay_ms, life_ms = (_duration_ms(channel, name, given) for name, given in (("delay", delay), ("expires", expires)))
    if life_ms and life_ms <= delay_ms:
        raise DefinitionError(
            f"an event for channel {channel} can't expire after {life_ms / 1000:g} s, for it is held back for "
            f"{delay_ms / 1000:g} s: both count from when it is published"
        )
    return Timing(delay_ms, now_ns + life_ms * 1_000_000 if life_ms else 0)


def _duration_ms(channel: str, name: str, given: object) -> int:
    return 0 if given is None else to_milliseconds(f"{name}= of an event for channel {channel}", given)
