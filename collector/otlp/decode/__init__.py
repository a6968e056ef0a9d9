"""Requests to Arrow tables, for each signal."""

from collections.abc import Callable, Mapping
from typing import Final

from collector.otlp.decode import logs, metrics, spans
from collector.otlp.signals import LOGS, METRICS, TRACES, Signal
from collector.store.batch import Batch

#: How the requests of each signal are decoded.
DECODERS: Final[Mapping[Signal, Callable[[bytes], Batch]]] = {
    TRACES: spans.decode,
    LOGS: logs.decode,
    METRICS: metrics.decode,
}
