"""Spans that look like calls of models by what they carry alone, and hold such calls: they are steps. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from collector.agents.tree import CONTAINERS, Span
from collector.store.roles import Role

#: What no call of a model holds, unless a tool that it waits for does.
_HELD: Final = CONTAINERS | {Role.MODEL, Role.EMBEDDING}


def correct_implied_models(spans: Sequence[Span], implied: Collection[int]) -> Sequence[Span]:
    """Returns the spans of a trace, those as steps that only name a model and hold calls, steps or agents.

    Args:
        spans: of one trace.
        implied: ids of those that name no operation.
    """
    doubtful = {span.id for span in spans if span.id in implied and span.role == Role.MODEL and not _has_tokens(span)}
    if not doubtful:
        return spans
    holding = _find_holders(spans) & doubtful
    return [replace(span, role=Role.STEP) if span.id in holding else span for span in spans]


def _find_holders(spans: Sequence[Span]) -> set[int]:
    """Returns the ids of spans that hold what no call does, up to the next tool."""
    by_id = {span.id: span for span in spans}
    found: set[int] = set()
    for span in spans:
        if span.role not in _HELD:
            continue
        at = by_id.get(span.parent) if span.parent is not None else None
        while at is not None and at.id not in found and at.role != Role.TOOL:
            found.add(at.id)
            at = by_id.get(at.parent) if at.parent is not None else None
    return found


def _has_tokens(span: Span) -> bool:
    return any(name in span.work for name in ("input_tokens", "output_tokens", "total_tokens"))
