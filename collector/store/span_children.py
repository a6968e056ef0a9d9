"""What hangs on spans, events and links, as rows of the store. Vectorised."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from collector.store import uuids


def attach_to_spans(children: pa.Table, spans: pa.Table) -> pa.Table:
    """Returns those events or links whose span is among some, with its ids in place of its `row`.

    Args:
        children: each with the `row` of its span.
        spans: rows in their order, with `row`, `trace_id` and `span_id`.
    """
    children = children.combine_chunks()  # the database takes each piece of a batch by itself
    places = pc.index_in(children.column("row"), spans.column("row").combine_chunks())
    rest = children.drop_columns(["row"])
    if places.null_count:  # lists that are filtered are copied item by item
        is_there = pc.is_valid(places)
        places, rest = places.filter(is_there), rest.filter(is_there)
    owners = spans.select(["trace_id", "span_id"]).take(places)
    columns: dict[str, Any] = {name: owners.column(name) for name in owners.column_names}
    return pa.table(columns | {name: rest.column(name) for name in rest.column_names})


def attach_links(links: pa.Table, spans: pa.Table) -> pa.Table:
    """As `attach_to_spans`, of links: a trace id that is none becomes null."""
    found = attach_to_spans(links, spans)
    place = found.schema.get_field_index("linked_trace_id")
    ids = found.column(place).combine_chunks().storage
    none = pc.equal(ids, pa.scalar(bytes(16), uuids.KIND))
    if not none.true_count:
        return found
    there = pc.if_else(none, pa.scalar(None, uuids.KIND), ids)
    return found.set_column(place, "linked_trace_id", uuids.to_uuid_type(there))
