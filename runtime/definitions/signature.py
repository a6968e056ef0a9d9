"""What a step or handler asks for and gives, read from its signature."""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from runtime.causality.error_info import describe_error
from runtime.codec.codec import Codec
from runtime.definitions.callables import code_of, refuse_generator
from runtime.definitions.context import Context
from runtime.definitions.event import Event
from runtime.errors import DefinitionError

#: Names of ours that an annotation may use although they are imported for type checkers alone.
_OURS: dict[str, Any] = {"Context": Context, "Event": Event, **vars(typing)}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, and what reads its declared type (`Any` where there is none). One that is optional has a
    default, and is left out where nothing has its name."""

    name: str
    codec: Codec
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A callable's contract. `context` names the parameter that takes the `Context`, if there is one, `names` are those
    of all others."""

    parameters: tuple[Parameter, ...]
    context: str | None
    result: Codec
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(parameter.name for parameter in self.parameters))


def read_signature(function: Callable[..., Any], what: str) -> Signature:
    """The contract of a step or handler.

    Args:
        function: sync or async; a function, method, partial, or object that can be called.
        what: what it is, for messages, such as `step 'sorting'`.

    Raises:
        DefinitionError: a generator, a parameter without a name to fill it by, a second `Context`, or a type that
            nothing can be read into.
    """
    refuse_generator(function, what)
    hints = _hints(function, what)
    parameters: list[Parameter] = []
    context: str | None = None
    for name, parameter in _parameters(function, what).items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise DefinitionError(f"{what} takes {parameter}: name each parameter, they are filled by name")
        annotation = hints.get(name, Any)
        if _is_context(annotation):
            if context is not None:
                raise DefinitionError(f"{what} asks for the Context as {context!r} and as {name!r}: once is enough")
            context = name
        else:
            has_default = parameter.default is not parameter.empty
            parameters.append(Parameter(name, Codec(annotation, f"parameter {name!r} of {what}"), has_default))
    return Signature(tuple(parameters), context, Codec(hints.get("return", Any), f"the result of {what}"))


def _parameters(function: Callable[..., Any], what: str) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        raise DefinitionError(
            f"{what} is {function!r}, which does not say what it takes: wrap it in a function"
        ) from None


def _hints(function: Callable[..., Any], what: str) -> dict[str, Any]:
    code = code_of(function)
    known: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(code, localns=known or None, include_extras=True)
        except NameError as error:
            name = str(error.name)
            if name not in _OURS or name in known:
                raise DefinitionError(
                    f"{what} has an annotation that can't be resolved where it is defined: {error}; import it there, "
                    "not for type checkers alone"
                ) from None
            known[name] = _OURS[name]
        except TypeError:
            raise DefinitionError(f"{what} is {function!r}: take a function, its annotations can be read") from None
        except Exception as error:  # noqa: BLE001 - an annotation that is text is code
            raise DefinitionError(
                f"{what} has an annotation that can't be read: {type(error).__name__}: {describe_error(error)}; "
                "write a type"
            ) from None


def _is_context(annotation: Any) -> bool:
    """Whether it is `Context`, or that and None."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_context(one) for one in get_args(annotation))
    return annotation is Context
