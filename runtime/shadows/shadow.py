"""What an author says of a step's choreographed successor: where it listens, and what may differ."""

import math
import re
from dataclasses import dataclass
from typing import Final

from runtime.bounds import is_satisfied
from runtime.errors import DefinitionError
from runtime.server.names import checked_name

#: Seconds that one attempt of a successor beside its step may take, where nothing is said.
TIMEOUT: Final = 30.0
_PLACE: Final = re.compile(r"\[\d*\]")
#: Behind a channel's name: the channel of its comparisons. No name that an author gives has it.
_BESIDE: Final = "~shadow"


@dataclass(frozen=True, slots=True)
class Shadow:
    """The choreographed successor of a step: the handler of a channel, which is given what the step is given.

    Attributes:
        channel: that the successor subscribes to. An event there has the step's parameters as its fields, by name.
        group: of the successor, where several groups of the app subscribe to the channel.
        ignore: fields of the result that are not compared, such as `("id", "sent.at")`: ids, times, and what else is
            never the same twice. Places in lists are left out: `items.id` is that of each item. So are effects by their
            names, such as `publish mails`, `write last` of what the app shares, or `keep count` of a run's state.
        unordered: fields of the result that are lists whose order does not matter.
        sample: share of runs that are compared, above 0, up to 1.
        timeout: seconds that the successor may take beside its step; a longer attempt counts as failed.
    """

    channel: str
    group: str = ""
    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    sample: float = 1.0
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        checked_name("channel", self.channel)
        if self.group:
            checked_name("group", self.group)
        for name, fields in (("ignore", self.ignore), ("unordered", self.unordered)):
            if not _are_fields(fields):
                raise DefinitionError(
                    f"{name}= of a shadow can't be {fields!r}: give a tuple of fields of the result, such as "
                    '("id", "sent.at")'
                )
            if placed := next((one for one in fields if _PLACE.search(one)), None):
                raise DefinitionError(
                    f"{name}= of a shadow can't be {fields!r}: it is of each item of a list, so write "
                    f"{_PLACE.sub('', placed)!r} for {placed!r}"
                )
        if not is_satisfied(lambda: 0 < self.sample <= 1):
            raise DefinitionError(f"sample= of a shadow can't be {self.sample!r}: it is a share, above 0, up to 1")
        if not is_satisfied(lambda: 0 < self.timeout < math.inf):
            raise DefinitionError(f"timeout= of a shadow can't be {self.timeout!r}: give seconds, more than 0")


def _are_fields(fields: object) -> bool:
    return isinstance(fields, tuple) and all(isinstance(one, str) and one for one in fields)


def comparison_channel(channel: str) -> str:
    """The channel on which a successor is given what its step was given. It is another one than its own: whoever else
    subscribes there hears nothing of comparisons, and these hold up no events."""
    return f"{channel}{_BESIDE}"


def checked_shadow(what: str, shadow: object) -> Shadow | None:
    """A successor as it is declared; a channel alone says all that has no default.

    Args:
        what: what declares it, for messages, such as `step 'receipt'`.
        shadow: as declared.

    Raises:
        DefinitionError: it can't be.
    """
    if shadow is None or isinstance(shadow, Shadow):
        return shadow
    if isinstance(shadow, str):
        return Shadow(shadow)
    raise DefinitionError(f"shadow= of {what} can't be {shadow!r}: give the channel of its successor, or a Shadow")
