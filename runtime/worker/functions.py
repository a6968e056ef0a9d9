"""A function that is called for its author: what it is given, by name, what it says that it returns, and its value."""

import inspect
from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any, Final, get_type_hints

from runtime.definitions.callables import code_of, is_async
from runtime.supervisor.threads import run_in_thread

#: Characters that are shown of a value, at most.
_SHOWN: Final = 1000


async def call_function(function: Callable[[], Any]) -> Any:
    """What a function returns: an async one here, a sync one in a thread of its own."""
    if is_async(function):
        return await function()
    value = await run_in_thread(function)
    # An async function behind a plain decorator looks sync until it has been called.
    return await value if isawaitable(value) else value


def name_arguments(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by what their parameters are called, where that is known; else by their place."""
    try:
        by_name = dict(inspect.signature(function).bind_partial(*args).arguments)
    except (TypeError, ValueError):
        by_name = {}
    if len(by_name) != len(args):  # some of them are gathered in one parameter
        by_name = {f"argument {at}": value for at, value in enumerate(args, 1)}
    return {**by_name, **kwargs}


def return_type_of(function: Callable[..., Any]) -> Any:
    """The type that a function says it returns; any where it does not, or can't be asked."""
    try:
        return get_type_hints(code_of(function), include_extras=True).get("return", Any)
    except Exception:  # noqa: BLE001 - an annotation that is text is code
        return Any


def describe_value(value: object) -> str:
    """A value for people, as far as it can be shown."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - it is the user's own code
        return f"a {type(value).__name__} whose repr() fails: {type(error).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
