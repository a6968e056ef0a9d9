"""What is done about ticks that were missed, and while a run still goes on."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from runtime.errors import DefinitionError
from runtime.schedules.fields import is_whole

Overlap = Literal["skip", "buffer", "cancel", "allow"]
"""What a tick does that comes while the run of the one before goes on: nothing; it waits for that, and further ones are
skipped; it cancels that; or it starts all the same."""

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class CatchUp:
    """All missed ticks are made up for, the oldest first.

    Args:
        at_most: so many, the newest ones; those before them are dropped; 1,000 at most.
        per_minute: how many start in a minute at most; 6,000 at most.

    Raises:
        DefinitionError: a number can't be.
    """

    at_most: int
    per_minute: int = 60

    def __post_init__(self) -> None:
        for name, value, most in (("at_most", self.at_most, _MOST), ("per_minute", self.per_minute, 6_000)):
            if not (is_whole(value) and 1 <= value <= most):
                raise DefinitionError(f"{name} of CatchUp can't be {value!r}: give a whole number from 1 to {most}")

    @property
    def pause_ms(self) -> int:
        """Between two of them, in ms."""
        return 60_000 // self.per_minute


Missed = Literal["latest", "none"] | CatchUp
"""What becomes of ticks that were missed because nobody worked: the latest runs, once; none does; or `CatchUp`."""


def checked_missed(what: str, missed: object) -> Missed:
    """A policy for missed ticks, if it is one.

    Raises:
        DefinitionError: it is none.
    """
    if missed == "latest":
        return "latest"
    if missed == "none":
        return "none"
    if isinstance(missed, CatchUp):
        return missed
    raise DefinitionError(f"missed={missed!r} of {what} can't be: give 'latest', 'none', or CatchUp(at_most=...)")


def checked_overlap(what: str, overlap: object) -> Overlap:
    """A policy for ticks that come while a run goes on, if it is one.

    Raises:
        DefinitionError: it is none.
    """
    for one in get_args(Overlap):
        if overlap == one:
            return one  # type: ignore[no-any-return] # get_args tells no types
    raise DefinitionError(f"overlap={overlap!r} of {what} can't be: give {', '.join(map(repr, get_args(Overlap)))}")
