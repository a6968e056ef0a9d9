"""Records what the nodes of a LangGraph return, so that a later attempt at the step takes it from there.

A call is a node in one superstep: branches, cycles and what runs side by side are told apart by that. What the graph
does with an answer, such as choosing where to go on, it does in each attempt, on the same answers.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Final, TypeVar
from uuid import uuid4, uuid5

from pydantic import BaseModel

from runtime.adapters.recording_context import call_name, find_recording_context, missing_package_error
from runtime.adapters.state_types import classes_of
from runtime.definitions.context import Context
from runtime.errors import DefinitionError, UnencodableError
from runtime.resilience.retry import Retry

try:
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import Runnable, RunnableConfig
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.constants import START
    from langgraph.pregel import Pregel
    from langgraph.types import Command, Send
except ImportError as error:
    raise missing_package_error("langgraph>=1.2", "LangGraph", error) from error

Graph = TypeVar("Graph", bound=Pregel[Any, Any, Any, Any])

#: Characters of what is shown to people of a value that has no plain JSON.
_SHOWN: Final = 4_000

#: Where in graphs within graphs the current node is; empty in the outermost one.
_place: Final[ContextVar[str]] = ContextVar("causeline_langgraph_place", default="")


@dataclass(frozen=True, slots=True)
class _RecordingOptions:
    """How the nodes of one graph are recorded; `classes` are those that answers may be made of, beside LangGraph's."""

    graph: str
    classes: frozenset[type]
    serde: JsonPlusSerializer
    key: str
    retry: Retry | None
    timeout: float | None


def recorded(graph: Graph, *, key: str = "", retry: Retry | None = None, timeout: float | None = None) -> Graph:
    """The same graph, whose nodes are recorded calls (`ctx.once`) within a step. Outside of steps, in handlers, and
    within a call that is recorded as a whole it is as it was.

    Within a step it is run by `ainvoke` or `astream`. Graphs that are nodes are recorded node by node, and others that
    a node calls as a part of that node. Functions that choose where to go on are not recorded.

    Args:
        graph: compiled, without a checkpointer: the step's record takes its place.
        key: tells apart several runs of one graph within a step.
        retry: how often a node is tried, beside what the graph says.
        timeout: seconds for one try of a node.

    Raises:
        DefinitionError: it has a checkpointer, or is no compiled graph.
    """
    if not isinstance(graph, Pregel):
        raise DefinitionError(f"{graph!r:.100} is not a compiled graph: give what compile() returns")
    name = graph.get_name()
    if graph.checkpointer:
        raise DefinitionError(
            f"graph {name!r} has a checkpointer: compile it without one, as the step's record takes its place; to ask "
            "a person use ctx.wait_for in the step"
        )
    channels = graph.channels.values()
    classes = classes_of(getattr(one, kind, None) for one in channels for kind in ("ValueType", "UpdateType"))
    how = _RecordingOptions(
        call_name(name), classes, JsonPlusSerializer(allowed_msgpack_modules=list(classes)), key, retry, timeout
    )
    nodes = {node: _wrap_node(node, one, how) for node, one in graph.nodes.items()}
    return graph.copy({"nodes": nodes})


def _wrap_node(name: str, node: Any, how: _RecordingOptions) -> Any:
    if name == START:
        return node.copy({"bound": _MessageIdentifier(how)})
    if isinstance(node.bound, Pregel):
        inner = recorded(node.bound, key=how.key, retry=how.retry, timeout=how.timeout)
        return node.copy({"bound": _NestedGraph(name, inner)})
    return node.copy({"bound": _RecordedNode(name, node.bound, how)})


class _RecordedNode(Runnable[Any, Any]):
    """A node whose answer is recorded."""

    def __init__(self, node: str, bound: Runnable[Any, Any], how: _RecordingOptions) -> None:
        self._node = node
        self._bound = bound
        self._how = how

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - its name there
        """Runs it outside of steps."""
        if find_recording_context() is not None:
            raise DefinitionError(
                f"graph {self._how.graph!r} is run by invoke, which can't record: use ainvoke in an async step"
            )
        return self._bound.invoke(input, config, **kwargs)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - as above
        """Runs it, or takes its answer from the record."""
        context = find_recording_context()
        if context is None:
            return await self._bound.ainvoke(input, config, **kwargs)

        async def run(state: Any) -> dict[str, Any]:
            answer = await self._bound.ainvoke(input, config, **kwargs)
            return _encode_answer(answer, how, f"what node {self._node!r} of graph {how.graph!r} returned")

        how = self._how
        record = await context.once(
            call_name(how.graph, self._node),
            run,
            _to_readable(input),
            key=how.key + _superstep_key(config),
            retry=how.retry,
            timeout=how.timeout,
            into=Any,
        )
        return _decode_answer(record, how)


class _NestedGraph(Runnable[Any, Any]):
    """A graph that is a node of another: its own nodes are recorded, in their place."""

    def __init__(self, node: str, graph: Pregel[Any, Any, Any, Any]) -> None:
        self._node = node
        self._graph = graph

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - its name there
        """Runs it outside of steps."""
        return self._graph.invoke(input, config, **kwargs)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - as above
        """Runs it."""
        token = _place.set(f"{_superstep_key(config)}/{self._node}/")
        try:
            return await self._graph.ainvoke(input, config, **kwargs)
        finally:
            _place.reset(token)


class _MessageIdentifier(Runnable[Any, Any]):
    """Gives messages that come in ids of their own, the same in each attempt: nodes may name them."""

    def __init__(self, how: _RecordingOptions) -> None:
        self._how = how

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - its name there
        """Leaves all as it is, outside of steps."""
        return input

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002 - as above
        """Gives them."""
        context = find_recording_context()
        if context is not None:
            self._assign_ids(context, input)
        return input

    def _assign_ids(self, context: Context, given: Any) -> None:
        for number, message in enumerate(_find_messages(given)):
            if message.id is None:
                message.id = str(uuid5(context.node_id, f"{self._how.graph}|{self._how.key}{_place.get()}|{number}"))


def _superstep_key(config: RunnableConfig | None) -> str:
    """Which superstep a node runs in, and which of those that were sent to it there."""
    said: Mapping[str, Any] = (config or {}).get("metadata") or {}
    kind, *path = said.get("langgraph_path") or ("",)
    # One that the graph has led to is told by its name. Of those that were sent there may be many.
    sent = "".join(f".{part}" for part in path if isinstance(part, int) and not isinstance(part, bool))
    return f"{_place.get()}{said.get('langgraph_step', 0)}" + (sent if kind == "__pregel_push" else "")


def _encode_answer(answer: Any, how: _RecordingOptions, what: str) -> dict[str, Any]:
    """An answer as it is recorded: plain JSON as it is, all else as LangGraph's own checkpoints keep it, with something
    for people to read.

    Raises:
        UnencodableError: it can't be recorded, or nothing says that it may be made anew out of a record.
    """
    for message in _find_messages(answer):
        if message.id is None:  # else each attempt would give it another one
            message.id = str(uuid4())
    if _is_plain(answer):
        return {"plain": answer}
    for one in _find_instances(answer):
        if type(one) not in how.classes:
            raise UnencodableError(
                f"{what} holds a {type(one).__qualname__}, to which no annotation of the graph's state leads: annotate "
                "the key that holds it, or return a dict"
            )
    try:
        kind, data = how.serde.dumps_typed(answer)
    except Exception as error:  # noqa: BLE001 - whatever the code of a user's class raises
        raise UnencodableError(f"{what} can't be recorded: {error}") from None
    shown = _to_readable(answer)
    told = shown if len(json.dumps(shown)) <= _SHOWN else None
    return {"shown": told, "kind": kind, "data": b64encode(data).decode()}


def _decode_answer(record: dict[str, Any], how: _RecordingOptions) -> Any:
    if "plain" in record:
        return record["plain"]
    return how.serde.loads_typed((record["kind"], b64decode(record["data"])))


def _is_plain(value: Any) -> bool:
    """Whether JSON gives back the same."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if kind is list:
        return all(_is_plain(item) for item in value)
    return value is None or kind in (bool, int, str) or (kind is float and value - value == 0)


def _parts(value: Any) -> Mapping[str, Any] | list[Any]:
    """What a value is made of; nothing where it is one piece."""
    if isinstance(value, Send):
        return {"send": value.node, "arg": value.arg}
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return []


def _find_instances(value: Any) -> Iterator[Any]:
    """The objects of users' classes in a value."""
    if isinstance(value, BaseMessage):
        return
    is_own = isinstance(value, BaseModel) or (is_dataclass(value) and not isinstance(value, type | Command))
    if is_own or isinstance(value, Enum):
        yield value
    parts = _parts(value)
    for part in parts.values() if isinstance(parts, Mapping) else parts:
        yield from _find_instances(part)


def _find_messages(value: Any) -> Iterator[BaseMessage]:
    """The messages in what a node returns, or a graph is given."""
    if isinstance(value, BaseMessage):
        yield value
        return
    parts = _parts(value)
    for part in parts.values() if isinstance(parts, Mapping) else parts:
        yield from _find_messages(part)


def _to_readable(value: Any) -> Any:
    """A value as people may read it, and as it is compared: without ids of messages, which may be new each time."""
    if isinstance(value, BaseMessage):
        calls = [{"name": one["name"], "args": one["args"]} for one in getattr(value, "tool_calls", ())]
        return {value.type: _to_readable(value.content), **({"calls": _to_readable(calls)} if calls else {})}
    if isinstance(value, Enum):
        return _to_readable(value.value)
    if _is_plain(value):
        return value
    parts = _parts(value)
    if isinstance(parts, Mapping):
        return {key: _to_readable(part) for key, part in parts.items()}
    return [_to_readable(part) for part in parts] if parts else type(value).__name__
