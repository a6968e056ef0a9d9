"""Agents of others, as their instrumentations tell of them: Pydantic AI's and LangGraph's runs that call models, in
conversations of some runs each; one conversation of 500 runs, and one run of 500 calls."""

import json
import os
import random
import zlib
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

Value = str | int

_MS: Final = 1_000_000

#: Models that have prices, and one that has none.
_MODELS: Final = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "claude-sonnet-4-5", "in-house-7b")

#: Conversations that go on at a time, and of how many runs one is new.
_TALKS: Final = 60
_NEW: Final = 4

#: Messages that a model is given again; of the long conversations all.
_REMEMBERED: Final = 12

#: Turns of the long ones.
LONG: Final = 500
LONG_TALK: Final = "talk-long"
LONG_AGENT: Final = "tireless"

Message = dict[str, object]


class Assistants:
    """What agents of others do over a time, told request by request.

    Args:
        chance: what they do is drawn from it.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._opened = 0
        self._said: dict[str, list[Message]] = {}
        self._turns = 0

    def request(self, first_ns: int, last_ns: int, runs: int, share: float) -> bytes:
        """A request of so many runs, which begin evenly between two moments.

        Args:
            first_ns, last_ns: the moments, in nanoseconds since 1970.
            runs: how many; a third of them are LangGraph's.
            share: of all requests, how much has been told with this one: the long conversation is spread over them.
        """
        message = ExportTraceServiceRequest()
        desk = _scope(message, "desk", "pydantic-ai")
        writer = _scope(message, "writer", "opentelemetry.instrumentation.langchain")
        for number in range(runs):
            begun_ns = first_ns + (last_ns - first_ns) * number // runs
            if number % 3:
                _desk(_Run(desk, begun_ns, self._talk(), self._chance), self._said)
            else:
                _writer(_Run(writer, begun_ns, self._talk(), self._chance), self._said)
        while self._turns < LONG * min(1.0, share):
            self._turns += 1
            _turn(_Run(desk, first_ns, LONG_TALK, self._chance), self._said)
        return message.SerializeToString()

    def one_long_run(self, end_ns: int) -> bytes:
        """A request of one run that calls a model 500 times, the last of them at a moment."""
        message = ExportTraceServiceRequest()
        scope = _scope(message, "desk", "pydantic-ai")
        run = _Run(scope, end_ns - LONG * 1_000 * _MS, "talk-tireless", self._chance)
        top = run.agent(LONG_AGENT, 0, LONG * 1_000)
        said: list[Message] = []
        for number in range(LONG):
            said.append(_message("user", f"and number {number}, of what was asked before?"))
            run.chat(top, 1_000 * number, _MODELS[0], said, f"number {number} is in the next box, as it was before")
        return message.SerializeToString()

    def _talk(self) -> str:
        if not self._opened or self._chance.randrange(_NEW) == 0:
            self._opened += 1
            self._said.pop(f"talk-{self._opened - 2 * _TALKS}", None)
        return f"talk-{self._opened - min(self._opened - 1, int(self._chance.expovariate(4 / _TALKS)))}"


class _Run:
    """The spans of one run, added to a scope."""

    def __init__(self, scope: ScopeSpans, begun_ns: int, talk: str, chance: random.Random) -> None:
        self._scope = scope
        self._ns = begun_ns
        self._trace = os.urandom(16)
        self.talk = talk
        self.chance = chance

    def agent(self, name: str, at: int, lasts: int) -> bytes:
        """Adds the span of an agent, `at` so many milliseconds after the begin; returns its id."""
        user = f"user-{zlib.crc32(self.talk.encode()) % 500}"
        about = {"gen_ai.agent.name": name, "gen_ai.conversation.id": self.talk, "user.id": user}
        return self.span(f"invoke_agent {name}", b"", at, lasts, "invoke_agent", about)

    def chat(self, parent: bytes, at: int, model: str, said: list[Message], answer: str, **about: Value) -> None:
        """Adds a call of a model, which is given what was said, and answers."""
        given, written = 40 + 25 * len(said), 20 + self.chance.randrange(200)
        told: dict[str, Value] = {
            "gen_ai.provider.name": "anthropic" if model.startswith("claude") else "openai",
            "gen_ai.request.model": model,
            "gen_ai.response.model": model,
            "gen_ai.conversation.id": self.talk,
            "gen_ai.input.messages": json.dumps(said),
            "gen_ai.output.messages": json.dumps([{**_message("assistant", answer), "finish_reason": "stop"}]),
            "gen_ai.usage.input_tokens": given,
            "gen_ai.usage.output_tokens": written,
            "gen_ai.usage.cache_read.input_tokens": given // 2,
            **about,
        }
        self.span(f"chat {model}", parent, at, 700, "chat", told, Span.SPAN_KIND_CLIENT)
        said.append(_message("assistant", answer))

    def tool(self, parent: bytes, at: int, name: str, arguments: str, result: str) -> None:
        """Adds a call of a tool."""
        about = {
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": f"call_{self.chance.getrandbits(64):016x}",
            "gen_ai.tool.call.arguments": arguments,
            "gen_ai.tool.call.result": result,
        }
        self.span(f"execute_tool {name}", parent, at, 60, "execute_tool", about)

    def span(
        self,
        name: str,
        parent: bytes,
        at: int,
        lasts: int,
        operation: str,
        about: dict[str, Value] | dict[str, str],
        kind: Span.SpanKind.ValueType = Span.SPAN_KIND_INTERNAL,
    ) -> bytes:
        """Adds a span; returns its id."""
        begun = self._ns + at * _MS
        span = self._scope.spans.add(
            trace_id=self._trace,
            span_id=os.urandom(8),
            parent_span_id=parent,
            name=name,
            kind=kind,
            start_time_unix_nano=begun,
            end_time_unix_nano=begun + lasts * _MS,
        )
        for key, value in ({"gen_ai.operation.name": operation} | about).items():
            target = span.attributes.add(key=key).value
            if isinstance(value, str):
                target.string_value = value
            else:
                target.int_value = value
        return span.span_id


def _desk(run: _Run, talks: dict[str, list[Message]]) -> None:
    """A run of Pydantic AI's: an agent that asks its model three times, and two tools between."""
    said = talks.setdefault(run.talk, [])
    order = f"A-{run.chance.randrange(10**6):06d}"
    model = run.chance.choice(_MODELS)
    top = run.agent("desk", 0, 2_400)
    said.append(_message("user", f"Where is order {order}, and when will it be here?"))
    run.chat(top, 5, model, said, f"I look for {order}.", **{"gen_ai.agent.name": "desk"})
    run.tool(top, 720, "find_order", f'{{"number": "{order}"}}', f'{{"number": "{order}", "state": "on its way"}}')
    run.chat(top, 800, model, said, "I ask the carrier.", **{"gen_ai.agent.name": "desk"})
    run.tool(top, 1_520, "ask_carrier", f'{{"number": "{order}"}}', '{"stop": "Leiden", "hours": 3}')
    run.chat(top, 1_600, model, said, f"{order} is in Leiden, three hours from you.", **{"gen_ai.agent.name": "desk"})
    del said[:-_REMEMBERED]


def _writer(run: _Run, talks: dict[str, list[Message]]) -> None:
    """A run of LangGraph's: three nodes, each of which asks a model."""
    said = talks.setdefault(run.talk, [])
    model = run.chance.choice(_MODELS)
    about: dict[str, Value] = {"gen_ai.workflow.name": "writer", "gen_ai.conversation.id": run.talk}
    top = run.span("invoke_workflow writer", b"", 0, 2_500, "invoke_workflow", about)
    said.append(_message("user", f"Write about causes, part {run.chance.randrange(10**4)}, in three parts."))
    for step, node in enumerate(("plan", "facts", "style"), start=1):
        at = 800 * (step - 1) + 10
        words = "traceloop.association.properties.langgraph"
        placed: dict[str, Value] = {
            **about,
            f"{words}_node": node,
            f"{words}_step": step,
            f"{words}_checkpoint_ns": f"{node}:{run.chance.getrandbits(64):016x}",
            "gen_ai.task.name": node,
            "gen_ai.task.input": f'{{"inputs": {{"topic": "causes", "part": {step}}}}}',
            "gen_ai.task.output": f'{{"outputs": {{"notes": ["{node}: a text about causes, in three parts"]}}}}',
        }
        task = run.span(f"execute_task {node}", top, at, 760, "execute_task", placed)
        run.chat(task, at + 5, model, said, f"{node}: a text about causes, in three parts.")
    del said[:-_REMEMBERED]


def _turn(run: _Run, talks: dict[str, list[Message]]) -> None:
    """A run of the long conversation: one call, which is given all that was said before."""
    said = talks.setdefault(run.talk, [])
    said.append(_message("user", f"and what of box {len(said)}?"))
    run.chat(run.agent("desk", 0, 800), 5, _MODELS[0], said, f"box {len(said)} has come, and holds what it should")


def _message(role: str, text: str) -> Message:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _scope(message: ExportTraceServiceRequest, service: str, scope: str) -> ScopeSpans:
    resource = message.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    added = resource.scope_spans.add()
    added.scope.name = scope
    return added
