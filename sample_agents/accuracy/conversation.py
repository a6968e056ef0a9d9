"""What a call puts before its model, in each of the two shapes. Pure."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from sample_agents.accuracy.dossier import UNKNOWN, Dossier, question

INSTRUCTION: Final = f"Answer with the value alone, as it is written. If nothing says it, answer {UNKNOWN}."


class Shape(StrEnum):
    """How context reaches an agent."""

    EVERYTHING = "everything"
    """All documents, questions and answers so far travel along: one prompt that grows."""
    KEYS = "keys"
    """An agent sees the answer before, which it names, and its own document."""


class Message(BaseModel):
    """One turn of a conversation. `role` is `system`, `user` or `assistant`."""

    model_config = ConfigDict(frozen=True)

    role: str
    content: str


Messages = tuple[Message, ...]

START: Final[Messages] = (Message(role="system", content=INSTRUCTION),)


def add_question(before: Messages, dossier: Dossier, call: int, of: str) -> Messages:
    """The messages of a call.

    Args:
        before: what travels along; `START` where nothing does.
        dossier: holds the call's document.
        call: from 1.
        of: what the question is about.
    """
    content = f"{dossier.document(call)}\n{question(call, of)}"
    return (*before, Message(role="user", content=content))


def add_answer(messages: Messages, answer: str) -> Messages:
    """The conversation with its answer."""
    return (*messages, Message(role="assistant", content=answer))


def clean_answer(text: str) -> str:
    """An answer without what models put around a value."""
    lines = text.strip().splitlines()
    return lines[-1].strip().strip("*`\"'").removesuffix(".").strip() if lines else ""
