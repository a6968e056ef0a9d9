"""What may be declared as a step or handler: functions, methods, partials and objects that can be called."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from runtime.errors import DefinitionError


def name_of(function: Callable[..., Any], kind: str) -> str:
    """The name that a step or handler has by default.

    Args:
        function: what is declared.
        kind: `step` or `handler`, for messages.

    Raises:
        DefinitionError: it is no function, or has no name.
    """
    if not callable(function):
        raise DefinitionError(f"{function!r} can't be a {kind}: it can't be called")
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    if name == "<lambda>":
        raise DefinitionError(f"a lambda has no name to call the {kind} by: give it one, or declare a function")
    return str(name)


def code_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function whose annotations and kind count: that of a partial, or the `__call__` of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or inspect.isclass(function):
        return function
    called: Callable[..., Any] = type(function).__call__
    return called


def refuse_generator(function: Callable[..., Any], what: str) -> None:
    """Refuses a function that would only make a generator when it is called: nothing would run.

    Raises:
        DefinitionError: names what was declared.
    """
    code = code_of(function)
    if inspect.isgeneratorfunction(code) or inspect.isasyncgenfunction(code):
        raise DefinitionError(
            f"{what} is a generator: calling it runs nothing of its body; return what it makes, "
            "or publish each part with ctx.publish"
        )


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it makes a coroutine."""
    return inspect.iscoroutinefunction(code_of(function))
