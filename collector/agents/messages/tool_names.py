"""Names of tools where an answer has none: it says which call it answers, and that says whom it calls."""

from collections.abc import Iterable, Sequence

from collector.models.conversations import Message


def collect_tool_names(messages: Iterable[Message]) -> dict[str, str]:
    """Returns the names of tools by the ids of their calls."""
    parts = (part for message in messages for part in message.parts)
    return {part.id: part.name for part in parts if part.kind == "tool_call" and part.id and part.name}


def add_tool_names(messages: Sequence[Message], names: dict[str, str]) -> list[Message]:
    """Returns messages in which each answer of a tool has its name, as far as that is told.

    Args:
        messages: what was said.
        names: of tools, by the ids of their calls.
    """
    return [_name_answers(message, names) if _has_unnamed_answer(message, names) else message for message in messages]


def _has_unnamed_answer(message: Message, names: dict[str, str]) -> bool:
    return any(part.kind == "tool_answer" and not part.name and part.id in names for part in message.parts)


def _name_answers(message: Message, names: dict[str, str]) -> Message:
    parts = [
        part.model_copy(update={"name": names[part.id]})
        if part.kind == "tool_answer" and not part.name and part.id in names
        else part
        for part in message.parts
    ]
    return message.model_copy(update={"parts": parts})
