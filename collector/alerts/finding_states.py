"""How what a rule finds becomes an alert: only once it has lasted, and over only once it was well for a while. Pure.

Times are seconds of a clock that never goes back, so that one that is set does no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.alerts.rule import Finding, Rule

#: Alerts of one rule that fire at once; what is beyond waits its turn. A rule that finds more is too wide to be read.
MOST = 100


@dataclass(slots=True)
class FindingState:
    """One thing that a rule has found: since when, and since when no more."""

    finding: Finding
    since: float
    is_firing: bool = False
    well_since: float | None = None


@dataclass(slots=True)
class ChangedKeys:
    """What one look changed; keys of things."""

    fired: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)


class FindingStates:
    """What one rule has found, by what it is about."""

    def __init__(self) -> None:
        self.things: dict[str, FindingState] = {}

    @property
    def firing(self) -> list[Finding]:
        """What fires now."""
        return [thing.finding for thing in self.things.values() if thing.is_firing]

    @property
    def pending(self) -> int:
        """How many things were found that have not lasted long enough."""
        return sum(not thing.is_firing for thing in self.things.values())

    def restore(self, finding: Finding, now: float) -> None:
        """Takes over what fired before the collector was started again."""
        self.things[finding.key] = FindingState(finding, now, is_firing=True)

    def reset_durations(self, now: float) -> None:
        """Forgets how long things have lasted: the clock was set."""
        for thing in self.things.values():
            thing.since = now
            if thing.well_since is not None:
                thing.well_since = now

    def exclude_time(self, seconds: float) -> None:
        """Has so much of the time that has just passed not count: nobody looked meanwhile."""
        for thing in self.things.values():
            thing.since += seconds
            if thing.well_since is not None:
                thing.well_since += seconds

    def update(self, rule: Rule, found: Sequence[Finding], now: float) -> ChangedKeys:
        """Returns what a look changes.

        Args:
            rule: the rule.
            found: all that it found, the worst first.
            now: seconds.
        """
        changes = ChangedKeys()
        by_key = {finding.key: finding for finding in found}
        for key in [key for key in self.things if key not in by_key]:
            self._handle_missing(key, rule, now, changes)
        for key, finding in by_key.items():
            thing = self.things.setdefault(key, FindingState(finding, now))
            thing.finding, thing.well_since = finding, None
        self._fire_lasting(by_key, rule, now, changes)
        return changes

    def _handle_missing(self, key: str, rule: Rule, now: float, changes: ChangedKeys) -> None:
        thing = self.things[key]
        if thing.well_since is None:
            thing.well_since = now
        if not thing.is_firing:
            del self.things[key]
        elif now - thing.well_since >= rule.well_for:
            del self.things[key]
            changes.resolved.append(key)

    def _fire_lasting(self, found: Mapping[str, Finding], rule: Rule, now: float, changes: ChangedKeys) -> None:
        room = MOST - sum(thing.is_firing for thing in self.things.values())
        ripe = [key for key in found if not self.things[key].is_firing and now - self.things[key].since >= rule.lasting]
        for key in ripe[: max(0, room)]:
            self.things[key].is_firing = True
            changes.fired.append(key)
