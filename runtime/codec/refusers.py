"""What can't travel, and what to do about it."""

from collections.abc import AsyncIterable, Awaitable
from io import IOBase
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from runtime.codec.note import Node
from runtime.codec.refusal import RefusedError
from runtime.codec.writer import Handler, Writer

#: By type, in the order in which they are looked up: some are more than one of these.
_KINDS: Final[tuple[tuple[Any, str], ...]] = (
    (BaseException, "raise it"),
    (type, "make an instance of it"),
    (ModuleType, ""),
    ((FunctionType, MethodType, BuiltinFunctionType), "call it"),
    (Awaitable, "await it"),
    (AsyncIterable, "collect it with `async for`"),
    (IOBase, "read it"),
)

#: By the name of a method that makes plain JSON of an object.
_METHODS: Final = ("tolist", "model_dump", "to_dict", "_asdict", "dict")


def find_refuser(cls: type) -> Handler | None:
    """What refuses instances of a class that can never travel; None for one that may."""
    for kind, hint in _KINDS:
        if issubclass(cls, kind):
            return _make_refuser(hint)
    return None


def refuse_unknown(value: Any, _writer: Writer, _depth: int) -> Node:
    """Refuses what no other handler knows."""
    method = next((name for name in _METHODS if callable(getattr(type(value), name, None))), "")
    raise RefusedError(value, f"take its {method}()" if method else "")


def _make_refuser(hint: str) -> Handler:
    def refuse(value: Any, _writer: Writer, _depth: int) -> Node:
        raise RefusedError(value, hint)

    return refuse
