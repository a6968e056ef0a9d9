"""Calls of models, by metrics: tokens and times of each model and service."""

import time
from typing import Any, Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from collector.client import CollectorClient
from collector.models import ModelFigures
from tests.collector.live import LiveCollector

SECOND: Final = 10**9
DELTA, CUMULATIVE = 1, 2
TOKENS: Final = "gen_ai.client.token.usage"
DURATION: Final = "gen_ai.client.operation.duration"


class Metrics:
    """Collects histograms of one service."""

    def __init__(self, service: str = "writer") -> None:
        self.request = ExportMetricsServiceRequest()
        resource = self.request.resource_metrics.add()
        resource.resource.attributes.add(key="service.name").value.string_value = service
        self._scope = resource.scope_metrics.add()

    def tokens(self, ago: float, total: float, kind: str, temporality: int = CUMULATIVE) -> None:
        """Tokens of one kind, counted so many seconds ago."""
        point = self._point(TOKENS, ago, temporality, "{token}", {"gen_ai.token.type": kind})
        point.count, point.sum = 1, total
        point.bucket_counts.append(1)

    def times(self, name: str, ago: float, counts: list[int], bounds: list[float], unit: str = "s") -> None:
        """Durations of calls."""
        point = self._point(name, ago, CUMULATIVE, unit, {})
        point.count = sum(counts)
        point.bucket_counts.extend(counts)
        point.explicit_bounds.extend(bounds)

    def _point(self, name: str, ago: float, temporality: int, unit: str, more: dict[str, str]) -> Any:
        metric = self._scope.metrics.add(name=name, unit=unit)
        metric.histogram.aggregation_temporality = temporality
        point = metric.histogram.data_points.add(start_time_unix_nano=1_700_000_000 * SECOND)
        point.time_unix_nano = time.time_ns() - int(ago * SECOND)
        for key, value in {"gen_ai.request.model": "gpt-5", **more}.items():
            point.attributes.add(key=key).value.string_value = value
        return point


def told(collector: LiveCollector, client: CollectorClient, *all_metrics: Metrics) -> list[ModelFigures]:
    """What the API says of the last hour."""
    for metrics in all_metrics:
        collector.post(metrics.request.SerializeToString(), signal="metrics").raise_for_status()
    return client.steps().models


def test_what_was_counted_before_the_window_is_taken_off(collector: LiveCollector, client: CollectorClient) -> None:
    """Sums since a process began; of several points within the window the last counts."""
    metrics = Metrics()
    for ago, total in ((7200, 100.0), (1800, 130.0), (5, 150.0)):
        metrics.tokens(ago, total, "input")
        metrics.tokens(ago, total / 10, "output")
    metrics.times(DURATION, 7200, [100, 0, 0], [1, 3])
    metrics.times(DURATION, 5, [100, 10, 0], [1, 3])
    (model,) = told(collector, client, metrics)
    assert (model.service, model.model, model.side) == ("writer", "gpt-5", "client")
    assert (model.calls, model.input_tokens, model.output_tokens) == (10, 50, 5)
    assert (round(model.p50_ms or 0), round(model.p95_ms or 0)) == (2000, 2900)


def test_what_is_sent_piece_by_piece_is_added_up(collector: LiveCollector, client: CollectorClient) -> None:
    """Points before the window are none of it."""
    metrics = Metrics()
    for ago, total in ((7200, 100.0), (1800, 30.0), (5, 12.0)):
        metrics.tokens(ago, total, "input", DELTA)
    (model,) = told(collector, client, metrics)
    assert (model.input_tokens, model.output_tokens, model.calls, model.p95_ms) == (42, None, None, None)


def test_services_models_and_sides_are_apart(collector: LiveCollector, client: CollectorClient) -> None:
    """Most tokens first; some count in milliseconds."""
    one, other, server = Metrics("a"), Metrics("b"), Metrics("vllm")
    one.tokens(5, 10, "input")
    other.tokens(5, 20, "prompt")
    server.times("gen_ai.server.request.duration", 5, [0, 4, 0], [100, 300], "ms")
    server.times("gen_ai.server.time_to_first_token", 5, [0, 4, 0], [0.1, 0.3])
    first, second, third = told(collector, client, one, other, server)
    assert [(each.service, each.side, each.input_tokens) for each in (first, second)] == [
        ("b", "client", 20),
        ("a", "client", 10),
    ]
    assert (third.service, third.side, third.calls, round(third.p50_ms or 0)) == ("vllm", "server", 4, 200)
    assert round(third.first_token_p95_ms or 0) == 290
