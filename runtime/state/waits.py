"""What steps wait for, and the answers."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wait:
    """What a step waits for.

    Attributes:
        name: of the wait; `key` tells apart several of one name within a run.
        timeout_ms: after which nobody is waited for any more; None for no limit.
        schema: JSON Schema of the answer.
    """

    name: str
    key: str = ""
    timeout_ms: int | None = None
    schema: str = "{}"

    @property
    def member(self) -> str:
        """The wait in one word, as stores keep it."""
        return wait_member(self.name, self.key)


@dataclass(frozen=True, slots=True)
class WaitState:
    """How a wait stands for the attempt that asks: answered with `value` (JSON) by somebody; over, because its time was
    up; waiting, so that this attempt is over; taken by another step, which `by` names; or stale. `node` is the step or
    delivery that has sent the answer, where one has."""

    status: Literal["answered", "over", "waiting", "taken", "stale"]
    value: str = ""
    by: str = ""
    at_ms: int = 0
    node: UUID | None = None


@dataclass(frozen=True, slots=True)
class AnswerSender:
    """The step or delivery whose code sends an answer.

    Attributes:
        node: its id; it is a cause of whoever goes on with the answer.
        answer: id of the answer, the same in every attempt: one that is repeated finds that it was taken.
    """

    node: UUID
    answer: UUID


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """What became of an answer: taken; too late, because another was first (by whom, and when) or its time was up; or
    in vain, as its run has ended (`by` is the run's status) or is not there."""

    status: Literal["taken", "answered", "over", "ended", "missing"]
    by: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class OpenWait:
    """What a run waits for now; times are ms since 1970 (UTC)."""

    name: str
    key: str
    step: str
    since_ms: int
    ends_ms: int | None
    schema: str


def wait_member(name: str, key: str) -> str:
    """A wait in one word."""
    return f"{name}|{key}"


def parse_wait_member(member: str) -> tuple[str, str]:
    """The name and the key of a wait in one word."""
    name, _, key = member.partition("|")
    return name, key
