"""How much an agent may do at once and in a minute, over all processes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """What bounds an agent's steps. None: without bound; 0: paused.

    Attributes:
        agent: whose steps.
        at_once: attempts that are under way.
        calls_per_minute: calls that were made in the last minute: one for each attempt that began, and one more for
            each recorded call in it after the first.
        tokens_per_minute: tokens that were reported in the last minute. While it is reached nothing begins; what is
            under way may go beyond it.
    """

    agent: str
    at_once: int | None = None
    calls_per_minute: int | None = None
    tokens_per_minute: int | None = None

    @property
    def bounds(self) -> tuple[int | str, int | str, int | str]:
        """At once, calls and tokens a minute, as scripts take them: empty where there is no bound."""
        at_once, calls, tokens = (
            "" if one is None else one for one in (self.at_once, self.calls_per_minute, self.tokens_per_minute)
        )
        return at_once, calls, tokens
