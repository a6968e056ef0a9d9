"""What was said is read from whichever convention sent it."""

import json
from typing import Any

import pytest

from collector.agents.messages.sources import CONTENT, CallEvent, read_model_call
from collector.models.conversations import Message

CALL = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Zürich"}}
GEN_AI: dict[str, Any] = {
    "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    "gen_ai.input.messages": [
        {"role": "user", "parts": [{"type": "text", "content": "Rain?"}]},
        {"role": "assistant", "parts": [CALL]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
    ],
    "gen_ai.output.messages": [
        {"role": "assistant", "parts": [{"type": "text", "content": "No."}], "finish_reason": "stop"}
    ],
}
OPEN_INFERENCE = {
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "Rain?",
    "llm.input_messages.2.message.role": "assistant",
    "llm.input_messages.2.message.tool_calls.0.tool_call.id": "c1",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.name": "weather",
    "llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments": '{"city": "Zürich"}',
    "llm.input_messages.3.message.role": "tool",
    "llm.input_messages.3.message.tool_call_id": "c1",
    "llm.input_messages.3.message.content": "sunny",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "No.",
    "llm.output_messages.0.message.finish_reason": "stop",
}
OPEN_LLMETRY = {
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be brief.",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": '[{"type": "text", "text": "Rain?"}]',
    "gen_ai.prompt.2.role": "assistant",
    "gen_ai.prompt.2.tool_calls.0.id": "c1",
    "gen_ai.prompt.2.tool_calls.0.name": "weather",
    "gen_ai.prompt.2.tool_calls.0.arguments": '{"city": "Zürich"}',
    "gen_ai.prompt.3.role": "tool",
    "gen_ai.prompt.3.tool_call_id": "c1",
    "gen_ai.prompt.3.content": "sunny",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "No.",
    "gen_ai.completion.0.finish_reason": "stop",
}
OPEN_AI = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Rain?"}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Zürich"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
]
ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "No."}, "finish_reason": "stop"}]}
LANGCHAIN = [
    {"lc": 1, "id": ["langchain", "schema", "messages", "SystemMessage"], "kwargs": {"content": "Be brief."}},
    {"type": "human", "content": "Rain?"},
    {
        "type": "ai",
        "data": {"content": "", "tool_calls": [{"name": "weather", "args": {"city": "Zürich"}, "id": "c1"}]},
    },
    {"type": "tool", "content": "sunny", "tool_call_id": "c1"},
]
VERCEL = {
    "ai.prompt.messages": json.dumps(
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Rain?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": {"city": "Zürich"}}
                ],
            },
            {
                "role": "tool",
                "content": [
                    {
                        "type": "tool-result",
                        "toolCallId": "c1",
                        "toolName": "weather",
                        "output": {"type": "text", "value": "sunny"},
                    }
                ],
            },
        ]
    ),
    "ai.response.text": "No.",
    "ai.response.finishReason": "stop",
}
LOGFIRE = {
    "events": json.dumps(
        [
            {"event.name": "gen_ai.system.message", "role": "system", "content": "Be brief."},
            {"event.name": "gen_ai.user.message", "role": "user", "content": "Rain?"},
            {"event.name": "gen_ai.assistant.message", **OPEN_AI[2]},
            {"event.name": "gen_ai.tool.message", "role": "tool", "id": "c1", "content": "sunny"},
            {
                "event.name": "gen_ai.choice",
                "index": 0,
                "message": {"role": "assistant", "content": "No."},
                "finish_reason": "stop",
            },
        ]
    )
}
CONVENTIONS: dict[str, dict[str, Any]] = {
    "OpenTelemetry, structure": GEN_AI,
    "OpenTelemetry, text": {name: json.dumps(value) for name, value in GEN_AI.items()},
    "OpenInference": OPEN_INFERENCE,
    "OpenLLMetry": OPEN_LLMETRY,
    "Vercel": VERCEL,
    "Logfire": LOGFIRE,
    "Langfuse": {"langfuse.observation.input": json.dumps(OPEN_AI), "langfuse.observation.output": json.dumps(ANSWER)},
    "LangSmith": {
        "gen_ai.prompt": json.dumps({"messages": OPEN_AI}),
        "gen_ai.completion": json.dumps(
            {"messages": [{"role": "assistant", "content": "No.", "finish_reason": "stop"}]}
        ),
    },
    "LangChain in OpenInference's plain values": {
        "input.value": json.dumps({"messages": [LANGCHAIN]}),
        "output.value": json.dumps(
            {
                "generations": [
                    [
                        {
                            "text": "No.",
                            "message": {
                                "lc": 1,
                                "id": ["AIMessage"],
                                "kwargs": {"content": "No.", "response_metadata": {"finish_reason": "stop"}},
                            },
                        }
                    ]
                ]
            }
        ),
    },
}
EVENTS = [
    CallEvent("gen_ai.system.message", {"gen_ai.system": "openai", "content": "Be brief."}),
    CallEvent("gen_ai.user.message", {"gen_ai.system": "openai"}, {"content": "Rain?"}),
    CallEvent("gen_ai.assistant.message", {}, {"tool_calls": OPEN_AI[2]["tool_calls"]}),
    CallEvent("gen_ai.tool.message", {}, {"id": "c1", "content": "sunny"}),
    CallEvent("gen_ai.choice", {}, {"index": 0, "finish_reason": "stop", "message": {"content": "No."}}),
]


def brief(messages: list[Message]) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Roles, and what was said."""
    return [(each.role, [(part.kind, part.name or part.text) for part in each.parts]) for each in messages]


TOLD = [
    ("system", [("text", "Be brief.")]),
    ("user", [("text", "Rain?")]),
    ("assistant", [("tool_call", "weather")]),
]


def is_told(told: list[Message], answered: list[Message]) -> None:
    """Checks that both are the conversation that all of the above tell."""
    assert brief(told)[:3] == TOLD
    call, answer = told[2].parts[0], told[3].parts[0]
    assert (call.id, json.loads(call.text or "")) == ("c1", {"city": "Zürich"})
    assert (told[3].role, answer.kind, answer.id, answer.text) == ("tool", "tool_answer", "c1", "sunny")
    assert len(told) == 4
    assert brief(answered) == [("assistant", [("text", "No.")])]
    assert answered[0].finish == "stop"


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_conversation_is_the_same_whichever_convention_tells_it(convention: str) -> None:
    """System, user, a call of a tool, its answer, and the model's."""
    said = read_model_call(CONVENTIONS[convention])

    is_told(said.told, said.answered)
    assert said.source
    assert said.notes == []


def test_messages_are_read_from_events_of_spans_and_from_logs() -> None:
    """Attributes of a span's event, or the body of a log record."""
    said = read_model_call({}, EVENTS)

    is_told(said.told, said.answered)


def test_messages_are_read_from_the_event_of_details() -> None:
    """Contents sent apart from spans."""
    said = read_model_call({}, [CallEvent("gen_ai.client.inference.operation.details", GEN_AI)])

    is_told(said.told, said.answered)


def test_what_is_sent_on_the_span_and_as_events_is_told_once() -> None:
    """SPAN_AND_EVENT is a mode of senders."""
    said = read_model_call(GEN_AI, [CallEvent("gen_ai.client.inference.operation.details", GEN_AI), *EVENTS])

    is_told(said.told, said.answered)


def test_values_of_no_convention_are_believed_of_models_alone() -> None:
    """A chain's input is the whole state of its graph."""
    attributes = {"input.value": "the state", "output.value": "another"}

    assert read_model_call(attributes, plain=False).told == []
    assert brief(read_model_call(attributes).told) == [("user", [("text", "the state")])]


def test_candidates_are_no_turns() -> None:
    """Of one answer."""
    said = read_model_call({"gen_ai.output.messages": [GEN_AI["gen_ai.output.messages"][0]] * 3})

    assert [each.choice for each in said.answered] == [0, 1, 2]


def test_what_a_sender_cut_is_read_as_far_as_it_goes() -> None:
    """JSON that ends in the middle is told up to there, and said to be cut."""
    whole = json.dumps(GEN_AI["gen_ai.input.messages"])
    for length in range(60, len(whole) - 1):
        said = read_model_call({"gen_ai.input.messages": whole[:length]})
        assert said.told[0].role == "user"
        assert said.told[-1].cut
        assert "cut by the sender" in said.notes[0]
        assert not any(part.kind == "raw" and part.text == whole[:length] for part in said.told[0].parts)


def test_every_attribute_that_is_read_is_asked_of_the_store() -> None:
    """A name that the store is not asked for would be read of single calls alone."""
    names = {name for attributes in CONVENTIONS.values() for name in attributes}

    assert [name for name in names if not CONTENT.search(name)] == []
