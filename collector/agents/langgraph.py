"""What LangGraph tells of its graph, whichever instrumentation passes it on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from collector.agents.tree import Span, Tree

#: The attribute in which OpenInference passes on LangChain's metadata, as JSON.
METADATA: Final = "metadata"

#: Where OpenLLMetry and LangSmith have it, each after this.
PREFIXES: Final = ("traceloop.association.properties.", "langsmith.metadata.")

#: OpenTelemetry's instrumentation of LangChain on the graph itself: its edges, each as `a -> b`.
EDGES: Final = "gen_ai.workflow.edges"

#: What a function that routes returned, or a node that says itself what comes next: by OpenInference, by OpenLLMetry.
OUTPUTS: Final = ("output.value", "gen_ai.task.output")

_NODE, _STEP, _PATH, _TRIGGERS = "langgraph_node", "langgraph_step", "langgraph_checkpoint_ns", "langgraph_triggers"
_TOLD: Final = (_NODE, _STEP, _PATH, _TRIGGERS)

#: Spans of which is remembered what they said, for each is asked several times; and characters of such as are.
_REMEMBERED: Final = 2_048
_SHORT: Final = 2_000

#: Attributes that this file reads.
HINTS: Final = (METADATA, EDGES, *(f"{prefix}{name}" for prefix in PREFIXES for name in _TOLD))


@dataclass(frozen=True, slots=True)
class GraphPlace:
    """Where in its graph a span runs.

    Attributes:
        node: the node's name.
        step: the superstep; nodes of one run at the same time.
        path: the graphs and tasks that it lies within; the last part is the task itself, whatever attempt at it.
        triggers: the channels that can start the node, in LangGraph's words.
    """

    node: str
    step: int
    path: str = ""
    triggers: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """How many graphs it lies within."""
        return len(self.path.split("|"))

    @property
    def awaited_nodes(self) -> tuple[str, ...]:
        """The nodes that are waited for, all of them, before this one runs; none where any of them will do."""
        joins = (name.split(":") for name in self.triggers if name.startswith("join:"))
        return tuple(
            node for parts in joins if len(parts) == 3 and parts[2] == self.node for node in parts[1].split("+")
        )


def find_place(span: Span) -> GraphPlace | None:
    """Returns a span's place; None where it has none, or what it says can't be understood."""
    told = _read_hints(span.hints)
    node, triggers = told.get(_NODE), told.get(_TRIGGERS)
    try:
        step = int(told[_STEP])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if not isinstance(node, str) or not node:
        return None
    return GraphPlace(node, step, str(told.get(_PATH) or ""), _parse_names(triggers))


def _parse_names(told: object) -> tuple[str, ...]:
    """Returns the names of a list; LangSmith writes it as Python does."""
    if isinstance(told, str) and told.startswith("["):
        told = [name.strip(" '\"") for name in told[1:].rstrip("]").split(",")]
    return tuple(str(name) for name in told) if isinstance(told, list | tuple) else ()


def is_node(span: Span) -> bool:
    """Returns whether a span is a node of its graph, and not something within one, such as a function that routes."""
    where = find_place(span)
    return where is not None and where.node in (span.name, span.step)


def is_graph(tree: Tree, span: Span) -> bool:
    """Returns whether a span is a graph that runs within a node of another: its nodes lie deeper than itself does."""
    where = find_place(span)
    if where is None:
        return False
    below = (find_place(child) for child in tree.children(span))
    return any(each is not None and each.level > where.level for each in below)


def find_edges(span: Span, beside: Sequence[Span] = ()) -> frozenset[tuple[str, str]]:
    """Returns the edges of the graph that a run's span tells of; none where it does not.

    Args:
        span: the graph's.
        beside: spans at its side; of a graph within a graph, one of those tells.
    """
    told = next((found for each in (span, *beside) if (found := each.hints.get(EDGES))), None)
    texts = [told] if isinstance(told, str) else told if isinstance(told, Sequence) else []
    pairs = (str(text).split("->", 1) for text in texts)
    return frozenset((pair[0].strip(), pair[1].strip()) for pair in pairs if len(pair) == 2)


def find_route_targets(tree: Tree, node: Span) -> frozenset[str]:
    """Returns where a node said that the graph goes on: by a function that routes, or by its own answer. None where it
    did not say."""
    where = find_place(node)
    asked = [node, *(child for child in tree.children(node) if find_place(child) == where and not tree.children(child))]
    return frozenset(target for span in asked for target in _read_targets(span, is_router=span is not node))


def _read_targets(span: Span, *, is_router: bool) -> list[str]:
    said = next((text for name in OUTPUTS if isinstance(text := span.hints.get(name), str)), "")
    answer = _parse_json(said)
    if isinstance(answer, dict) and "outputs" in answer:
        answer = answer["outputs"]
    if isinstance(answer, dict):
        answer = answer.get("goto")
    elif not is_router:
        return []
    texts = answer if isinstance(answer, list) else [answer]
    return [_parse_target(text) for text in texts if isinstance(text, str) and text]


def _parse_target(text: str) -> str:
    """Returns the node that is named, or to which something is sent: `Send(node='a', arg=...)`."""
    opened, _, rest = text.partition("Send(node='")
    return rest.partition("'")[0] if not opened and rest else text


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _read_hints(hints: Mapping[str, Any]) -> Mapping[str, Any]:
    for prefix in PREFIXES:
        direct = {name: hints.get(f"{prefix}{name}") for name in _TOLD}
        if direct[_NODE] is not None:
            return direct
    metadata = hints.get(METADATA)
    if not isinstance(metadata, str) or not metadata:
        return {}
    return _decode_cached(metadata) if len(metadata) <= _SHORT else _decode_metadata(metadata)


@lru_cache(maxsize=_REMEMBERED)
def _decode_cached(metadata: str) -> Mapping[str, Any]:
    return _decode_metadata(metadata)


def _decode_metadata(metadata: str) -> Mapping[str, Any]:
    try:
        read = json.loads(metadata)
    except (ValueError, RecursionError):
        return {}
    return {name: read[name] for name in _TOLD if name in read} if isinstance(read, dict) else {}
