"""How a rule fared when it looked last, and when it looks again."""

from dataclasses import dataclass
from typing import Final

from collector.alerts.alert_states import RuleResult
from collector.alerts.rule_kinds import RuleKind

#: Seconds between two looks of rules whose questions cost much.
COSTLY_EVERY: Final = 30.0

#: A rule rests for so many times as long as its question took, at most for so many seconds: on a large store, or beside
#: many senders, rules must not take a core from them.
FACTOR: Final = 40.0
LONGEST_PAUSE: Final = 60.0

#: Seconds until a rule that could not look looks again, and at most.
_REST: Final = 30.0
_LONGEST_REST: Final = 600.0


@dataclass(slots=True)
class RuleStatus:
    """How one rule fares.

    Attributes:
        evaluated_ns: when it looked last, and could.
        took_ms: how long its question took.
        error: why it could not look; empty when it could.
        due: when it looks again, in seconds of a clock that never goes back.
        failures: how often it could not, one after the other.
    """

    evaluated_ns: int | None = None
    took_ms: float | None = None
    error: str = ""
    due: float = float("-inf")
    failures: int = 0

    def record_result(self, result: RuleResult, kind: RuleKind, now: float, now_ns: int) -> None:
        """Notes how a look went.

        Args:
            result: of the look.
            kind: of the rule.
            now: in seconds of a clock that never goes back.
            now_ns: the same moment in nanoseconds since 1970.
        """
        self.error, self.took_ms = result.error, result.took_ms
        if result.found is not None:
            self.evaluated_ns, self.failures = now_ns, 0
            self.due = now + _pause_seconds(result.took_ms / 1_000, is_costly=kind.is_costly)
        elif not kind.needs_bus:
            self.failures += 1
            self.due = now + min(_LONGEST_REST, _REST * 2 ** min(self.failures - 1, 10))


def _pause_seconds(took: float, *, is_costly: bool) -> float:
    return max(COSTLY_EVERY if is_costly else 0.0, min(LONGEST_PAUSE, FACTOR * took))
