"""Fan-outs: a step that is done for each item of a list, and what it yields."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from runtime.codec.codec import Codec
from runtime.definitions.signature import Parameter, Signature
from runtime.errors import DefinitionError, UndecodableError

#: Items of one fan-out at most. Each is a task, a node and a few rows on the server.
MOST_ITEMS: Final = 10_000


@dataclass(frozen=True, slots=True)
class FailedItem:
    """What stands in the list of results where an item has failed for good, and that is tolerated.

    Attributes:
        index: of the item, from 0.
        error_type: class name of its last error.
        error: its words.
    """

    index: int
    error_type: str
    error: str


@dataclass(frozen=True, slots=True)
class FanOut:
    """How a step is fanned out.

    Attributes:
        over: the input or step whose list it is done for.
        item: the parameter that an item is given to.
        at_once: how many items are under way at once; None for as many as there are slots for.
        tolerate: how many items may fail: a number, or a share of all as a float.
    """

    over: str
    item: str
    at_once: int | None
    tolerate: int | float

    def max_failures(self, count: int) -> int:
        """How many of so many items may fail."""
        return self.tolerate if isinstance(self.tolerate, int) else int(self.tolerate * count + 1e-9)


def check_fan_out(step: str, over: object, at_once: object, tolerate: object) -> None:
    """Checks what a step is declared with.

    Raises:
        DefinitionError: an option can't be, or is said without `over`.
    """
    if over is None:
        if at_once is not None or tolerate != 0:
            raise DefinitionError(f"step {step!r} says at_once= or tolerate= without over=: name the list to go over")
        return
    if not isinstance(over, str):
        raise DefinitionError(f"step {step!r} can't go over {over!r}: name an input or a step that yields a list")
    if at_once is not None and (not isinstance(at_once, int) or isinstance(at_once, bool) or at_once < 1):
        raise DefinitionError(f"step {step!r} can't have {at_once!r} items under way at once: give a number from 1 on")
    is_number = isinstance(tolerate, int | float) and not isinstance(tolerate, bool)
    if not is_number or not (tolerate >= 0 and (isinstance(tolerate, int) or tolerate <= 1)):  # type: ignore[operator]  # a number, as was just asked
        raise DefinitionError(
            f"step {step!r} can't tolerate {tolerate!r}: give how many items may fail, or their share from 0.0 to 1.0"
        )


def find_item_parameter(step: str, over: str, signature: Signature, named: Container[str]) -> str:
    """The parameter that an item is given to: the one that names neither an input nor a step, or else the one that is
    called as the list.

    Args:
        step: the step's name, for messages.
        over: the list's name.
        signature: of the step.
        named: names of inputs and steps.

    Raises:
        DefinitionError: there is none, or more than one.
    """
    free = [one.name for one in signature.parameters if one.name not in named and not one.is_optional]
    if len(free) == 1:
        return free[0]
    if not free and any(one.name == over for one in signature.parameters):
        return over
    say = "it has no parameter for that"
    if free:
        say = f"more than one parameter is neither an input nor a step ({', '.join(free)})"
    raise DefinitionError(f"step {step!r} goes over {over!r}, but {say}: give it one parameter that takes an item")


def require_list(step: str, over: str, kind: Any) -> None:
    """Makes sure that what is gone over may be a list.

    Args:
        step: the step's name, for messages.
        over: the list's name.
        kind: its declared type; `Any` where there is none.

    Raises:
        DefinitionError: it can't be one.
    """
    try:
        Codec(_strip_annotations(kind), "over").accept([])
    except UndecodableError:
        raise DefinitionError(
            f"step {step!r} goes over {over!r}, which is of type {_type_name(kind)}: it must be a list"
        ) from None


def require_failures_accepted(what: str, signature: Signature, fans: Mapping[str, FanOut]) -> None:
    """Makes sure that a reader takes failed items from fan-outs that tolerate them.

    Raises:
        DefinitionError: names the parameter, and what to write.
    """
    for one in signature.parameters:
        fan = fans.get(one.name)
        if fan is not None and fan.tolerate and not _can_take(one, FailedItem(0, "ValueError", "no such parcel")):
            raise DefinitionError(
                f"{what} reads {one.name!r}, which tolerates failed items, and its type does not take them: annotate "
                "it as list[... | FailedItem]"
            )


def require_nones_accepted(what: str, signature: Signature, fans: Container[str]) -> None:
    """Makes sure that a reader takes None from a workflow that is done for each item, and whose last step may be
    skipped.

    Args:
        what: the reader, for messages.
        signature: its contract.
        fans: names of the steps that are such a workflow.

    Raises:
        DefinitionError: names the parameter, and what to write.
    """
    for one in signature.parameters:
        if one.name in fans and not _can_take(one, None):
            raise DefinitionError(
                f"{what} reads {one.name!r}, where an item is None if the last step of that workflow is skipped "
                "(when=), and its type does not take that: annotate it as list[... | None]"
            )


def _can_take(reader: Parameter, item: object) -> bool:
    try:
        Codec(_strip_annotations(reader.codec.annotation), reader.name).accept([item])
    except UndecodableError:
        return False
    return True


def _strip_annotations(kind: Any) -> Any:
    """A type without what it asks of its values: a list that may not be empty is a list, also where it may be None."""
    if get_origin(kind) is Annotated:
        return _strip_annotations(kind.__origin__)
    if get_origin(kind) in (Union, UnionType):
        return Union[tuple(map(_strip_annotations, get_args(kind)))]  # noqa: UP007 - `|` takes no members that are counted only now
    return kind


def _type_name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)
