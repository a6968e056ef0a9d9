"""Limits by key as their author declares them."""

import re
from dataclasses import dataclass
from typing import Final

from runtime.errors import DefinitionError
from runtime.resilience.limits import Limit

#: An input of a workflow, or a field within it, such as `order.tenant`.
_KEY: Final = re.compile(r"[^\W\d]\w*(\.\w+)*")


@dataclass(frozen=True, slots=True)
class KeyLimit:
    """A limit for each value of a key by itself; made by `limit`, and given to an agent, a workflow or a step."""

    key: str
    at_once: int | None = None
    calls_per_minute: int | None = None
    tokens_per_minute: int | None = None

    def limit_for(self, what: str) -> Limit:
        """The limit as it holds for the steps of something, such as `agent research`."""
        bounds = (self.at_once, self.calls_per_minute, self.tokens_per_minute)
        return Limit(f"{what} by {self.key}", *bounds, key=self.key)


def limit(
    *,
    key: str,
    at_once: int | None = None,
    calls_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
) -> KeyLimit:
    """What steps may do for each value of a key, over all processes: `limits=[limit(key="tenant", at_once=2)]`, given
    to an agent (all its steps together), a workflow (all steps of its runs together) or a step. Values take turns, so
    that one with much to do keeps no other waiting.

    Args:
        key: an input of the run, or a field within one (`order.tenant`). It is read once, when the run starts.
        at_once: attempts that are under way; 0 pauses.
        calls_per_minute: attempts that begin in a minute; recorded calls (`ctx.once`) count one by one, instead.
        tokens_per_minute: tokens that are reported in a minute. While it is reached nothing begins; what is under way
            may go beyond it.

    Raises:
        DefinitionError: the key can't be, a bound is no whole number from 0 on, or there is none at all.
    """
    if not _is_key(key):
        raise DefinitionError(
            f"a limit's key can't be {key!r}: name an input of the workflow, such as 'tenant', or a field within one, "
            "such as 'order.tenant'"
        )
    bounds = (at_once, calls_per_minute, tokens_per_minute)
    require_bounds(f"the limit by {key!r}", *bounds)
    return KeyLimit(key, *bounds)


def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def require_bounds(what: str, at_once: object, calls_per_minute: object, tokens_per_minute: object) -> None:
    """Checks that each bound can be, and that there is one.

    Raises:
        DefinitionError: one is no whole number from 0 on, or there is none at all.
    """
    bounds = {"at_once": at_once, "calls_per_minute": calls_per_minute, "tokens_per_minute": tokens_per_minute}
    for name, bound in bounds.items():
        if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool) or bound < 0):
            raise DefinitionError(f"{name} of {what} can't be {bound!r}: give a whole number; 0 pauses it")
    if all(bound is None for bound in bounds.values()):
        raise DefinitionError(f"{what} is given no limit: say at_once=, calls_per_minute= or tokens_per_minute=")


def checked_limits(what: str, limits: object) -> tuple[KeyLimit, ...]:
    """Limits by key as something is given them.

    Args:
        what: is given them, for messages, such as `step 'search'`.
        limits: a list of what `limit` has made; None for none.

    Raises:
        DefinitionError: it is none, or two are by one key.
    """
    if limits is None:
        return ()
    if not isinstance(limits, list | tuple) or not all(isinstance(one, KeyLimit) for one in limits):
        raise DefinitionError(
            f"the limits of {what} can't be {limits!r}: give a list, such as [limit(key='tenant', at_once=2)]"
        )
    found: dict[str, KeyLimit] = {}
    for one in limits:
        if one.key in found:
            raise DefinitionError(f"{what} is given two limits by {one.key!r}: put them into one")
        found[one.key] = one
    return tuple(found.values())
