"""What attributes of spans say, as columns beside them: what every vocabulary has a name for, and what ours adds."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store import endings, implied, names, packed_figures, roles
from collector.store.attributes import Attributes
from collector.store.names import AttributeMeaning

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
    "causeline.step.place",
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

#: Where Langfuse says what a span is: its agents say their name in that of the span alone.
_OBSERVATION: Final = "langfuse.observation.type"

#: How many messages a span is about, where it is about several.
BATCH: Final = "messaging.batch.message_count"

#: What carries messages.
SYSTEM: Final = "messaging.system"
_OF_MESSAGES: Final = (BATCH, SYSTEM)

#: Where a message of Kafka lies in its topic, by today's names and older ones: most of its clients give no ids.
_PARTITION: Final = (
    "messaging.destination.partition.id",
    "messaging.kafka.destination.partition",
    "messaging.kafka.partition",
)
_OFFSET: Final = ("messaging.kafka.offset", "messaging.kafka.message.offset")

#: All that we add to the vocabularies of others.
OURS: Final = _TEXTS + _INTEGERS + _LISTS + _FLAGS

Columns = dict[str, Any]
"""Arrow arrays by name, one value a span."""


def read_columns(spans: pa.Table, events: pa.Table | None = None) -> Columns:
    """Returns what the attributes of spans say: each of ours under its name, and `said_*` of `AttributeMeaning`.

    Args:
        spans: with their `attributes` in one piece.
        events: of the same batch.
    """
    attributes = Attributes(spans.column("attributes").chunk(0))
    said: Columns = {
        f"said_{said}": _first_known_texts(attributes, said)
        for said in AttributeMeaning
        if said not in names.WHEN_ASKED
    }
    packed_figures.add_figures(said, attributes, spans)
    is_agent = pc.fill_null(pc.equal(attributes.texts(_OBSERVATION), "agent"), fill_value=False)
    if is_agent.true_count:
        own = pc.if_else(is_agent, spans.column("name").combine_chunks(), pa.scalar(None, pa.string()))
        said["said_agent"] = pc.coalesce(said["said_agent"], own)
    said["said_operation"] = roles.resolve_operations(said["said_operation"], attributes.texts(roles.LANGSMITH))
    said |= {name: attributes.texts(name) for name in _OF_MESSAGES}
    said["position"] = _message_positions(attributes)
    said["role"] = roles.compute_roles(said["said_operation"], implied.find_implied_roles(spans, attributes, said))
    said["ended"] = endings.compute_outcomes(attributes, spans, events)
    said |= {name: attributes.texts(name) for name in _TEXTS}
    said |= {name: attributes.integers(name) for name in _INTEGERS}
    said |= {name: attributes.lists(name) for name in _LISTS}
    return said | {name: attributes.flags(name) for name in _FLAGS}


def _message_positions(attributes: Attributes) -> pa.StringArray:
    """Returns `partition:offset` of each message that has both."""
    return pc.binary_join_element_wise(attributes.texts(*_PARTITION), attributes.texts(*_OFFSET), ":")


def _first_known_texts(attributes: Attributes, said: AttributeMeaning) -> pa.StringArray:
    """Returns what the first name says that says something; an instrumentation that does not know may say so."""
    if said is AttributeMeaning.OPERATION:
        return attributes.strings(*names.attribute_names(said))
    first = attributes.texts(*names.attribute_names(said))
    if said not in names.MAY_BE_UNKNOWN or not pc.any(pc.equal(first, names.UNKNOWN)).as_py():
        return first
    told = [attributes.texts(name) for name in names.attribute_names(said)]
    return pc.coalesce(
        *(pc.if_else(pc.equal(texts, names.UNKNOWN), pa.scalar(None, pa.string()), texts) for texts in told)
    )
