"""What goes wrong in a trial, and when: all of it drawn from the seed, the same for each shape. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from runtime import Retry
from sample_agents.world import share

#: Seconds between two orders, and within which faults begin.
PACE: Final = 0.15

#: How often the process that coordinates is killed in a trial.
CRASHES: Final = 2

#: Seconds that the parcel carrier answers nobody, and that the gateway of text messages does not, or only slowly.
CARRIER_OUT: Final = 1.5
SMS_OUT: Final = 2.0
SMS_SLOW: Final = 2.0

#: Seconds of a call of the slow gateway; a call may take `TIMEOUT`.
SLOW_SMS: Final = 1.0

#: Seconds of any call, shortest and longest; one in so many takes much longer; one first call in so many fails.
QUICKEST, LONGEST = 0.01, 0.05
STUCK: Final = 0.4
STUCK_ONE_IN: Final = 20
FLAKY_ONE_IN: Final = 33

#: Both shapes retry alike, and give a call as long.
RETRY: Final = Retry(attempts=8, first_delay=0.2, max_delay=2.0)
TIMEOUT: Final = 2.0

CARRIER: Final = "pickup"
SMS: Final = "sms"


class Trouble(StrEnum):
    """What a trial suffers from, beside calls that fail or get stuck now and then."""

    ALL = "all"
    OUTAGES = "outages"
    """Outages and a slow gateway, and nothing is killed."""
    CRASHES = "crashes"
    """What coordinates is killed, and everybody answers: nobody gives up."""
    NONE = "none"


class AgentAwayError(Exception):
    """Raised when somebody who is called does not answer just now."""


@dataclass(frozen=True, slots=True)
class Window:
    """From and until, in seconds after the first order."""

    begin: float
    end: float

    def __contains__(self, moment: float) -> bool:
        return self.begin <= moment < self.end

    @classmethod
    def draw(cls, seed: int, what: str, within: float, lasts: float) -> Self:
        """One that begins somewhere in the first `within` seconds."""
        begin = within * share(seed, 0, what)
        return cls(begin, begin + lasts)


@dataclass(frozen=True)
class Faults:
    """What goes wrong in one trial.

    Args:
        seed: which one.
        span: seconds from the first order to the last.
        trouble: how much of it.
    """

    seed: int
    span: float
    trouble: Trouble = Trouble.ALL

    def crashes(self) -> list[float]:
        """When what coordinates is killed, in seconds after the first order, ascending."""
        if self.trouble not in (Trouble.ALL, Trouble.CRASHES):
            return []
        # One in each part of the time, so that the second does not hit a process that is still starting.
        part = self.span / CRASHES
        return [part * (place + share(self.seed, place, "crash")) for place in range(CRASHES)]

    def refuses(self, agent: str, moment: float) -> bool:
        """Whether somebody answers nobody at a moment."""
        if self.trouble not in (Trouble.ALL, Trouble.OUTAGES):
            return False
        if agent == CARRIER:
            return moment in Window.draw(self.seed, "carrier", self.span, CARRIER_OUT)
        return agent == SMS and moment in Window.draw(self.seed, "sms", self.span, SMS_OUT)

    def takes(self, agent: str, number: int, attempt: int, moment: float) -> float:
        """Seconds that a call takes."""
        slow = Window.draw(self.seed, "slow", self.span, SMS_SLOW)
        if agent == SMS and self.trouble in (Trouble.ALL, Trouble.OUTAGES) and moment in slow:
            return SLOW_SMS
        if attempt == 1 and share(self.seed, number, f"stuck {agent}") * STUCK_ONE_IN < 1:
            return STUCK
        return QUICKEST + (LONGEST - QUICKEST) * share(self.seed, number, f"{agent} {attempt}")

    def fails(self, agent: str, number: int, attempt: int) -> bool:
        """Whether a call fails by itself; the next one does not."""
        return attempt == 1 and share(self.seed, number, f"flaky {agent}") * FLAKY_ONE_IN < 1
