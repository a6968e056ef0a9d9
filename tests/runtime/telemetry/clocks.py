"""A clock that only tests turn."""


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self._seconds = 1000.0

    def turn(self, seconds: float) -> None:
        """Moves both times forward."""
        self._seconds += seconds

    def now_ns(self) -> int:
        return round(self._seconds * 1e9)

    def monotonic(self) -> float:
        return self._seconds
