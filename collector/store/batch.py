"""A decoded request as Arrow tables, and the merging of several into one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Batch:
    """Spans of one or more requests. `row` numbers spans within the batch; events and links name their span by it."""

    spans: pa.Table
    events: pa.Table
    links: pa.Table
    resources: pa.Table
    scopes: pa.Table
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Spans that were refused, counted by reason."""

    @property
    def size(self) -> int:
        """Number of spans."""
        return int(self.spans.num_rows)

    @property
    def weight(self) -> int:
        """Bytes that its spans take in memory, with all that hangs on them."""
        return int(self.spans.nbytes + self.events.nbytes + self.links.nbytes)

    @property
    def rejected_count(self) -> int:
        """Number of spans that were refused."""
        return sum(self.rejected.values())


def merge(batches: Sequence[Batch]) -> Batch:
    """Returns one batch that holds the spans of all; spans keep their order.

    Args:
        batches: at least one.
    """
    if len(batches) == 1:
        return batches[0]
    offsets = [0]
    for batch in batches:
        offsets.append(offsets[-1] + batch.size)
    rejected: dict[str, int] = {}
    for batch in batches:
        for reason, count in batch.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + count
    return Batch(
        spans=pa.concat_tables(_shifted(b.spans, o) for b, o in zip(batches, offsets, strict=False)),
        events=pa.concat_tables(_shifted(b.events, o) for b, o in zip(batches, offsets, strict=False)),
        links=pa.concat_tables(_shifted(b.links, o) for b, o in zip(batches, offsets, strict=False)),
        resources=pa.concat_tables(b.resources for b in batches),
        scopes=pa.concat_tables(b.scopes for b in batches),
        rejected=rejected,
    )


def _shifted(table: pa.Table, offset: int) -> pa.Table:
    column = table.schema.get_field_index("row")
    return table.set_column(column, "row", pc.add(table.column(column), pa.scalar(offset, pa.int64())))
