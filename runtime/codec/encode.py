"""From a value to what is stored and sent: the one table of who writes what."""

import dataclasses
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, RootModel
from pydantic_core import MultiHostUrl, Url

from runtime.codec import mappings, moments, scalars, secret, sequences
from runtime.codec.bases import base_of
from runtime.codec.custom import write_custom
from runtime.codec.derived import writer_of_derived
from runtime.codec.encoded import Encoded
from runtime.codec.enums import write_enum
from runtime.codec.lazy import write_lazy, write_view
from runtime.codec.named_tuples import write_named_tuple
from runtime.codec.objects import write_dataclass, write_model, write_root
from runtime.codec.refusal import RefusedError
from runtime.codec.refusers import find_refuser, refuse_unknown
from runtime.codec.shapes import KEPT
from runtime.codec.writer import Handler, Writer
from runtime.errors import UnencodableError

_EXACT: Final[dict[type, Handler]] = {
    **scalars.HANDLERS,
    **moments.HANDLERS,
    **secret.HANDLERS,
    **sequences.HANDLERS,
    **mappings.HANDLERS,
    Url: write_custom,
    MultiHostUrl: write_custom,
}

#: Handlers of classes and their subclasses, in the order in which they are looked up.
_FAMILIES: Final[tuple[tuple[Any, Handler], ...]] = (
    (RootModel, write_root),
    (BaseModel, write_model),
    (Enum, write_enum),
)


def encode(value: Any, what: str) -> Encoded:
    """What a value is stored and sent as, whoever is to read it.

    Args:
        value: pydantic model, dataclass or plain JSON, and what may be part of them: standard scalars and collections,
            NamedTuples, members of enumerations, secrets, what pydantic itself can write and read; at most
            `refusal.MAX_DEPTH` levels of these within each other. Lazy values, such as generators, are read into
            lists of at most `lazy.LAZY_LIMIT` elements, and so used up.
        what: what the value is, for messages, such as `the result of step 'sorting'`.

    Returns:
        Data as foreign readers expect it, and the types that it needs. These hold, unseen by foreign readers but not
        hidden from them, what of an object its class does not show: private attributes, and fields that are left out.

    Raises:
        UnencodableError: a part of it can't travel; says where, of what type it is, and what to do.
        Exception: what code of the value's own raises, such as a property or a generator.
    """
    try:
        return Encoded(*_WRITER.write_node(value, 0))
    except RefusedError as error:
        raise UnencodableError(error.message(what)) from None


@lru_cache(KEPT)
def _find_handler(cls: type) -> Handler:
    for family, handler in _FAMILIES:
        if issubclass(cls, family):
            return handler
    return find_refuser(cls) or _record_handler(cls) or _builtin_handler(cls) or _lazy_handler(cls) or refuse_unknown


def _record_handler(cls: type) -> Handler | None:
    if base_of(cls) is not None:
        return write_named_tuple if issubclass(cls, tuple) and hasattr(cls, "_fields") else None
    if dataclasses.is_dataclass(cls):
        return write_dataclass
    return write_custom if hasattr(cls, "__get_pydantic_core_schema__") else None


def _builtin_handler(cls: type) -> Handler | None:
    base = base_of(cls)
    if base is not None:
        return writer_of_derived(base)
    return next((_EXACT[kin] for kin in cls.__mro__ if kin in _EXACT), None)


def _lazy_handler(cls: type) -> Handler | None:
    if issubclass(cls, KeysView | ValuesView | ItemsView):
        return write_view
    return write_lazy if issubclass(cls, Iterator) else None


_WRITER: Final = Writer(_EXACT, _find_handler)
