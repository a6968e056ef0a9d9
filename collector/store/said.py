"""What attributes of spans say, as columns beside them: what every vocabulary has a name for, and what ours adds."""

from typing import Final

import pyarrow as pa

from collector.store import names, roles
from collector.store.attributes import Attributes
from collector.store.names import Said

#: Attributes of ours that hold a text, or an id as text.
_TEXTS: Final = (
    "causeline.breaker.name",
    "causeline.causation.id",
    "causeline.correlation.id",
    "causeline.dead_letter.id",
    "causeline.dead_letter.reason",
    "causeline.event.payload",
    "causeline.input",
    "causeline.node.id",
    "causeline.node.kind",
    "causeline.operator",
    "causeline.outcome",
    "causeline.result",
    "causeline.run.id",
    "causeline.run.version",
)

_INTEGERS: Final = (
    "causeline.attempt",
    "causeline.context.size",
    "causeline.dead_letter.attempts",
    "causeline.round",
    "causeline.step.depth",
)

_LISTS: Final = ("causeline.causes", "causeline.keys.read", "causeline.keys.written", "causeline.run.input_keys")

_FLAGS: Final = ("causeline.pending",)

#: All that we add to the vocabularies of others.
OURS: Final = _TEXTS + _INTEGERS + _LISTS + _FLAGS


def columns(spans: pa.Table) -> pa.Table:
    """Returns a batch of spans with a column of each attribute of ours, under its name, and `said_*` of `names.Said`.

    Args:
        spans: with their `attributes`; those come back in one piece.
    """
    place = spans.schema.get_field_index("attributes")
    lists = spans.column(place).combine_chunks()
    table = spans.set_column(place, "attributes", lists)
    attributes = Attributes(lists)
    said = {f"said_{said}": attributes.texts(*names.of(said)) for said in Said if said not in names.WHEN_ASKED}
    texts = {name: attributes.texts(name) for name in _TEXTS}
    integers = {name: attributes.integers(name) for name in _INTEGERS}
    lists_of_texts = {name: attributes.lists(name) for name in _LISTS}
    flags = {name: attributes.flags(name) for name in _FLAGS}
    role = roles.column(said["said_operation"], model=said["said_input_tokens"], tool=said["said_tool"])
    for name, column in {"role": role, **said, **texts, **integers, **lists_of_texts, **flags}.items():
        table = table.append_column(name, column)
    return table
