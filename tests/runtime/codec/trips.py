"""A value's way through a store, and whether it is the same at the end."""

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from runtime.codec.attributes import attributes
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded

WHAT = "the result of step 'sorting'"


def trip(value: Any, annotation: Any = Any) -> Any:
    """What a reader of a type gets of a value that was written as text."""
    return read(encode(value, WHAT), annotation)


def read(encoded: Encoded, annotation: Any = Any) -> Any:
    """What a reader of a type gets of the text of an encoded value."""
    return Codec(annotation, "step 'packing'").decode(Encoded.parse(encoded.text))


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of one type, at every depth; NaN is itself, and zero has a sign."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, Decimal):
        return str(one) == str(other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, BaseModel):
        return same(_state(one), _state(other))
    if is_dataclass(one):
        return same(_attributes(one), _attributes(other))
    if isinstance(one, Mapping):
        return _same_mappings(one, other)
    if isinstance(one, list | tuple | deque):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _attributes(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in sorted({*attributes(value), *value.__dataclass_fields__})}


def _state(model: BaseModel) -> list[Any]:
    return [model.__dict__, model.model_fields_set, model.__pydantic_extra__, model.__pydantic_private__]


def _same_mappings(one: Any, other: Any) -> bool:
    if isinstance(one, defaultdict) and one.default_factory is not other.default_factory:
        return False
    return same(list(one.items()), list(other.items()))
