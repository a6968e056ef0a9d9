"""Which items of Arrow's lists are secrets because another item of the same list names them. Pure."""

from bisect import bisect_right
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from runtime.redaction.command_lines import find_secret_items
from runtime.redaction.redactor import NAMES, VALUES, Redactor


def find_secret_arguments(lists: pa.ListArray, redactor: Redactor) -> set[int]:
    """Returns places, among the items of all lists, of texts that follow the name of a secret.

    Args:
        lists: of values of attributes, no slice of others.
        redactor: knows what names a secret.
    """
    if "string_value" not in [field.name for field in lists.type.value_type]:
        return set()
    texts = lists.values.field("string_value")
    if len(texts) == texts.null_count:
        return set()
    said = texts.to_pylist()
    bounds = [(begin, end) for begin, end in pairwise(lists.offsets.to_pylist()) if end - begin > 1]
    return {begin + place for begin, end in bounds for place in find_secret_items(said[begin:end], redactor.is_secret)}


def find_secret_values(lists: pa.ListArray, redactor: Redactor) -> set[int]:
    """Returns places, among all attributes, of values whose name is the value of an attribute beside them.

    Args:
        lists: of attributes, no slice of others.
        redactor: knows what names a secret.
    """
    keys = lists.values.field("key")
    known = set(keys.unique().to_pylist())
    if NAMES.isdisjoint(known) or VALUES.isdisjoint(known):
        return set()
    texts = lists.values.field("value").field("string_value")
    offsets = lists.offsets.to_pylist()
    naming = [place for place in _find_places(keys, NAMES) if redactor.is_secret(texts[place].as_py() or "")]
    owners = {bisect_right(offsets, place) for place in naming}
    return {place for place in _find_places(keys, VALUES) if bisect_right(offsets, place) in owners}


def _find_places(keys: Any, wanted: frozenset[str]) -> list[int]:
    found = pc.is_in(keys, pa.array(sorted(wanted), keys.type))
    places: list[int] = pc.indices_nonzero(found).to_pylist()
    return places
