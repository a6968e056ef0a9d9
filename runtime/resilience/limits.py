"""How much may be done at once and in a minute, over all processes: by an agent, or by key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

#: Stands between a limit by key and the key's value, and behind an agent's name where its steps take turns by key. No
#: name and no value has one.
BY_KEY: Final = "\n"


@dataclass(frozen=True, slots=True)
class Limit:
    """What bounds steps. None: without bound; 0: paused.

    Attributes:
        name: the agent whose steps it bounds; of a limit by key what it holds for, and by what.
        at_once: attempts that are under way.
        calls_per_minute: calls that were made in the last minute: one for each attempt that began, and one more for
            each recorded call in it after the first.
        tokens_per_minute: tokens that were reported in the last minute. While it is reached nothing begins; what is
            under way may go beyond it.
        key: by whose value in the run it holds, for each value by itself; empty where it holds for all together.
    """

    name: str
    at_once: int | None = None
    calls_per_minute: int | None = None
    tokens_per_minute: int | None = None
    key: str = ""

    @property
    def bounds(self) -> tuple[int | str, int | str, int | str]:
        """At once, calls and tokens a minute, as scripts take them: empty where there is no bound."""
        at_once, calls, tokens = (
            "" if one is None else one for one in (self.at_once, self.calls_per_minute, self.tokens_per_minute)
        )
        return at_once, calls, tokens

    def name_for_run(self, by: Mapping[str, str]) -> str | None:
        """What its permits and spending are kept under for a run.

        Args:
            by: the values of the run's keys. None is for one that is not there: the limit does not hold for the run.
        """
        if not self.key:
            return self.name
        value = by.get(self.key)
        return None if value is None else f"{self.name}{BY_KEY}{value}"


def turn_keys(turn: str) -> tuple[tuple[str, str], ...]:
    """The keys of a turn, and their values, each once.

    Args:
        turn: names of limits by key and values, each in a line; the name of such a limit ends with its key.
    """
    return tuple(dict.fromkeys((name.rpartition(" ")[2], value) for name, value in _limits_in(turn)))


def permit_names(turn: str) -> list[str]:
    """What the permits of the limits in a turn are kept under."""
    return [f"{name}{BY_KEY}{value}" for name, value in _limits_in(turn)]


def _limits_in(turn: str) -> Iterator[tuple[str, str]]:
    words = turn.split(BY_KEY) if turn else []
    return zip(words[::2], words[1::2], strict=True)


def turn_lane(agent: str) -> str:
    """The lane of an agent's steps that take turns by key."""
    return f"{agent}{BY_KEY}"
