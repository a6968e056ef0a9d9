"""What all answers share: their base, pages, errors, windows of time, and how a node stands."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")

#: What the API promises: within one version fields, parameters and routes join, none leave or change their meaning.
API_VERSION: Final = "1"

#: Longest name that is taken: a longer one does not fit into the line of a request.
NAME_LIMIT: Final = 20_000


class Model(BaseModel):
    """Base of all answers: immutable, and forgiving towards fields of a newer collector."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Model, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after it, or None."""

    items: list[Item]
    next: str | None = None


class ErrorBody(Model):
    """What went wrong: a stable code, a sentence, and what to do about it."""

    code: str
    message: str
    hint: str = ""


class ErrorAnswer(Model):
    """The body of every answer that is not a success."""

    error: ErrorBody


class NodeStatus(StrEnum):
    """How a node stands; one vocabulary for all kinds, so that one palette colours them."""

    OK = "ok"
    RUNNING = "running"
    RETRYING = "retrying"
    """Its last attempt failed, was lost or was cut off, and another is due."""
    LOST = "lost"
    """Of an attempt alone: its worker is gone, and nobody knows how it would have ended."""
    FAILED = "failed"
    DEAD = "dead"
    """A delivery that gave up, or a dead letter that still waits for somebody."""
    REPLAYED = "replayed"
    """A dead letter that was sent again."""
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    """A run that somebody ended; of work: cut off, because its run ended or its worker was told to stop."""
    SKIPPED = "skipped"
    """A step whose condition said that it was not to be done."""
    MOVED = "moved"
    """A step that its choreographed successor does."""
    DUPLICATE = "duplicate"
    UNDOING = "undoing"
    """A run whose steps with an undo are being undone, before it ends."""
    EXPIRED = "expired"
    """A delivery whose event was of no use any more before anything had come of it."""
    WAITING = "waiting"
    """For a person: it asked, and goes on with the answer."""
    UNKNOWN = "unknown"
    """Named by others, or only partly recorded."""


class Window(Model):
    """The time range that an answer covers. `fallback` is true when the range asked for was empty and the latest range
    of the same length that holds data was taken instead."""

    start: datetime
    end: datetime
    fallback: bool = False
