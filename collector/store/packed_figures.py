"""Figures of calls that senders write in a way of their own: several in one text of JSON, a time of day instead of a
duration, milliseconds instead of seconds."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store.attributes import Attributes
from collector.store.names import AttributeMeaning

#: Langfuse's SDK from 3 on: tokens by kind, what they cost in US dollars, and when the answer began, all as JSON.
_USAGE: Final = "langfuse.observation.usage_details"
_COST: Final = "langfuse.observation.cost_details"
_BEGAN: Final = "langfuse.observation.completion_start_time"

#: Milliseconds to the first part of an answer: Vercel's AI SDK, Strands Agents.
_MILLISECONDS: Final = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk", "gen_ai.server.time_to_first_token")

#: Attributes that are read here.
READ: Final = (_USAGE, _COST, _BEGAN, *_MILLISECONDS)

#: Keys of Langfuse's usage; integrations pass on the names of providers.
_TOKENS: Final[Mapping[AttributeMeaning, tuple[str, ...]]] = {
    AttributeMeaning.INPUT_TOKENS: ("input", "input_tokens", "prompt_tokens", "promptTokens"),
    AttributeMeaning.OUTPUT_TOKENS: ("output", "output_tokens", "completion_tokens", "completionTokens"),
    AttributeMeaning.TOTAL_TOKENS: ("total", "total_tokens", "totalTokens"),
    AttributeMeaning.CACHE_READ_TOKENS: (
        "cache_read_input_tokens",
        "input_cached_tokens",
        "input_cache_read",
        "input_cached",
        "cached_tokens",
    ),
    AttributeMeaning.CACHE_WRITE_TOKENS: (
        "cache_creation_input_tokens",
        "input_cache_creation",
        "cache_write_input_tokens",
    ),
    AttributeMeaning.REASONING_TOKENS: ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens"),
}


def add_figures(columns: dict[str, Any], attributes: Attributes, spans: pa.Table) -> None:
    """Adds figures to columns `said_*` where the attributes that have them alone say nothing.

    Args:
        columns: what else the spans say.
        attributes: of the spans.
        spans: a batch.
    """
    usage, cost, began = (attributes.texts(name) for name in (_USAGE, _COST, _BEGAN))
    for said, keys in _TOKENS.items():
        _fill_column(columns, said, _map_texts(usage, partial(_read_number, keys)))
    _fill_column(columns, AttributeMeaning.COST, _map_texts(cost, _read_total_cost))
    for name in _MILLISECONDS:
        _fill_column(
            columns, AttributeMeaning.FIRST_CHUNK_SECONDS, _map_texts(attributes.texts(name), _milliseconds_to_seconds)
        )
    if began.null_count < len(began):
        starts = spans.column("start_ns").to_pylist()
        waits = [_seconds_until(text, start) for text, start in zip(began.to_pylist(), starts, strict=True)]
        _fill_column(columns, AttributeMeaning.FIRST_CHUNK_SECONDS, pa.array(waits, pa.string()))


def _fill_column(columns: dict[str, Any], said: AttributeMeaning, texts: pa.StringArray) -> None:
    if texts.null_count < len(texts):
        columns[f"said_{said}"] = pc.coalesce(columns[f"said_{said}"], texts)


def _map_texts(texts: pa.StringArray, read: Callable[[str], str | None]) -> pa.StringArray:
    if texts.null_count == len(texts):
        return texts
    return pa.array([None if text is None else read(text) for text in texts.to_pylist()], pa.string())


def _parse_object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_number(keys: tuple[str, ...], text: str) -> str | None:
    told = _parse_object(text)
    return next((str(told[key]) for key in keys if _is_number(told.get(key))), None)


def _read_total_cost(text: str) -> str | None:
    told = _parse_object(text)
    parts = [value for key, value in told.items() if _is_number(value) and key != "total"]
    if _is_number(told.get("total")):
        return str(told["total"])
    return str(sum(parts)) if parts else None


def _milliseconds_to_seconds(text: str) -> str | None:
    try:
        return str(float(text) / 1_000)
    except ValueError:
        return None


def _seconds_until(text: str | None, start_ns: int) -> str | None:
    """Returns the seconds from a span's start to a time of day."""
    try:
        at = datetime.fromisoformat((text or "").strip('"'))
        at_seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    waited = at_seconds - start_ns / 1e9
    return str(round(waited, 6)) if waited >= 0 else None
