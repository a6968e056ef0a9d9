"""What attributes of spans say, as columns beside them: what every vocabulary has a name for, and what ours adds."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store import endings, implied, names, roles
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


def columns(spans: pa.Table, events: pa.Table | None = None) -> pa.Table:
    """Returns a batch of spans with a column of each attribute of ours, under its name, and `said_*` of `names.Said`.

    Args:
        spans: with their `attributes`; those come back in one piece.
        events: of the same batch.
    """
    place = spans.schema.get_field_index("attributes")
    lists = spans.column(place).combine_chunks()
    table = spans.set_column(place, "attributes", lists)
    attributes = Attributes(lists)
    said = {f"said_{said}": _texts(attributes, said) for said in Said if said not in names.WHEN_ASKED}
    texts = {name: attributes.texts(name) for name in _TEXTS}
    integers = {name: attributes.integers(name) for name in _INTEGERS}
    lists_of_texts = {name: attributes.lists(name) for name in _LISTS}
    flags = {name: attributes.flags(name) for name in _FLAGS}
    role = roles.column(said["said_operation"], implied.of(table, attributes, said))
    failed = pc.equal(table.column("status_code").combine_chunks(), endings.ERROR)
    ended = endings.column(attributes, events, failed)
    for name, column in {"role": role, "ended": ended, **said, **texts, **integers, **lists_of_texts, **flags}.items():
        table = table.append_column(name, column)
    return table


def _texts(attributes: Attributes, said: Said) -> pa.StringArray:
    """Returns what the first name says that says something; an instrumentation that does not know may say so."""
    first = attributes.texts(*names.of(said))
    if said not in names.MAY_BE_UNKNOWN or not pc.any(pc.equal(first, names.UNKNOWN)).as_py():
        return first
    told = [attributes.texts(name) for name in names.of(said)]
    return pc.coalesce(
        *(pc.if_else(pc.equal(texts, names.UNKNOWN), pa.scalar(None, pa.string()), texts) for texts in told)
    )
