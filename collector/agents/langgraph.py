"""What LangGraph tells of its graph, whichever instrumentation passes it on."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.agents.tree import Span

#: The attribute in which OpenInference passes on LangChain's metadata, as JSON.
METADATA: Final = "metadata"

#: Where OpenLLMetry has it, each after this.
PREFIX: Final = "traceloop.association.properties."

#: OpenTelemetry's instrumentation of LangChain on the graph itself: its edges, each as `a -> b`.
EDGES: Final = "gen_ai.workflow.edges"

_NODE, _STEP, _PATH = "langgraph_node", "langgraph_step", "langgraph_checkpoint_ns"

#: Attributes that this file reads.
HINTS: Final = (METADATA, EDGES, *(f"{PREFIX}{name}" for name in (_NODE, _STEP, _PATH)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its graph a span runs.

    Attributes:
        node: the node's name.
        step: the superstep; nodes of one run at the same time.
        path: the graphs and tasks that it lies within.
    """

    node: str
    step: int
    path: str = ""


def place(span: Span) -> Place | None:
    """Returns a span's place; None where it has none, or what it says can't be understood."""
    told = _told(span.hints)
    node = told.get(_NODE)
    try:
        step = int(told[_STEP])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Place(node, step, str(told.get(_PATH) or "")) if isinstance(node, str) and node else None


def is_node(span: Span) -> bool:
    """Returns whether a span is a node of its graph, and not something within one, such as a function that routes."""
    where = place(span)
    return where is not None and where.node in (span.name, span.step)


def edges(span: Span) -> frozenset[tuple[str, str]]:
    """Returns the edges of the graph that a run's span tells of; none where it does not."""
    told = span.hints.get(EDGES)
    texts = [told] if isinstance(told, str) else told if isinstance(told, Sequence) else []
    pairs = (str(text).split("->", 1) for text in texts)
    return frozenset((pair[0].strip(), pair[1].strip()) for pair in pairs if len(pair) == 2)


def order(steps: Sequence[Span], known: frozenset[tuple[str, str]]) -> dict[int, list[int]]:
    """Returns which nodes led to which: those of one superstep to those of the next.

    Args:
        steps: the nodes of one graph.
        known: the graph's edges; where a pair among them explains a node, other pairs are left out.

    Returns:
        By span id the ids of the spans before it. It is our reading: no sender claims it.
    """
    placed = [(where, span) for span in steps if (where := place(span)) is not None]
    layers: dict[int, list[tuple[Place, Span]]] = {}
    for where, span in placed:
        layers.setdefault(where.step, []).append((where, span))
    found: dict[int, list[int]] = {}
    numbers = sorted(layers)
    for before, now in itertools.pairwise(numbers):
        for where, span in layers[now]:
            named = [(source, each.id) for source, each in layers[before]]
            drawn = [id_ for source, id_ in named if (source.node, where.node) in known]
            found[span.id] = drawn or [id_ for _, id_ in named]
    return found


def _told(hints: Mapping[str, Any]) -> Mapping[str, Any]:
    direct = {name: hints.get(f"{PREFIX}{name}") for name in (_NODE, _STEP, _PATH)}
    if direct[_NODE] is not None:
        return direct
    try:
        read = json.loads(hints.get(METADATA) or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
