"""What takes a step back: its contract, and what it may be given."""

from dataclasses import replace
from typing import Any

from runtime.definitions.fan_out import FanOut
from runtime.definitions.signature import Signature, read_signature
from runtime.errors import DefinitionError, UndecodableError


def undo_signature(step: str, undo: Any, inputs: frozenset[str], fan: FanOut | None) -> Signature:
    """The contract of a step's `undo=`.

    It may ask for the step's result by the step's name, for the run's inputs, for the item, and for a `Context`.
    Results of other steps it may not have: in a loop they may be of another round by then.

    Args:
        step: the step's name.
        undo: as declared.
        inputs: names of the workflow's inputs.
        fan: how the step is fanned out, if it is.

    Raises:
        DefinitionError: it can't be called, asks for something else, or can't take None for a result that is not known.
    """
    what = f"undo= of step {step!r}"
    if not callable(undo):
        raise DefinitionError(f"{what} can't be {undo!r}: give a function that takes back what the step has done")
    signature = read_signature(undo, what)
    known = {step, *inputs, *([fan.item] if fan else [])}
    asked = tuple(one for one in signature.parameters if one.name in known or not one.is_optional)
    for one in asked:
        if one.name not in known:
            raise DefinitionError(
                f"{what} asks for {one.name!r}: it may ask for {', '.join(sorted(known))}, and a Context"
            )
        if one.name == step:
            _require_none(what, step, one.codec.accept)
    return replace(signature, parameters=asked)


def _require_none(what: str, step: str, accept: Any) -> None:
    try:
        accept(None)
    except UndecodableError:
        raise DefinitionError(
            f"{what} reads {step!r}, which is None where nobody knows whether the step was done (its worker died, or "
            "it timed out): annotate it with `| None`, and look for what there is to take back"
        ) from None
