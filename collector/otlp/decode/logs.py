"""Log records as an Arrow table. Pure, and vectorised."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.otlp.decode import nested
from collector.otlp.decode.checks import filter_invalid, latest_ns
from collector.otlp.decode.envelope import Envelope
from collector.otlp.decode.ids import to_numbers, to_uuids
from collector.otlp.signals import LOGS
from collector.store.batch import Batch

BAD_TIME: Final = "time or observed time of a log record is beyond the year 2262"


def decode(body: bytes) -> Batch:
    """Decodes an `ExportLogsServiceRequest`.

    Args:
        body: the message, decompressed.

    Returns:
        Its log records; one whose trace or span id is none belongs to no span, and those of impossible times are left
        out and counted in `rejected`.

    Raises:
        UndecodableError: when the bytes are no such message.
    """
    envelope = Envelope.open(LOGS, body)
    in_time = pc.and_(
        pc.less_equal(envelope.records.field("time_unix_nano"), latest_ns()),
        pc.less_equal(envelope.records.field("observed_time_unix_nano"), latest_ns()),
    )
    envelope, rejected = filter_invalid(envelope, (BAD_TIME, in_time))
    origins = envelope.origins()
    tables = {"logs": origins.add_origin_columns(_logs(envelope.records)), **origins.tables}
    return nested.mend_batch(Batch(tables, rejected, envelope.mended))


def _logs(records: pa.StructArray) -> pa.Table:
    return pa.table(
        {
            "trace_id": to_uuids(records.field("trace_id")),
            "span_id": to_numbers(records.field("span_id")),
            "time_ns": records.field("time_unix_nano").cast(pa.int64()),
            "observed_ns": records.field("observed_time_unix_nano").cast(pa.int64()),
            "severity_number": records.field("severity_number"),
            "severity_text": records.field("severity_text"),
            "event_name": records.field("event_name"),
            "body": records.field("body"),
            "attributes": records.field("attributes"),
            "dropped_attributes_count": records.field("dropped_attributes_count"),
            "flags": records.field("flags"),
        }
    )
