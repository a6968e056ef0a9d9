"""Times before the year 2000: no clock says them, and who sends them means another unit, or no time at all.

They are kept as they were sent, counted and named, and such records are kept by when they came: they would be removed
at once otherwise, as older than anything. In SQL `is_early` and `dated` say the same.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store.batch import Batch

#: The first time that is one, in nanoseconds since 1970; also in `macros.sql`.
EARLIEST_NS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 10**9

#: Services that are named in one request at most, and the characters of a name.
_SERVICES: Final = 10
_NAME: Final = 100

_NAMELESS: Final = "a service without a name"
_OTHERS: Final = "other services"
_ABOUT: Final = " have times before 2000: "
_WHOSE: Final = (("spans", "spans"), ("logs", "log records"), ("points", "data points"))

#: What a number may be that is too small to be nanoseconds since 2000: from which value on.
_UNITS: Final = (
    (EARLIEST_NS // 10**3, "are they microseconds?"),
    (EARLIEST_NS // 10**6, "are they milliseconds?"),
    (EARLIEST_NS // 10**9, "are they seconds?"),
    (1, "OTLP has nanoseconds since 1970"),
    (0, "they are 0"),
)


def add_early_counts(batch: Batch) -> Batch:
    """Returns a batch that counts in `mended` those of its records whose time is impossible, by service."""
    counts: Counter[str] = Counter()
    for name, records in _WHOSE:
        if name in batch.tables and batch.tables[name].num_rows:
            counts.update(_count_by_service(batch.tables[name], records))
    return replace(batch, mended={**batch.mended, **counts}) if counts else batch


def is_about_early_times(reason: str) -> bool:
    """Returns whether a reason counts records by their impossible times, and not values."""
    return _ABOUT in reason


def service_of(reason: str) -> str:
    """Returns the service that such a reason names; empty for one without a name, and for several."""
    name = reason.partition(_ABOUT)[0].partition(" of ")[2]
    return "" if name in (_NAMELESS, _OTHERS) else name


def _count_by_service(table: pa.Table, records: str) -> Counter[str]:
    times = _record_times(table)
    early = pc.less(times, EARLIEST_NS)
    counts: Counter[str] = Counter()
    if not pc.any(early).as_py():
        return counts
    named: set[str] = set()
    for service, time in zip(
        table.column("service").filter(early).to_pylist(), times.filter(early).to_pylist(), strict=True
    ):
        if len(named) < _SERVICES:
            named.add(service)
        whose = (service or _NAMELESS)[:_NAME] if service in named else _OTHERS
        hint = next(hint for least, hint in _UNITS if time >= least)
        counts[f"{records} of {whose}{_ABOUT}{hint}"] += 1
    return counts


def _record_times(table: pa.Table) -> pa.ChunkedArray:
    """Returns the time of each record; of a span the earlier of its two, where it has an end."""
    if "start_ns" in table.column_names and "end_ns" in table.column_names:
        ends = table.column("end_ns")
        return pc.min_element_wise(table.column("start_ns"), pc.if_else(pc.equal(ends, 0), None, ends))
    if "observed_ns" not in table.column_names:
        return table.column("time_ns")
    said = table.column("time_ns")
    return pc.if_else(pc.equal(said, 0), table.column("observed_ns"), said)
