"""Pieces of messages: none is blank, and none is told as what it is not."""

import base64
import json
from typing import Any

import pytest

from collector.agents.messages import tools
from collector.agents.messages.message import read_messages
from collector.agents.messages.parts import read_parts, tool_call_part
from collector.agents.messages.requests import read_finish_reasons, read_parameters, read_tools, was_streamed
from collector.models.conversations import Part

PIXELS = base64.b64encode(bytes(3_000)).decode()


def only(content: Any) -> Part:
    """The one part of a message's content."""
    (part,) = read_parts(content)
    return part


def test_a_list_of_texts_is_text() -> None:
    """A blank turn elsewhere."""
    assert [part.text for part in read_parts(["one", "two"])] == ["one", "two"]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXELS}"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXELS}},
        {"type": "blob", "mime_type": "image/png", "modality": "image", "content": PIXELS},
        {"type": "image", "image": f"data:image/png;base64,{PIXELS}"},
        {"type": "file", "mediaType": "image/png", "data": PIXELS},
        {"inlineData": {"mimeType": "image/png", "data": PIXELS}},
        {"image": {"format": "png", "source": {"bytes": PIXELS}}},
        f"data:image/png;base64,{PIXELS}",
    ],
)
def test_an_image_is_a_placeholder(content: Any) -> None:
    """With its type and size, and nothing of what is encoded."""
    part = only(content)

    assert (part.kind, part.media_type, part.size, part.text) == ("image", "image/png", 3_000, None)


@pytest.mark.parametrize("as_piece", [False, True])
def test_an_image_within_words_is_a_placeholder_between_them(*, as_piece: bool) -> None:
    """As Markdown has them; the words stay, and so does an address that is too short to be a file."""
    text = f"Look: ![a](data:image/png;base64,{PIXELS}) and data:text/plain;base64,aGk= too"
    parts = read_parts([{"type": "text", "text": text}] if as_piece else text)

    assert [(part.kind, part.text) for part in parts] == [
        ("text", "Look: ![a]("),
        ("image", None),
        ("text", ") and data:text/plain;base64,aGk= too"),
    ]
    assert (parts[1].media_type, parts[1].size) == ("image/png", 3_000)


def test_a_file_elsewhere_is_told_by_its_address() -> None:
    """Nothing is fetched."""
    part = only({"type": "uri", "modality": "image", "mime_type": "image/jpeg", "uri": "https://x.test/a.jpg"})

    assert (part.kind, part.media_type, part.uri) == ("image", "image/jpeg", "https://x.test/a.jpg")
    assert only({"type": "file", "file": {"file_id": "f-1"}}).uri == "f-1"


@pytest.mark.parametrize(
    ("arguments", "text", "notes"),
    [
        ({"a": 1}, '{"a": 1}', []),
        ('{"a": 1}', '{"a": 1}', []),
        (json.dumps('{"a": 1}'), '{"a": 1}', []),
        ('{"a": 1', '{"a": 1}', ["cut by the sender"]),
        ("{'a': 1}", "{'a': 1}", ["no valid JSON"]),
        ("plain", "plain", []),
        (None, None, []),
    ],
)
def test_arguments_are_told_however_they_were_encoded(arguments: Any, text: str | None, notes: list[str]) -> None:
    """As a structure, as text, as text twice, cut, or broken."""
    part = tool_call_part({"id": "c", "function": {"name": "f", "arguments": arguments}})

    assert (part.name, part.text, part.notes) == ("f", text, notes)


@pytest.mark.parametrize("key", ["response", "result"])
def test_a_tools_answer_has_either_key(key: str) -> None:
    """Both were in the specification."""
    part = only({"type": "tool_call_response", "id": "c", key: {"t": 21}})

    assert (part.kind, part.id, part.text, part.json_text) == ("tool_answer", "c", '{"t": 21}', True)


def test_thoughts_are_apart_and_opaque_ones_are_redacted() -> None:
    """What is encrypted is never told."""
    kept = only({"type": "thinking", "thinking": "hm", "signature": "secret-looking"})
    redacted = only({"type": "redacted_thinking", "data": "xxxx"})

    assert (kept.kind, kept.text, kept.redacted) == ("reasoning", "hm", False)
    assert (redacted.kind, redacted.text, redacted.redacted) == ("reasoning", None, True)
    assert only({"type": "reasoning", "summary": [], "encrypted_content": "xxxx"}).redacted


def test_a_refusal_is_told() -> None:
    """In a part or beside the content."""
    assert only({"type": "refusal", "refusal": "no"}).kind == "refusal"
    (message,) = read_messages([{"role": "assistant", "content": None, "refusal": "no"}], "assistant")
    assert [(part.kind, part.text) for part in message.parts] == [("refusal", "no")]


def test_what_no_convention_explains_is_told_as_it_came() -> None:
    """Without what is encoded in it."""
    part = only({"type": "hologram", "depth": 3, "pixels": f"data:image/png;base64,{PIXELS}"})

    assert part.kind == "raw"
    assert json.loads(part.text or "") == {"type": "hologram", "depth": 3, "pixels": "[3,000 bytes, encoded]"}


@pytest.mark.parametrize(
    ("role", "means"), [("Human", "user"), ("AI", "assistant"), ("model", "assistant"), ("developer", "system")]
)
def test_roles_have_other_names(role: str, means: str) -> None:
    """Across frameworks."""
    assert read_messages([{"role": role, "content": "x"}], "user")[0].role == means


def test_items_of_openais_responses_are_messages() -> None:
    """Calls and their answers stand beside messages there."""
    found = read_messages(
        [
            {"role": "user", "content": [{"type": "input_text", "text": "Rain?"}]},
            {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "No."}]},
        ],
        "user",
    )

    assert [(each.role, each.parts[0].kind, each.parts[0].id) for each in found] == [
        ("user", "text", None),
        ("assistant", "tool_call", "c1"),
        ("tool", "tool_answer", "c1"),
        ("assistant", "text", None),
    ]


def test_answers_of_anthropics_tools_are_answers() -> None:
    """They come in a message of the user."""
    (message,) = read_messages(
        [
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c1",
                        "is_error": True,
                        "content": [{"type": "text", "text": "x"}],
                    }
                ],
            }
        ],
        "user",
    )

    (part,) = message.parts
    assert (part.kind, part.id, part.text, part.notes) == ("tool_answer", "c1", "x", ["the tool says that it failed"])


def test_a_candidate_of_gemini_is_an_answer() -> None:
    """Its message lies within its content."""
    (message,) = read_messages(
        {
            "candidates": [
                {"content": {"role": "model", "parts": [{"text": "No."}]}, "finishReason": "STOP", "index": 0}
            ]
        },
        "assistant",
    )

    assert (message.role, message.parts[0].text, message.finish) == ("assistant", "No.", "STOP")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (7, ["7"]),
        (True, ["true"]),
        ([[]], []),
        ({"a": {"b": None}}, ['{"a": {"b": null}}']),
        ("[" * 5_000, ["[" * 5_000]),
        ('{"role": 5, "content": {"x": []}}', ['{"x": []}']),
        ([None, 3], ["3"]),
    ],
)
def test_nonsense_is_told_as_it_came(value: Any, told: list[str]) -> None:
    """And breaks nothing."""
    assert [part.text for message in read_messages(value, "user") for part in message.parts] == told


def test_halves_of_characters_are_replaced() -> None:
    """JSON can name them, and no answer could be written with them."""
    text = '[{"role": "user", "content": "a \\ud800 b \\ud83d\\ude00"}]'
    for told in (text, text[:-3]):
        (message,) = read_messages(told, "user")
        assert (message.parts[0].text or "").startswith("a \ufffd b \U0001f600")
        assert message.model_dump_json()


def test_a_tools_span_tells_of_its_call() -> None:
    """Unwrapped, with the id of the call."""
    attributes = {
        "input.value": "{'city': 'Bern'}",
        "output.value": json.dumps({"output": {"kwargs": {"content": "rain", "tool_call_id": "c9"}, "lc": 1}}),
    }
    asked, answered = tools.read_tool_messages(attributes, "weather")

    assert tools.find_call_id(attributes) == "c9"
    assert (asked[0].parts[0].name, asked[0].parts[0].text) == ("weather", "{'city': 'Bern'}")
    assert (answered[0].parts[0].text, answered[0].parts[0].id) == ("rain", "c9")


def test_how_a_model_was_asked_is_told() -> None:
    """Parameters by name, tools with their definitions."""
    attributes = {
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.top_k": "",
        "llm.invocation_parameters": '{"max_tokens": 5, "stream": true, "tools": [{"type": "function"}]}',
        "llm.tools.0.tool.json_schema": '{"type": "function", "function": {"name": "f", "description": "d"}}',
        "gen_ai.response.finish_reasons": ["length"],
    }
    (tool,) = read_tools(attributes) or []

    assert read_parameters(attributes) == {"temperature": 0.2, "max_tokens": 5, "stream": True}
    assert (tool.name, tool.description) == ("f", "d")
    assert read_tools({}) is None
    assert was_streamed(attributes)
    assert read_finish_reasons(attributes) == ["length"]
