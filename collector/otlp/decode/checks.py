"""What the protocol calls invalid: refused one by one, never with what stands beside it."""

from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.otlp.decode.envelope import Envelope

BAD_TRACE_ID: Final = "trace_id is not 16 bytes, or all zero"
BAD_SPAN_ID: Final = "span_id is not 8 bytes, or all zero"


@cache
def latest_ns() -> pa.UInt64Scalar:
    """Returns the last time that fits into the store.

    No constant: with its first value PyArrow imports pandas, where that is installed, which is a fifth of the time that
    a collector takes to start.
    """
    return pa.scalar(2**63 - 1, pa.uint64())


def filter_invalid(envelope: Envelope, *checks: tuple[str, pa.BooleanArray]) -> tuple[Envelope, dict[str, int]]:
    """Leaves out the records that fail a check.

    Args:
        envelope: the request.
        checks: each a reason, and which records pass.

    Returns:
        The rest, and how many were refused for which reason; each is counted once.
    """
    keep, rejected, kept = None, {}, len(envelope.records)
    for reason, passed in checks:
        keep = passed if keep is None else pc.and_(keep, passed)
        remaining = pc.sum(keep).as_py() or 0
        if remaining < kept:
            rejected[reason] = kept - remaining
            kept = remaining
    return (envelope.filter_records(keep) if rejected else envelope), rejected
