"""What fires, and what operators keep silent."""

from collections.abc import Iterator
from typing import Unpack

from collector.asking.base import PAGE, Asking, TimeRange, walk
from collector.models import Alert, AlertList, Silence, SilenceRequest, UnsilenceRequest


class Alerting(Asking):
    """What is asked about alerts."""

    def alerts(
        self, *, rule: str | None = None, limit: int = 50, cursor: str | None = None, **within: Unpack[TimeRange]
    ) -> AlertList:
        """Returns the alerts that fire, a page of those that are over (newest first), and how rules and webhooks
        stand."""
        return self._api.get(AlertList, "/api/alerts", rule=rule, limit=limit, cursor=cursor, **within)

    def every_alert(self, *, rule: str | None = None, **within: Unpack[TimeRange]) -> Iterator[Alert]:
        """Yields the alerts that fire, then all alerts that are over, newest first."""
        first = self.alerts(rule=rule, limit=PAGE, **within)
        yield from first.firing
        yield from walk(lambda cursor: self.alerts(rule=rule, limit=PAGE, cursor=cursor, **within) if cursor else first)

    def silence(
        self, rule: str, operator: str, reason: str, *, seconds: float, about: dict[str, str] | None = None
    ) -> Silence:
        """Has the collector tell nobody of a rule's alerts for so many seconds: of all of them, or of the alert about
        one thing."""
        request = SilenceRequest(rule=rule, about=about, seconds=seconds, operator=operator, reason=reason)
        return self._api.post(Silence, "/api/alerts/silence", request)

    def unsilence(self, silence_id: str, operator: str) -> Silence:
        """Ends a silence."""
        return self._api.post(Silence, "/api/alerts/unsilence", UnsilenceRequest(id=silence_id, operator=operator))
