"""Attributes of many records by name, each name as a column. Vectorised: no Python runs for each record.

The database can look names up in a list as well (`list_position`), which took half of all that writing a span costs:
it walks each record's list once for each name that might be there, and most are not.
"""

import base64
import re
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: From here on a number is written with an exponent: no integer of OTLP is as large.
_LARGE: Final = 2.0**63

#: What no text that is an id holds.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")

#: Bytes of a UUID.
_UUID: Final = 16


class Attributes:
    """Attributes by name.

    Args:
        lists: of each record its attributes, as OTLP's `KeyValue`s.
    """

    def __init__(self, lists: pa.ListArray) -> None:
        pairs = lists.flatten()
        names = pairs.field("key").dictionary_encode()
        self._count = len(lists)
        self._rows = pc.list_parent_indices(lists).to_numpy()
        self._codes = names.indices.fill_null(-1).to_numpy()
        self._code_of = {name: code for code, name in enumerate(names.dictionary.to_pylist())}
        self._values = pairs.field("value")
        self._no_texts = pa.nulls(self._count, pa.string())

    def __len__(self) -> int:
        return self._count

    def texts(self, *names: str) -> pa.StringArray:
        """Returns of each record the first value among names, as text.

        What means the same is the same text: an id is a number to one client and text to the next. Of a list it is the
        only value; more than one, and maps, are no text.

        Args:
            names: which, the preferred first.
        """
        found = (self._places(name) for name in names)
        told = [self._texts(places) for places in found if places is not None]
        if len(told) > 1:
            return pc.coalesce(*told)
        return told[0] if told else self._no_texts

    def words(self, *names: str) -> pa.StringArray:
        """Returns of each record the first value among names that was sent as text, as `texts` does: a number or a
        boolean names nothing, and hides no name that another convention gives."""
        told = [self._words(places) for name in names if (places := self._places(name)) is not None]
        return pc.coalesce(*told) if told else self._no_texts

    def integers(self, name: str) -> pa.Int64Array:
        """Returns the value of each record that has a whole number of that name."""
        return self._taken("int_value", name, pa.int64())

    def flags(self, name: str) -> pa.BooleanArray:
        """Returns the value of each record that has a boolean of that name."""
        return self._taken("bool_value", name, pa.bool_())

    def lists(self, name: str) -> pa.ListArray:
        """Returns the texts within the list of that name; what else is in it is left out."""
        kind = pa.list_(pa.string())
        places = self._places(name)
        if places is None:
            return pa.nulls(self._count, kind)
        lists = pc.struct_field(self._values, ["array_value", "values"]).take(places)
        texts = lists.flatten().field("string_value")
        if not texts.null_count:
            return pa.ListArray.from_arrays(lists.offsets, texts, mask=lists.is_null() if lists.null_count else None)
        return pa.array([_texts_within(one) for one in lists.to_pylist()], kind)

    def _taken(self, field: str, name: str, kind: pa.DataType) -> Any:
        places = self._places(name)
        return pa.nulls(self._count, kind) if places is None else self._values.field(field).take(places)

    def _places(self, name: str) -> pa.Int64Array | None:
        """Returns where each record's first value of that name lies, None where no record has one."""
        code = self._code_of.get(name)
        if code is None:
            return None
        found = np.flatnonzero(self._codes == code)
        rows = self._rows[found]
        is_first = np.append([True], rows[1:] != rows[:-1])
        places: npt.NDArray[np.int64] = np.full(self._count, -1)
        places[rows[is_first]] = found[is_first]
        return pa.array(places, mask=places < 0)

    def _words(self, places: pa.Int64Array) -> pa.StringArray:
        texts = self._texts(places)
        if self._values.field("string_value").take(places).null_count == places.null_count:
            return texts
        fields = ("int_value", "bool_value", "double_value")
        scalars = [self._values.field(field).take(places).is_valid() for field in fields]
        is_number = pc.or_(pc.or_(scalars[0], scalars[1]), scalars[2])
        return pc.if_else(is_number, pa.scalar(None, pa.string()), texts)

    def _texts(self, places: pa.Int64Array) -> pa.StringArray:
        texts = self._values.field("string_value").take(places)
        if texts.null_count == places.null_count:
            return texts
        plain = (self._values.field(field).take(places).cast(pa.string()) for field in ("int_value", "bool_value"))
        texts = pc.coalesce(texts, *plain)
        rest = pc.and_(texts.is_null(), places.is_valid())
        if not rest.true_count:
            return texts
        told = [_text_of(self._values[place].as_py()) for place in places.filter(rest).to_pylist()]
        return pc.replace_with_mask(texts, rest, pa.array(told, pa.string()))


def _text_of(value: dict[str, Any] | None) -> str | None:
    if value is None:
        return None
    items: list[Any] = (value.get("array_value") or {}).get("values") or []
    if len(items) == 1:
        return _text_of(items[0])
    if value["string_value"] is not None:
        return str(value["string_value"])
    if value["bool_value"] is not None:
        return "true" if value["bool_value"] else "false"
    if value["int_value"] is not None:
        return str(value["int_value"])
    if value["double_value"] is not None:
        return _number(value["double_value"])
    return None if value["bytes_value"] is None else _decoded(value["bytes_value"])


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _LARGE else str(value)


def _decoded(value: bytes) -> str:
    """Returns bytes as the text that they are; 16 of them that are none as the UUID that one client sends as bytes, and
    the next as text."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = None
    if len(value) == _UUID and (text is None or _CONTROLS.search(text)):
        return str(UUID(bytes=value))
    return base64.b64encode(value).decode() if text is None else text


def _texts_within(items: list[dict[str, Any] | None] | None) -> list[str] | None:
    if items is None:
        return None
    return [item["string_value"] for item in items if item is not None and item["string_value"] is not None]
