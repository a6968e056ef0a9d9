"""A decoded request as Arrow tables, and the merging of several into one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

#: Tables of what was sent; the others say where it comes from, and what hangs on spans.
_RECORDS: Final = ("spans", "logs", "points")

#: Tables that name a span by its `row` within the batch.
_NUMBERED: Final = ("spans", "events", "links")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one or more requests hold."""

    tables: Mapping[str, pa.Table]
    """By name: `spans`, `events`, `links`, `logs`, `points`, `resources`, `scopes`; those that it has. `row` numbers
    spans within the batch; events and links name their span by it."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Spans, log records and data points that were refused, counted by reason."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Values that were left out or mended, counted by reason; what held them was taken."""

    @property
    def size(self) -> int:
        """Number of spans, log records and data points."""
        return sum(self.tables[name].num_rows for name in _RECORDS if name in self.tables)

    @property
    def service(self) -> str:
        """The service that the first of them comes from; empty where there is none."""
        for name in _RECORDS:
            table = self.tables.get(name)
            if table is not None and table.num_rows and "service" in table.column_names:
                return str(table.column("service")[0].as_py())
        return ""

    @property
    def weight(self) -> int:
        """Bytes that they take in memory, with all that hangs on them."""
        return sum(table.nbytes for name, table in self.tables.items() if name not in ("resources", "scopes"))

    @property
    def rejected_count(self) -> int:
        """Number of spans, log records and data points that were refused."""
        return sum(self.rejected.values())


def merge_batches(batches: Sequence[Batch]) -> Batch:
    """Returns one batch that holds what all hold; spans keep their order.

    Args:
        batches: at least one.
    """
    if len(batches) == 1:
        return batches[0]
    parts: dict[str, list[pa.Table]] = {}
    offset = 0
    for batch in batches:
        for name, table in batch.tables.items():
            parts.setdefault(name, []).append(_shift_rows(table, offset) if name in _NUMBERED else table)
        offset += batch.tables["spans"].num_rows if "spans" in batch.tables else 0
    return Batch(
        {name: pa.concat_tables(tables, promote_options="default") for name, tables in parts.items()},
        _sum_counts(batch.rejected for batch in batches),
        _sum_counts(batch.mended for batch in batches),
    )


def _shift_rows(table: pa.Table, offset: int) -> pa.Table:
    column = table.schema.get_field_index("row")
    return table.set_column(column, "row", pc.add(table.column(column), pa.scalar(offset, pa.int64())))


def _sum_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)
