"""Whose usage counts: each token once, wherever several spans tell of it.

A container (an agent, a chain, a run) often reports the sum of what lies below it, two instrumentations at once report
each call twice, and some providers count what is cached apart and others within: the rules are structural, because
names of operations don't tell (an embedding may lie within an embedding).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from collector.agents import duplicates
from collector.agents.duplicates import CallTokens
from collector.agents.tree import CONTAINERS, Span, Tree
from collector.store.roles import Role
from runtime.semconv import SCOPE

#: Calls that are paid for.
CALLS: Final = frozenset({Role.MODEL, Role.EMBEDDING})

#: An Anthropic's input without what was cached, and nothing else that bears it out.
_CACHED_APART: Final = "more was cached than the input told: what was cached is taken to be told apart from it"

#: What lies below one of these is other spending than the call above it.
_APART: Final = frozenset({Role.TOOL, Role.AGENT, Role.WORKFLOW})


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. None where nobody told; `input` holds what was cached, `output` the reasoning.

    Attributes:
        undivided: the total, where it is all that was told.
        doubt: what does not add up, in words; empty where all does.
    """

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    undivided: int | None = None
    doubt: str = ""


def read_usage(span: Span) -> Usage:
    """Returns what a call used, in the reading that its own total bears out.

    By OpenTelemetry `input_tokens` holds what was cached and `output_tokens` the reasoning. Older instrumentations of
    Anthropic tell what was not cached alone, and some of Gemini leave thoughts out.
    """
    given = span.work
    told_in, told_out, total = (given.get(name) for name in ("input_tokens", "output_tokens", "total_tokens"))
    read_, written, thought = (
        given.get(name) for name in ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    )
    cached = (read_ or 0) + (written or 0)
    undivided = total if told_in is None and told_out is None else None
    plain = Usage(told_in, told_out, read_, written, thought, undivided)
    if told_in is None or told_out is None:
        return plain
    apart = Usage(told_in + cached, told_out, read_, written, thought)
    thinking = Usage(told_in, told_out + (thought or 0), read_, written, thought)
    if cached > told_in:
        return replace(apart, doubt="" if total == told_in + cached + told_out else _CACHED_APART)
    if total is None:
        return thinking if (thought or 0) > told_out else plain
    for reading in (plain, apart, thinking):
        if (reading.input or 0) + (reading.output or 0) == total:
            return reading
    return replace(plain, doubt=f"parts make {told_in + told_out:,}, the total says {total:,}")


def describe_difference(tree: Tree, span: Span) -> str:
    """Returns in what the sum that an agent or another container reports of itself is not that of the calls below it,
    in words; empty where it is, or one of the two is not told. The calls count."""
    if span.role not in CONTAINERS:
        return ""
    again = find_uncounted(tree)
    below = [read_usage(each) for each in tree.below(span) if _has_tokens(each) and each.id not in again]
    if not below:
        return ""
    told, made = (
        read_usage(span),
        tuple(sum(getattr(each, part) or 0 for each in below) for part in ("input", "output")),
    )
    if all(number in (None, sum_) for number, sum_ in zip((told.input, told.output), made, strict=True)):
        return ""
    said = f"{_format_number(told.input)} tokens in and {_format_number(told.output)} out"
    return f"{span.name} reports {said}, the calls within it make {made[0]:,} in and {made[1]:,} out: those count"


def _format_number(number: int | None) -> str:
    return "no" if number is None else f"{number:,}"


def find_uncounted(tree: Tree) -> dict[int, str]:
    """Returns which spans tell of usage that does not count, each with the reason; all others count."""
    if tree.uncounted is None:
        skipped = _find_counted_below(tree)
        skipped.update(_find_seen_twice(tree, skipped))
        tree.uncounted = {**tree.elsewhere, **skipped}
    return dict(tree.uncounted)


def has_recorded_usage(span: Span) -> bool:
    """Returns whether a call is one that our runtime has recorded, and whose author says what it has cost. It counts,
    but where an instrumentation below it tells of the same."""
    return span.scope == SCOPE and span.role == Role.TOOL and _has_tokens(span)


def _has_tokens(span: Span) -> bool:
    return any(span.work.get(name) is not None for name in ("input_tokens", "output_tokens", "total_tokens"))


def _find_counted_below(tree: Tree) -> dict[int, str]:
    """Goes from the leaves upwards, so that a chain of any length is walked once."""
    telling: set[int] = set()
    calling: set[int] = set()
    skipped: dict[int, str] = {}
    for span in reversed(tree.downwards):
        below = tree.children(span)
        told = any(each.id in telling for each in below)
        called = any(each.id in calling for each in below)
        if called and span.role in CALLS:
            skipped[span.id] = "the call below it is the one that counts"
        elif told and has_recorded_usage(span):
            skipped[span.id] = "the calls below it are those that count"
        elif told and span.role in CONTAINERS and _has_tokens(span):
            skipped[span.id] = "reported by the agent: the sum of the calls below it"
        if told or _has_tokens(span):
            telling.add(span.id)
        if span.role in CALLS or (called and span.role not in _APART):
            calling.add(span.id)
    return skipped


def _find_seen_twice(tree: Tree, skipped: Iterable[int]) -> dict[int, str]:
    gone = set(skipped)
    calls = (span for span in tree.spans if span.role in CALLS and span.id not in gone)
    found = duplicates.find_duplicates(tree, (CallTokens(span, comparable_tokens(span)) for span in calls))
    return dict.fromkeys(found, "seen by two instrumentations: the other one counts")


def comparable_tokens(span: Span) -> tuple[int | None, ...] | None:
    """Returns what two spans of one call have in common, whichever way they tell what was cached."""
    if not _has_tokens(span):
        return None
    used = read_usage(span)
    alone = span.work.get("total_tokens") if used.input is None and used.output is None else None
    return used.input, used.output, alone
