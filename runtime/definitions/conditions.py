"""Conditions of steps: what decides whether a step is done, or done again, and who has to take None."""

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Any, Union

from runtime.codec.codec import Codec
from runtime.definitions.callables import is_async
from runtime.definitions.signature import Parameter, Signature, read_signature
from runtime.errors import DefinitionError, UndecodableError


def read_condition(function: Callable[..., Any], step: str, which: str) -> Signature:
    """The contract of a step's condition.

    Args:
        function: as declared.
        step: the step's name.
        which: `when` or `until`.

    Raises:
        DefinitionError: it can't be called, is async, or asks for a context.
    """
    what = f"{which}= of step {step!r}"
    if not callable(function):
        raise DefinitionError(f"{what} can't be {function!r}: give a function, such as lambda review: review.is_good")
    if is_async(function):
        raise DefinitionError(f"{what} is async: it decides at once, by what it is given; ask in a step before")
    signature = read_signature(function, what)
    if signature.context is not None:
        raise DefinitionError(f"{what} asks for a Context: it decides by inputs and results alone")
    return signature


def infer_types(signature: Signature, kinds: Mapping[str, Any], skipped: Container[str]) -> Signature:
    """A condition whose parameters say no type, as those of a lambda can't, with the types of what they name.

    Args:
        signature: of the condition.
        kinds: the types of inputs, and of what steps return, by name.
        skipped: names of the steps that may be skipped: each may yield None.
    """

    def read_as(one: Parameter) -> Parameter:
        kind = kinds.get(one.name, Any)
        if one.codec.annotation is not Any or kind is Any:
            return one
        return replace(one, codec=Codec(Union[kind, None] if one.name in skipped else kind, one.codec.what))  # noqa: UP007 - what is annotated may be a text, which has no `|`

    return replace(signature, parameters=tuple(read_as(one) for one in signature.parameters))


def require_none_accepted(what: str, signature: Signature, absent: Container[str], where: str) -> None:
    """Makes sure that a reader takes None where there may be no result.

    Args:
        what: the reader, for messages.
        signature: its contract.
        absent: names of the steps of which there may be none.
        where: when that is so, for messages.

    Raises:
        DefinitionError: names the parameter, and what to write.
    """
    for one in signature.parameters:
        if one.name not in absent:
            continue
        try:
            one.codec.accept(None)
        except UndecodableError:
            raise DefinitionError(
                f"{what} reads {one.name!r}, which is None {where}, and its type does not take that: annotate it with "
                "`| None`"
            ) from None
