"""Calls of models that another instrumentation tells of in a trace of its own, as programs send that export to two
traces. Pure.

The rules are the same in SQL, in `store/ddl/views/calls.sql`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from collector.agents import duplicates, usage
from collector.agents.tree import Span

#: A span, with its trace.
Placed = tuple[UUID, Span]


def collect_answer_ids(spans: Iterable[Span]) -> set[str]:
    """Returns the ids of the answers that calls of models tell."""
    return {id_ for span in spans if span.role in usage.CALLS and (id_ := duplicates.answer_id(span))}


def find_duplicates(trace: UUID, spans: Iterable[Span], others: Sequence[Placed]) -> dict[int, str]:
    """Returns which calls of a trace another trace tells of in a span that began before, each with the reason.

    Some servers give the same id to every answer: it is one call only where model, tokens and times agree as well.

    Args:
        trace: its id.
        spans: of that trace.
        others: calls of models of any traces.
    """
    by_answer: dict[str, list[Placed]] = defaultdict(list)
    for place, span in others:
        if place != trace and (id_ := duplicates.answer_id(span)):
            by_answer[id_].append((place, span))
    found: dict[int, str] = {}
    for span in spans:
        if span.role not in usage.CALLS or not (id_ := duplicates.answer_id(span)):
            continue
        twins = [place for place, other in by_answer.get(id_, ()) if _is_duplicate((place, other), (trace, span))]
        if twins:
            found[span.id] = f"seen by two instrumentations: the call in trace {min(twins).hex} counts"
    return found


def _is_duplicate(earlier: Placed, later: Placed) -> bool:
    (trace, one), (other_trace, other) = earlier, later
    tokens = usage.comparable_tokens(one)
    return (
        (one.start_ns, trace, one.id) < (other.start_ns, other_trace, other.id)
        and one.scope != other.scope
        and tokens is not None
        and tokens == usage.comparable_tokens(other)
        and duplicates.model_name(one) == duplicates.model_name(other)
        and duplicates.is_overlapping(one, other)
    )
