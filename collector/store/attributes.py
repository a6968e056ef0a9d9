"""Attributes of many records by name, each name as a column. Vectorised: no Python runs for each record.

The database can look names up in a list as well (`list_position`), which took half of all that writing a span costs:
it walks each record's list once for each name that might be there, and most are not.
"""

import base64
import json
import re
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from collector.store import attribute_encoding

#: How many kinds there are.
_KINDS: Final = 8

#: Kinds that are numbers, or a yes or no.
_NUMBERS: Final = (attribute_encoding.BOOL, attribute_encoding.INT, attribute_encoding.DOUBLE)

#: From here on a number is written with an exponent: no integer of OTLP is as large.
_LARGE: Final = 2.0**63

#: What no text that is an id holds.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")

#: Bytes of a UUID.
_UUID: Final = 16


class Attributes:
    """Attributes by name.

    Args:
        lists: of each record its attributes, as they are stored.
    """

    def __init__(self, lists: pa.ListArray) -> None:
        pairs = lists.flatten()
        names = pairs.field("key").dictionary_encode()
        self._count = len(lists)
        self._rows = pc.list_parent_indices(lists).to_numpy()
        self._codes = names.indices.fill_null(-1).to_numpy()
        self._code_of = {name: code for code, name in enumerate(names.dictionary.to_pylist())}
        self._values = pairs.field("text")
        self._kinds = pairs.field("kind")
        # Which kinds of values each name has: most have one, whose values need not be told apart.
        each = (self._codes.astype(np.int64) + 1) * _KINDS + self._kinds.to_numpy()
        size = (len(self._code_of) + 1) * _KINDS
        self._has = (np.bincount(each, minlength=size) > 0).reshape(-1, _KINDS)
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
        told = [self._texts(name) for name in names if name in self._code_of]
        if len(told) > 1:
            return pc.coalesce(*told)
        return told[0] if told else self._no_texts

    def strings(self, *names: str) -> pa.StringArray:
        """Returns of each record the first value among names that was sent as text, as `texts` does: a number or a
        boolean names nothing, and hides no name that another convention gives."""
        told = [self._strings(name) for name in names if name in self._code_of]
        return pc.coalesce(*told) if told else self._no_texts

    def integers(self, name: str) -> pa.Int64Array:
        """Returns the value of each record that has a whole number of that name."""
        return self._of_kind(name, attribute_encoding.INT).cast(pa.int64())

    def flags(self, name: str) -> pa.BooleanArray:
        """Returns the value of each record that has a boolean of that name."""
        return pc.equal(self._of_kind(name, attribute_encoding.BOOL), "true")

    def lists(self, name: str) -> pa.ListArray:
        """Returns the texts within the list of that name; what else is in it is left out."""
        return _texts_within(self._of_kind(name, attribute_encoding.LIST))

    def _of_kind(self, name: str, kind: int) -> pa.StringArray:
        if name not in self._code_of or not self._kinds_of(name)[kind]:
            return self._no_texts
        places = self._places(name)
        texts = self._values.take(places)
        if self._kinds_of(name).sum() == 1:
            return texts
        return pc.if_else(pc.equal(self._kinds.take(places), kind), texts, pa.scalar(None, pa.string()))

    def _kinds_of(self, name: str) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._has[self._code_of[name] + 1]
        return found

    def _places(self, name: str) -> pa.Int64Array:
        """Returns where each record's first value of that name lies, which some record has."""
        found = np.flatnonzero(self._codes == self._code_of[name])
        rows = self._rows[found]
        is_first = np.append([True], rows[1:] != rows[:-1])
        places: npt.NDArray[np.int64] = np.full(self._count, -1)
        places[rows[is_first]] = found[is_first]
        return pa.array(places, mask=places < 0)

    def _strings(self, name: str) -> pa.StringArray:
        texts = self._texts(name)
        if not self._kinds_of(name)[list(_NUMBERS)].any():
            return texts
        is_number = pc.is_in(self._kinds.take(self._places(name)), pa.array(_NUMBERS, pa.uint8()))
        return pc.if_else(is_number, pa.scalar(None, pa.string()), texts)

    def _texts(self, name: str) -> pa.StringArray:
        places = self._places(name)
        texts = self._values.take(places)
        if not self._kinds_of(name)[attribute_encoding.DOUBLE :].any():
            return texts
        kinds = self._kinds.take(places)
        rest = pc.greater(kinds, attribute_encoding.INT).fill_null(False)
        if not rest.true_count:
            return texts
        found = zip(kinds.filter(rest).to_pylist(), texts.filter(rest).to_pylist(), strict=True)
        return pc.replace_with_mask(texts, rest, pa.array([_text_of(*one) for one in found], pa.string()))


def _text_of(kind: int, text: str) -> str | None:
    if kind == attribute_encoding.DOUBLE:
        return _format_number(float(text))
    if kind == attribute_encoding.BYTES:
        return _decode_bytes(base64.b64decode(text))
    if kind != attribute_encoding.LIST:
        return None
    items = json.loads(text)
    return _text_of_item(items[0]) if len(items) == 1 else None


def _text_of_item(item: Any) -> str | None:
    match item:
        case bool():
            return "true" if item else "false"
        case float():
            return _format_number(item)
        case dict():
            ((kind, text),) = item.items()
            return _text_of(attribute_encoding.BYTES, text) if int(kind) == attribute_encoding.BYTES else None
    return None if item is None else str(item)


def _format_number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _LARGE else str(value)


def _decode_bytes(value: bytes) -> str:
    """Returns bytes as the text that they are; 16 of them that are none as the UUID that one client sends as bytes, and
    the next as text."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = None
    if len(value) == _UUID and (text is None or _CONTROLS.search(text)):
        return str(UUID(bytes=value))
    return base64.b64encode(value).decode() if text is None else text


def _texts_within(lists: pa.StringArray) -> pa.ListArray:
    """Returns the texts within lists that are written as JSON."""
    kind = pa.list_(pa.string())
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), kind)
    known = lists.dictionary_encode()
    found = [[item for item in json.loads(text) if isinstance(item, str)] for text in known.dictionary.to_pylist()]
    return pa.array(found, kind).take(known.indices)
