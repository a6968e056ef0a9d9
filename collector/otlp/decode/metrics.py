"""Data points of metrics as an Arrow table: one row a point of a gauge, sum or histogram. Pure, and vectorised."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.otlp.decode import nested
from collector.otlp.decode.checks import latest_ns
from collector.otlp.decode.envelope import Envelope
from collector.otlp.signals import METRICS
from collector.store.batch import Batch

BAD_TIME: Final = "time of a data point is beyond the year 2262"

#: Kinds of metrics that are taken, so that no sender logs an error, and counted, but not kept.
NOT_KEPT: Final = {
    "exponential_histogram": "points of exponential histograms are not kept",
    "summary": "points of summaries are not kept",
}
_KINDS: Final = ("gauge", "sum", "histogram")


def decode(body: bytes) -> Batch:
    """Decodes an `ExportMetricsServiceRequest`.

    Args:
        body: the message, decompressed.

    Returns:
        Its data points. Those of impossible times are left out and counted in `rejected`; those of kinds that are not
        kept are counted in `mended`, because their sender did nothing wrong.

    Raises:
        UndecodableError: when the bytes are no such message.
    """
    envelope = Envelope.open(METRICS, body)
    origins = envelope.origins()
    metrics = origins.add_origin_columns(_metrics(envelope.records))
    points = pa.concat_tables([_points(envelope.records, metrics, kind) for kind in _KINDS], promote_options="default")
    late = pc.greater(points.column("time_ns"), latest_ns())
    rejected = pc.sum(late).as_py() or 0
    points = points.filter(pc.invert(late)) if rejected else points
    counted = dict(envelope.mended) | _count_not_kept(envelope.records)
    points = points.set_column(
        points.schema.get_field_index("time_ns"), "time_ns", _to_signed_times(points.column("time_ns"))
    )
    refused = {BAD_TIME: rejected} if rejected else {}
    return nested.mend_batch(Batch({"points": points, **origins.tables}, refused, counted))


def _metrics(records: pa.StructArray) -> pa.Table:
    return pa.table({name: records.field(name) for name in ("name", "unit", "description")})


def _points(records: pa.StructArray, metrics: pa.Table, kind: str) -> pa.Table:
    """Returns the points of one kind, each with what is said of its metric."""
    data = records.field(kind)
    lists = pc.struct_field(data, "data_points")
    owners, points = pc.list_parent_indices(lists), lists.flatten()
    table = metrics.take(owners)
    columns = {
        "kind": pa.repeat(kind, len(points)),
        "start_ns": _to_signed_times(points.field("start_time_unix_nano")),
        "time_ns": points.field("time_unix_nano"),
        "attributes": points.field("attributes"),
        "flags": points.field("flags"),
        **(_histogram_columns(points) if kind == "histogram" else _number_columns(points)),
    }
    if kind != "gauge":
        columns["temporality"] = pc.struct_field(data, "aggregation_temporality").take(owners)
    if kind == "sum":
        columns["is_monotonic"] = pc.struct_field(data, "is_monotonic").take(owners)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _number_columns(points: pa.StructArray) -> dict[str, pa.Array]:
    value = pc.coalesce(points.field("as_double"), points.field("as_int").cast(pa.float64(), safe=False))
    return {"value": value, "int_value": points.field("as_int")}


def _histogram_columns(points: pa.StructArray) -> dict[str, pa.Array]:
    same = {name: points.field(name) for name in ("count", "sum", "min", "max", "bucket_counts")}
    return {**same, "bounds": points.field("explicit_bounds")}


def _to_signed_times(times: pa.Array) -> pa.Array:
    """Returns times as the store has them; impossible ones become null."""
    return pc.if_else(pc.less_equal(times, latest_ns()), times, pa.scalar(0, pa.uint64())).cast(pa.int64())


def _count_not_kept(records: pa.StructArray) -> dict[str, int]:
    counts = {
        reason: len(pc.struct_field(records.field(kind), "data_points").flatten()) for kind, reason in NOT_KEPT.items()
    }
    return {reason: count for reason, count in counts.items() if count}
