"""Calls that agents make: of models, tools, retrievers and guardrails."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, NodeStatus


class Usage(Model):
    """Tokens of one call, or the sum of several. None where nobody told; what is None is not zero.

    `input_tokens` holds what was read from a cache or written to one, `output_tokens` holds the reasoning. `unreported`
    counts the calls of models that told no tokens: sums are too low by those. `undivided_tokens` are of those that told
    their total alone, and in neither of the other two.

    `cost_usd` is what those cost that have a price, None where none has; `unpriced` counts the calls without one, and
    `at_least` those that may have cost more. `reported` counts those whose sender said what they cost.
    """

    calls: int = 0
    unreported: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    undivided_tokens: int | None = None
    cost_usd: float | None = None
    unpriced: int = 0
    at_least: int = 0
    reported: int = 0


class Call(Model):
    """One call. `role` is what was called: `model`, `embedding`, `tool`, `retriever`, `guardrail` or `evaluator`.

    `usage` is what it told of itself; where `uncounted` says why, no sum has it. `first_chunk_ms` is the time from the
    begin of the call to the first part of a streamed answer. `recorded`: nothing was called, the result of an earlier
    attempt at its step was there; `parked` says what a call that was not made needs of a budget. Neither counts.
    `notes` say what does not add up, `cost_note` how the cost is known, or why it is not.
    """

    node_id: str
    role: str
    name: str
    status: NodeStatus
    start: datetime
    end: datetime | None = None
    duration_ms: float | None = None
    model: str | None = None
    provider: str | None = None
    usage: Usage | None = None
    uncounted: str | None = None
    first_chunk_ms: float | None = None
    recorded: bool = False
    parked: str | None = None
    error: str | None = None
    cost_note: str | None = None
    notes: list[str] = Field(default_factory=list)
