"""Breakers that work shares."""

from typing import Unpack

from collector.asking.base import Asking, TimeRange, rest
from collector.models import Breaker, BreakerAnswer, BreakerList, BreakerRequest


class Breakers(Asking):
    """What is asked about breakers, and done with them."""

    def breakers(self, **within: Unpack[TimeRange]) -> BreakerList:
        """Returns all breakers, those first that are not closed, and the outages of a time range."""
        return self._api.get(BreakerList, "/api/breakers", **within)

    def breaker(self, name: str) -> Breaker:
        """Returns a breaker, with what waits for it and how it opened and closed before."""
        return self._api.get(Breaker, f"/api/breakers/{rest(name)}")

    def open_breaker(self, name: str, operator: str, reason: str = "") -> BreakerAnswer:
        """Opens a breaker for its cool-down."""
        return self._act("open", name, operator, reason)

    def hold_breaker(self, name: str, operator: str, reason: str = "") -> BreakerAnswer:
        """Keeps a breaker open until somebody closes it."""
        return self._act("hold", name, operator, reason)

    def close_breaker(self, name: str, operator: str, reason: str = "") -> BreakerAnswer:
        """Closes a breaker; what waits for it comes back in waves."""
        return self._act("close", name, operator, reason)

    def _act(self, act: str, name: str, operator: str, reason: str) -> BreakerAnswer:
        request = BreakerRequest(name=name, operator=operator, reason=reason)
        return self._api.post(BreakerAnswer, f"/api/breakers/{act}", request)
