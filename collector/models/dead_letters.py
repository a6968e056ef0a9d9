"""Dead letters, and what operators do with them."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import ConfigDict, Field, model_validator

from collector.models.base import NAME_LIMIT, Model

#: Letters that one request settles at most.
LETTERS_LIMIT: Final = 1_000

#: Letters with a text that are counted at most; the bus has no index of texts.
REMAINING_LIMIT: Final = 10_000


class DeadLetterState(StrEnum):
    """What became of a dead letter."""

    DEAD = "dead"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class AttemptError(Model):
    """What one attempt of a dead delivery said. `outcome` is `lost` where its worker is gone, `cancelled` where that
    was told to stop, else empty."""

    attempt: int
    round: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str = ""
    error_type: str = ""
    message: str = ""
    traceback: str = ""
    outcome: str = ""
    trace_id: str | None = None
    span_id: str | None = None


class DeadLetter(Model):
    """A delivery that gave up, read from the live bus. `attempts` counts those of its round; `error` is the last one's
    type and message, or says why it gave up without one. Once settled: who, when, `why` they discarded it, and how the
    replay ended (`pending`, `ok` or `dead`)."""

    id: str
    channel: str
    group: str
    event_id: str
    round: int
    reason: str
    error: str
    attempts: int
    dead_at: datetime
    state: DeadLetterState
    subject: str | None = None
    delivery_id: str | None = None
    correlation_id: str | None = None
    replay_id: str | None = None
    settled_at: datetime | None = None
    operator: str | None = None
    replay_outcome: str | None = None
    why: str | None = None


class DeadLetterDetail(DeadLetter):
    """A dead letter whole: the envelope as JSON text, and every attempt's error, earlier rounds first."""

    envelope: str
    payload: str | None = None
    history: list[AttemptError] = Field(default_factory=list)


class DeadLetterGroup(Model):
    """How many letters of one reason a group has."""

    channel: str
    group: str
    reason: str
    count: int
    oldest: datetime | None = None


class DeadLetterSummary(Model):
    """The backlog of dead letters by channel, group and reason, as it is at a moment; letters of all time."""

    items: list[DeadLetterGroup]
    total: int
    at: datetime | None = None


class LetterFilter(Model):
    """Which of the waiting dead letters: the same filters as of their list; without any, all of them. An unknown field
    is refused, because ignoring it would match more letters than were meant."""

    model_config = ConfigDict(extra="forbid")

    channel: str | None = Field(default=None, max_length=NAME_LIMIT)
    group: str | None = Field(default=None, max_length=NAME_LIMIT)
    reason: str | None = Field(default=None, max_length=NAME_LIMIT)
    q: str | None = Field(default=None, max_length=500)


class ReplayRequest(Model):
    """Dead letters to send again, and who says so. Only the group that failed receives them.

    Either `ids` names them, or all that match `filter` are sent, the newest first and at most `most` in one request.
    """

    ids: list[str] | None = Field(default=None, min_length=1, max_length=LETTERS_LIMIT)
    filter: LetterFilter | None = None
    most: int = Field(default=LETTERS_LIMIT, ge=1, le=LETTERS_LIMIT)
    operator: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("say either ids or filter")
        return self


class DiscardRequest(Model):
    """Dead letters to give up on, who says so, and why."""

    ids: list[str] = Field(min_length=1, max_length=LETTERS_LIMIT)
    operator: str = Field(default="", max_length=200)
    reason: str = Field(min_length=1, max_length=1000)


class Settlement(Model):
    """What became of one letter of a request. `status` is `replayed`, `discarded`, `already_settled` (a second click
    does nothing), `group_retired` (nobody would process it: it can be read and discarded) or `not_found`."""

    dead_letter_id: str
    status: str
    replay_id: str | None = None
    delivery_id: str | None = None


class SettlementAnswer(Model):
    """What became of each letter: in the order of the ids, or newest first for a filter. `remaining` counts the letters
    that still match the filter, with a text up to `REMAINING_LIMIT`; it is None where ids were given."""

    items: list[Settlement]
    remaining: int | None = None


class AuditEntry(Model):
    """One thing that an operator did: `replay` or `discard` to a dead letter, `retire` to a group, `cancel`, `resume`,
    `undo` or `answer` to a run of an app, `pause_schedule`, `unpause_schedule`, `run_schedule` or `remove_schedule` to
    a schedule, `raise_budget` or `cancel_budget` to a budget (`budget` in words), `open_breaker`, `hold_breaker` or
    `close_breaker` to a breaker, `move_step`, `shadow_step`, `keep_step` or `compare_anew` to a step that has a
    successor, `silence` or `unsilence` to alerts of a rule. What it is not about is empty."""

    at: datetime
    action: str
    channel: str = ""
    group: str = ""
    dead_letter_id: str | None = None
    event_id: str | None = None
    operator: str
    reason: str = ""
    app: str = ""
    workflow: str = ""
    run_id: str | None = None
    schedule: str = ""
    budget_id: str | None = None
    budget: str = ""
    breaker: str = ""
    step: str = ""
    rule: str = ""
