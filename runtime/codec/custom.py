"""Values of classes that say themselves, by way of pydantic, how they are written and read."""

from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from runtime.codec.json_text import dump, validate_text
from runtime.codec.mismatch import MismatchError
from runtime.codec.note import AS, CLASS, Node, note_for_null
from runtime.codec.plan import adapter_of
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.secret import MASK
from runtime.codec.shapes import class_name
from runtime.codec.writer import Writer


def pydantic_json(value: Any, writer: Writer, depth: int, field: str = "") -> Any:
    """What pydantic makes of a value, or of one field of it.

    Args:
        value: of a class that pydantic knows.
        writer: makes plain JSON of what pydantic leaves, such as NaN.
        depth: levels above the value.
        field: a field's name; empty for the whole.

    Returns:
        Plain JSON; `Ellipsis` for a field that is left out this time.

    Raises:
        RefusedError: pydantic can't write it.
        Exception: what a serializer of the user's own raises.
    """
    cls: type = type(value)
    adapter = adapter_of(cls)
    if adapter is None:
        raise RefusedError(value)
    include = {field} if field else None
    try:
        made = adapter.dump_python(value, mode="json", by_alias=True, include=include, warnings=False)
    except PydanticSerializationError as error:
        own = _unwrap_error(error)
        raise (RefusedError(value) if own is None else own) from None
    if field:
        made = next(iter(made.values()), ...)
    return made if made is ... else writer.write_node(made, depth)[0]


def _unwrap_error(error: BaseException) -> BaseException | None:
    """What a serializer of the user's own raised, out of what pydantic wraps around it; None where there is none."""
    while isinstance(error, PydanticSerializationError):
        if error.__cause__ is None:
            return None
        error = error.__cause__
    return error


def lossless_json(value: Any, writer: Writer, depth: int, field: str = "") -> Any:
    """As `pydantic_json`, for what it is to be made of again: no secret may be lost in it.

    Raises:
        RefusedError: pydantic can't write it, or shows no more of a secret in it than asterisks.
        Exception: what a serializer of the user's own raises.
    """
    data = pydantic_json(value, writer, depth, field)
    if data is ... or MASK in dump(data):
        raise RefusedError(value)
    return data


def write_custom(value: Any, writer: Writer, depth: int) -> Node:
    """`custom`: what pydantic makes of it, if pydantic makes the like of it of that.

    Raises:
        RefusedError: it can't travel that way.
        Exception: what a serializer of the user's own raises.
    """
    cls: type = type(value)
    name = class_name(cls)
    data = lossless_json(value, writer, depth)
    try:
        back = _read(cls, data)
    except Exception:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise RefusedError(value) from None
    if type(back) is not cls or not _is_equal(back, value):
        raise RefusedError(value)
    return data, note_for_null(data, {AS: "custom", CLASS: name})


def _is_equal(back: Any, value: Any) -> bool:
    """Whether nothing was lost, as far as the class can tell: a model compares locks and arrays too, which can't."""
    equality: Any = type(value).__eq__
    if isinstance(value, BaseModel) or equality is object.__eq__:
        return True
    try:
        return bool(back == value)
    except Exception:  # noqa: BLE001 - it is the code of whoever wrote the class
        return False


def _read(cls: type, data: Any) -> Any:
    adapter = adapter_of(cls)
    if adapter is None:
        raise MalformedError("is of a class that pydantic does not know")
    return validate_text(adapter, dump(data))


def _restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """As its class reads it, if that may be restored; else plain JSON."""
    cls = reader.find_class(note.get(CLASS))
    if cls is None:
        return data
    try:
        return _read(cls, data)
    except ValidationError as error:
        raise MismatchError(error) from None


RESTORERS: Final[dict[str | None, Restorer]] = {"custom": _restore}
