"""How calls of language models do, from the metrics that their clients and servers send."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from collector.models import ModelFigures
from collector.questions.quantiles import BucketDistribution
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.names import AttributeMeaning, first_value
from collector.store.queries import Query
from collector.store.values import decode_attributes

#: Points that are read at most.
POINTS: Final = 20_000
#: Models that an answer holds at most.
MODELS: Final = 100

TOKENS: Final = "gen_ai.client.token.usage"
#: Durations of whole calls, and who measures them.
DURATIONS: Final = {"gen_ai.client.operation.duration": "client", "gen_ai.server.request.duration": "server"}
FIRST_TOKEN: Final = "gen_ai.server.time_to_first_token"  # noqa: S105 a metric

#: Tokens by `gen_ai.token.type`; `completion` and `prompt` are older names.
_INPUT: Final = frozenset({"input", "prompt"})
_OUTPUT: Final = frozenset({"output", "completion"})


@dataclass(slots=True)
class _ModelTotals:
    calls: BucketDistribution = field(default_factory=BucketDistribution)
    first_token: BucketDistribution = field(default_factory=BucketDistribution)
    tokens: dict[str, float] = field(default_factory=dict)


def find_model_figures(session: Session, within: Range) -> list[ModelFigures]:
    """Returns the models that services measured calls of, those with most tokens first.

    Args:
        session: the snapshot to read.
        within: when.
    """
    names = [TOKENS, FIRST_TOKEN, *DURATIONS]
    rows = session.rows(
        Query.STEPS_MODEL_POINTS, names=names, first_ns=within.first_ns, end_ns=within.end_ns, most=POINTS
    )
    found: dict[tuple[str, str, str], _ModelTotals] = defaultdict(_ModelTotals)
    before = {_series_key(row): row for row in rows if not row["inside"]}
    for row in rows:
        if row["inside"]:
            _add_point(found, row, before.get(_series_key(row)))
    told = [_build_figures(key, model) for key, model in found.items()]
    told.sort(key=lambda one: (-(one.input_tokens or 0) - (one.output_tokens or 0), one.service, one.model, one.side))
    return told[:MODELS]


def _series_key(row: Row) -> tuple[Any, ...]:
    return (row["name"], row["resource_id"], row["scope_id"], row["start_ns"], repr(row["attributes"]))


def _add_point(found: dict[tuple[str, str, str], _ModelTotals], row: Row, before: Row | None) -> None:
    attributes = decode_attributes(row["attributes"])
    name = row["name"]
    side = "client" if name == TOKENS else DURATIONS.get(name, "server")
    model = found[
        row["service"],
        str(
            first_value(attributes, AttributeMeaning.MODEL)
            or first_value(attributes, AttributeMeaning.RESPONSE_MODEL)
            or ""
        ),
        side,
    ]
    if name == TOKENS:
        kind = str(attributes.get("gen_ai.token.type", ""))
        counted = "sum" if row["kind"] == "histogram" else "value"
        model.tokens[kind] = model.tokens.get(kind, 0.0) + _less(row, before, counted)
        return
    spread = model.first_token if name == FIRST_TOKEN else model.calls
    factor = 1.0 if row["in_ms"] else 1_000.0
    spread.count += int(_less(row, before, "count"))
    spread.add_buckets(
        _buckets(row, before),
        [bound * factor for bound in row["bounds"] or ()],
        None if row["min"] is None else row["min"] * factor,
        None if row["max"] is None else row["max"] * factor,
    )


def _less(row: Row, before: Row | None, column: str) -> float:
    """Returns what was added since the last point before the window."""
    return float(row[column] or 0) - float((before or {}).get(column) or 0)


def _buckets(row: Row, before: Row | None) -> list[int]:
    counts = list(row["bucket_counts"] or ())
    if before is None or before["bounds"] != row["bounds"] or len(before["bucket_counts"] or ()) != len(counts):
        return counts
    return [now - then for now, then in zip(counts, before["bucket_counts"], strict=True)]


def _build_figures(key: tuple[str, str, str], model: _ModelTotals) -> ModelFigures:
    service, name, side = key
    return ModelFigures(
        service=service,
        model=name,
        side=side,
        calls=model.calls.count or None,
        input_tokens=_sum_tokens(model.tokens, _INPUT),
        output_tokens=_sum_tokens(model.tokens, _OUTPUT),
        p50_ms=model.calls.estimate_quantile(0.5),
        p95_ms=model.calls.estimate_quantile(0.95),
        first_token_p95_ms=model.first_token.estimate_quantile(0.95),
    )


def _sum_tokens(tokens: Mapping[str, float], kinds: frozenset[str]) -> int | None:
    counted = [number for kind, number in tokens.items() if kind in kinds]
    return round(sum(counted)) if counted else None
