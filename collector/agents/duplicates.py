"""Calls of models that two instrumentations tell of, each in a span of its own. Pure.

The rules are the same in SQL, in `store/ddl/views/calls.sql`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collector.agents.tree import Span, Tree

#: The date of a release, or the word for the newest one, behind the name of a model.
_RELEASE: Final = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


@dataclass(frozen=True, slots=True)
class CallTokens:
    """A call with the tokens that it tells.

    Attributes:
        span: of the call.
        tokens: what two spans of one call have in common; None where it tells none.
    """

    span: Span
    tokens: Hashable | None


def find_duplicates(tree: Tree, calls: Iterable[CallTokens]) -> set[int]:
    """Returns the ids of spans whose call another instrumentation tells of in a span that began before.

    An id of the answer alone does not decide: some servers give the same one to every answer.

    Args:
        tree: the trace.
        calls: in any order.
    """
    ordered = sorted(calls, key=lambda each: (each.span.start_ns, each.span.id))
    by_answer: dict[Hashable, list[CallTokens]] = defaultdict(list)
    by_tokens: dict[Hashable, list[CallTokens]] = defaultdict(list)
    for call in ordered:
        if id_ := answer_id(call.span):
            by_answer[id_].append(call)
        if call.tokens is not None:
            by_tokens[model_name(call.span), call.tokens].append(call)
    found: set[int] = set()
    for same in by_answer.values():
        found.update(
            later.span.id
            for earlier, later in _pair_calls(same)
            if is_overlapping(earlier.span, later.span) or (later.tokens is not None and earlier.tokens == later.tokens)
        )
    for same in by_tokens.values():
        for at_once in _cluster_calls(same):
            found.update(
                later.span.id
                for earlier, later in _pair_calls(at_once)
                if is_overlapping(earlier.span, later.span)
                and _may_be_one(earlier, later)
                and not _is_told_apart(tree, earlier, later)
            )
    return found


def _pair_calls(calls: Sequence[CallTokens]) -> Iterator[tuple[CallTokens, CallTokens]]:
    """Yields calls that may be one: the first that one instrumentation tells of and the first of another, and so on."""
    seen: Counter[str] = Counter()
    by_rank: dict[int, list[CallTokens]] = defaultdict(list)
    for call in calls:
        seen[call.span.scope] += 1
        same_rank = by_rank[seen[call.span.scope]]
        yield from ((earlier, call) for earlier in same_rank)
        same_rank.append(call)


def _cluster_calls(calls: Sequence[CallTokens]) -> Iterator[list[CallTokens]]:
    """Yields calls that go on at once, or touch others that do."""
    cluster: list[CallTokens] = []
    until = 0
    for call in calls:
        if cluster and call.span.start_ns > until:
            yield cluster
            cluster = []
        cluster.append(call)
        until = max(until, _end_ns(call.span))
    if cluster:
        yield cluster


def is_overlapping(earlier: Span, later: Span) -> bool:
    """Returns whether two calls went on at once, or began at the same moment."""
    return _end_ns(earlier) > later.start_ns or earlier.start_ns == later.start_ns


def _end_ns(call: Span) -> int:
    return max(call.end_ns or 0, call.start_ns)


def _may_be_one(one: CallTokens, other: CallTokens) -> bool:
    """Returns whether their answers don't say that they are two."""
    told = answer_id(one.span), answer_id(other.span)
    return not all(told) or told[0] == told[1]


def _is_told_apart(tree: Tree, one: CallTokens, other: CallTokens) -> bool:
    """Returns whether some instrumentation tells of two agents, tools or steps, in which one each of the calls lies."""
    above_one = {span.id: span for span in tree.above(one.span)}
    above_other = {span.id: span for span in tree.above(other.span)}
    scopes = {span.scope for id_, span in above_one.items() if id_ not in above_other and span.role is not None}
    return any(
        span.scope in scopes for id_, span in above_other.items() if id_ not in above_one and span.role is not None
    )


def answer_id(span: Span) -> str | None:
    """Returns the id of the answer that a call tells."""
    return span.work.get("response_id") or None


def model_name(span: Span) -> str | None:
    """Returns the model's name without the date of its release: one span has what was asked for, one what answered."""
    name = span.work.get("response_model") or span.work.get("model")
    return None if name is None else _RELEASE.sub("", name)
