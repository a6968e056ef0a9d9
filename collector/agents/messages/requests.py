"""How a model was asked: parameters of the request, tools that it was offered, and why it ended its answer."""

from collections.abc import Mapping
from typing import Any, Final

from collector.agents.messages import flat_attributes
from collector.agents.messages.json_values import decode_json_value, text_of
from collector.models.conversations import OfferedTool

#: Where parameters are, each name after one of these.
_PARAMETERS: Final = (
    "gen_ai.request.",
    "gen_ai.openai.request.",
    "openai.request.",
    "llm.request.",
    "ai.settings.",
    "aws.bedrock.request.",
    "gen_ai.output.type",
    "gen_ai.seed",
)
#: Attributes that hold all of them, as a map or as JSON.
_MAPS: Final = (
    "llm.invocation_parameters",
    "langfuse.observation.model.parameters",
    "model_request_parameters",
    "invocation_params",
)

#: What is no parameter: the model has a place of its own, tools too.
_OTHER: Final = frozenset({"model", "type", "functions", "tools", "messages", "input", "prompt", "function_tools"})

_TOOLS: Final = (
    "gen_ai.tool.definitions",
    "gen_ai.request.tools",
    "gen_ai_tool_definitions",
    "ai.prompt.tools",
    "tools",
    "langfuse.observation.tools",
)
_LISTED: Final = ("llm.tools.", "llm.request.functions.", "gen_ai.request.functions.")

#: Values of a parameter that say nothing.
_EMPTY: Final[tuple[Any, ...]] = (None, "", "null", [], {})


def read_parameters(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters of a request by name; those that a convention has a name for first."""
    told: dict[str, Any] = {}
    for name, value in attributes.items():
        prefix = next((each for each in _PARAMETERS if name.startswith(each)), None)
        if prefix is None or value in _EMPTY:
            continue
        short = name[len(prefix) :] if prefix.endswith(".") else prefix.rpartition(".")[2]
        if short.partition(".")[0] not in _OTHER:
            told.setdefault(short, value)
    for name in _MAPS:
        held = decode_json_value(attributes.get(name)).value
        if isinstance(held, Mapping):
            for key, value in held.items():
                if key not in _OTHER and value not in _EMPTY:
                    told.setdefault(str(key), value)
    return told


def read_tools(attributes: Mapping[str, Any]) -> list[OfferedTool] | None:
    """Returns the tools that a model was offered; None where nobody tells of any."""
    found: list[Any] = []
    for name in _TOOLS:
        held = decode_json_value(attributes.get(name)).value
        found = held if isinstance(held, list) else []
        if found:
            break
    for prefix in _LISTED:
        found = found or flat_attributes.build_list(attributes, prefix)
    for name in _MAPS:
        held = decode_json_value(attributes.get(name)).value
        if not found and isinstance(held, Mapping):
            listed = held.get("tools") or held.get("function_tools") or held.get("functions")
            found = listed if isinstance(listed, list) else []
    return [_read_tool(each) for each in found] or None


def read_finish_reasons(attributes: Mapping[str, Any]) -> list[str]:
    """Returns why a model ended its answers, one for each."""
    for name in (
        "gen_ai.response.finish_reasons",
        "gen_ai.response.finish_reason",
        "llm.response.finish_reason",
        "llm.finish_reason",
        "ai.response.finishReason",
        "llm.response.stop_reason",
    ):
        told = decode_json_value(attributes.get(name)).value
        if isinstance(told, list):
            return [str(each) for each in told if each]
        if isinstance(told, str) and told:
            return [told]
    return []


def was_streamed(attributes: Mapping[str, Any]) -> bool | None:
    """Returns whether the answer came in parts; None where nobody tells."""
    for name in ("gen_ai.request.stream", "llm.is_streaming", "gen_ai.is_streaming"):
        told = attributes.get(name)
        if isinstance(told, bool):
            return told
        if isinstance(told, str) and told.lower() in ("true", "false"):
            return told.lower() == "true"
    held = decode_json_value(attributes.get("llm.invocation_parameters")).value
    told = held.get("stream") if isinstance(held, Mapping) else None
    return told if isinstance(told, bool) else None


def _read_tool(shape: Any) -> OfferedTool:
    told = decode_json_value(shape).value
    if isinstance(told, Mapping) and set(told) <= {"json_schema", "tool"}:
        told = decode_json_value(told.get("json_schema") or told.get("tool")).value
        told = (
            decode_json_value(told["json_schema"]).value
            if isinstance(told, Mapping) and set(told) == {"json_schema"}
            else told
        )
    if not isinstance(told, Mapping):
        return OfferedTool(name="", definition=text_of(told))
    function = told.get("function")
    inner = function if isinstance(function, Mapping) else told
    return OfferedTool(
        name=str(inner.get("name") or told.get("name") or told.get("type") or ""),
        description=str(inner.get("description") or ""),
        definition=text_of(told),
    )
