"""What Strands Agents, Google's ADK, LangSmith, Azure's agents and OpenInference's rerankers say in their own way."""

import json
from typing import Any

from collector.agents.messages import sources, tools
from collector.agents.messages.sources import CallEvent
from collector.models.conversations import Message

CALL = [{"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Rome"}}}]
RESULT = [{"toolResult": {"toolUseId": "t1", "status": "error", "content": [{"text": "30"}]}}]
PICTURE = [{"text": "see"}, {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo" * 40}}}]


def event(name: str, **said: Any) -> CallEvent:
    """An event, whose lists are text of JSON."""
    return CallEvent(
        name, {key: json.dumps(value) if isinstance(value, list) else value for key, value in said.items()}
    )


def briefly(messages: list[Message]) -> list[tuple[str, str, str | None]]:
    """Of each piece whose it is, its kind and its text."""
    return [(each.role, part.kind, part.text) for each in messages for part in each.parts]


def test_strands_events_hold_pieces_as_json() -> None:
    """Text, calls of tools and their results."""
    found = sources.read_model_call(
        {},
        [
            event("gen_ai.user.message", content=[{"text": "weather?"}]),
            event("gen_ai.assistant.message", content=CALL),
            event("gen_ai.tool.message", content=RESULT),
            event("gen_ai.choice", message=[{"text": "sunny"}], finish_reason="end_turn"),
        ],
    )

    assert briefly(found.told) == [
        ("user", "text", "weather?"),
        ("assistant", "tool_call", '{"city": "Rome"}'),
        ("tool", "tool_answer", "30"),
    ]
    assert [each.parts[0].id for each in found.told] == [None, "t1", "t1"]
    assert found.told[2].parts[0].notes == ["the tool says that it failed"]
    assert briefly(found.answered) == [("assistant", "text", "sunny")]
    assert found.answered[0].finish == "end_turn"


def test_strands_tells_what_was_asked_and_what_was_answered_in_an_event_each() -> None:
    """By the latest conventions; of a tool as well."""
    details = "gen_ai.client.inference.operation.details"
    asked = [{"role": "user", "parts": [{"type": "text", "content": "weather?"}]}]
    answered = [{"role": "assistant", "parts": [{"type": "text", "content": "sunny"}], "finish_reason": "end_turn"}]
    found = sources.read_model_call(
        {}, [event(details, **{"gen_ai.input.messages": asked}), event(details, **{"gen_ai.output.messages": answered})]
    )
    assert briefly(found.told) == [("user", "text", "weather?")]
    assert briefly(found.answered) == [("assistant", "text", "sunny")]

    called = [{"type": "tool_call", "name": "weather", "id": "t1", "arguments": {"city": "Rome"}}]
    gave = [{"type": "tool_call_response", "id": "t1", "response": [{"text": "30"}]}]
    said = tools.add_events(
        {"gen_ai.tool.name": "weather"},
        [
            event(details, **{"gen_ai.input.messages": [{"role": "tool", "parts": called}]}),
            event(details, **{"gen_ai.output.messages": [{"role": "tool", "parts": gave}]}),
        ],
    )
    assert tools.find_call_id(said) == "t1"
    told, answer = tools.read_tool_messages(said, "weather")
    assert briefly(told) == [("assistant", "tool_call", '{"city": "Rome"}')]
    assert briefly(answer) == [("tool", "tool_answer", "30")]


def test_images_in_strands_events_are_placeholders() -> None:
    """Whether they came with their bytes or without."""
    bare = [{"image": {"format": "png", "source": {"bytes": "<replaced>"}}}]
    found = sources.read_model_call(
        {}, [event("gen_ai.user.message", content=PICTURE), event("gen_ai.user.message", content=bare)]
    )
    images = [part for each in found.told for part in each.parts if part.kind == "image"]

    assert briefly(found.told)[0] == ("user", "text", "see")
    assert [(each.media_type, each.size, each.text) for each in images] == [
        ("image/png", 330, None),
        ("image/png", None, None),
    ]


def test_text_that_only_looks_like_pieces_stays_text() -> None:
    """A person may paste a list of JSON."""
    pasted = '[{"text": "a", "label": "b"}, {"text": "c", "label": "d"}]'
    (said,) = sources.read_model_call({}, [event("gen_ai.user.message", content=pasted)]).told

    assert briefly([said]) == [("user", "text", pasted)]


def test_a_tools_events_tell_its_arguments_and_its_result() -> None:
    """On the span of Strands' tools there are no attributes for them; an attribute wins."""
    events = [
        event("gen_ai.tool.message", role="tool", content='{"city": "Rome"}', id="t1"),
        event("gen_ai.choice", message=[{"text": "30"}], id="t1"),
    ]
    asked, answered = tools.read_tool_messages(tools.add_events({}, events), "weather")

    assert briefly(asked) == [("assistant", "tool_call", '{"city": "Rome"}')]
    assert briefly(answered) == [("tool", "tool_answer", "30")]
    assert (asked[0].parts[0].id, answered[0].parts[0].id) == ("t1", "t1")
    assert tools.add_events({"gen_ai.tool.call.id": "x"}, events)["gen_ai.tool.call.id"] == "x"


def test_adk_tells_the_request_and_the_response_of_gemini() -> None:
    """With the system's text among the settings."""
    request = {
        "model": "gemini",
        "config": {"system_instruction": "You coordinate"},
        "contents": [{"role": "user", "parts": [{"text": "book a flight"}]}],
    }
    call = {"function_call": {"id": "f1", "name": "book", "args": {"to": "Rome"}}}
    response = {"content": {"role": "model", "parts": [call]}, "usage_metadata": {}, "finish_reason": "STOP"}
    found = sources.read_model_call(
        {
            "gcp.vertex.agent.llm_request": json.dumps(request),
            "gcp.vertex.agent.llm_response": json.dumps(response),
        }
    )

    assert briefly(found.told) == [("system", "text", "You coordinate"), ("user", "text", "book a flight")]
    assert briefly(found.answered) == [("assistant", "tool_call", '{"to": "Rome"}')]
    assert found.answered[0].finish == "STOP"


def test_adk_tells_arguments_and_responses_of_tools() -> None:
    """In attributes of its own."""
    told = {"gcp.vertex.agent.tool_call_args": '{"to": "Rome"}', "gcp.vertex.agent.tool_response": '{"ok": true}'}
    asked, answered = tools.read_tool_messages(told, "book")

    assert (asked[0].parts[0].text, answered[0].parts[0].text) == ('{"to": "Rome"}', '{"ok": true}')


def test_langsmiths_retriever_tells_its_query_and_documents() -> None:
    """Where calls of models have their messages."""
    told = {
        "gen_ai.prompt": '{"query": "rain"}',
        "gen_ai.completion": '{"documents": [{"page_content": "doc one"}]}',
    }
    asked, answered = tools.read_tool_messages(told, "retriever")

    assert asked[0].parts[0].text == '{"query": "rain"}'
    assert "doc one" in (answered[0].parts[0].text or "")


def test_azures_events_hold_the_message_as_json() -> None:
    """Its text lies one step deeper."""
    said = [
        event("gen_ai.system.message", **{"gen_ai.event.content": '{"content": "You help"}'}),
        event("gen_ai.user.message", **{"gen_ai.event.content": '{"content": "Hi", "role": "user"}'}),
        event(
            "gen_ai.assistant.message",
            **{"gen_ai.event.content": '{"content": {"text": {"value": "Hello"}}, "role": "assistant"}'},
        ),
    ]
    found = sources.read_model_call({}, said)

    assert briefly(found.told) == [
        ("system", "text", "You help"),
        ("user", "text", "Hi"),
        ("assistant", "text", "Hello"),
    ]


def test_a_reranker_tells_its_query_and_both_lists() -> None:
    """A value each."""
    told = {
        "reranker.query": "rain?",
        "reranker.input_documents.0.document.content": "first",
        "reranker.input_documents.1.document.content": "second",
        "reranker.output_documents.0.document.content": "second",
        "reranker.output_documents.0.document.score": 0.9,
    }
    asked, answered = tools.read_tool_messages(told, "rerank")

    given = json.loads(asked[0].parts[0].text or "")
    assert (given["query"], len(given["documents"])) == ("rain?", 2)
    assert json.loads(answered[0].parts[0].text or "") == [{"document": {"content": "second", "score": 0.9}}]


def test_what_is_read_is_loaded() -> None:
    """The store is asked for attributes of these names alone."""
    names = (
        "gcp.vertex.agent.llm_request",
        "gcp.vertex.agent.llm_response",
        "gcp.vertex.agent.tool_call_args",
        "gcp.vertex.agent.tool_response",
        "reranker.query",
        "reranker.input_documents.0.document.content",
    )
    assert all(sources.CONTENT.search(name) for name in names)
