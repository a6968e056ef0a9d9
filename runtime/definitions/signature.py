"""What a step or handler asks for and gives, read from its signature."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from runtime.definitions.context import Context
from runtime.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its declared type (`Any` where there is none) and how to read it from JSON."""

    name: str
    annotation: Any
    adapter: TypeAdapter[Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """A callable's contract. `context` names the parameter that takes the `Context`, if there is one."""

    parameters: tuple[Parameter, ...]
    context: str | None
    result: TypeAdapter[Any]


def read(function: Callable[..., Any], what: str) -> Signature:
    """The contract of a step or handler.

    Args:
        function: sync or async.
        what: what it is, for messages, such as `step 'sorting'`.

    Raises:
        DefinitionError: a parameter without a name to fill it by, or a type that nothing can be read into.
    """
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise DefinitionError(f"{what} has an annotation that can't be resolved where it is defined: {error}") from None
    except TypeError:
        raise DefinitionError(f"{what} is {function!r}: take a function, its annotations can be read") from None
    parameters: list[Parameter] = []
    context: str | None = None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise DefinitionError(f"{what} takes {parameter}: name each parameter, they are filled by name")
        annotation = hints.get(name, Any)
        if annotation is Context:
            context = name
        else:
            parameters.append(Parameter(name, annotation, adapter(annotation, f"parameter {name!r} of {what}")))
    return Signature(tuple(parameters), context, adapter(hints.get("return", Any), f"the result of {what}"))


def adapter(annotation: Any, what: str) -> TypeAdapter[Any]:
    """Reads and writes a type as JSON.

    Raises:
        DefinitionError: when the type can't be read from JSON.
    """
    try:
        return TypeAdapter(annotation)
    except PydanticUserError as error:
        reason = str(error).splitlines()[0]
        raise DefinitionError(
            f"{what} has a type that can't travel as JSON: {reason} Take a pydantic model, a dataclass or plain JSON"
        ) from None
