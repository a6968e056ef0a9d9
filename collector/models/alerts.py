"""What fired, which rules look, who is told, and what operators keep silent."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import AwareDatetime, Field, model_validator

from collector.models.base import Model
from collector.models.overview import Severity

#: Seconds that a silence may last at most: a year.
SILENCE_LIMIT: Final = 366 * 86_400.0


class RuleState(StrEnum):
    """How a rule stands."""

    OK = "ok"
    PENDING = "pending"
    """It found something that has not lasted long enough yet."""
    FIRING = "firing"
    UNKNOWN = "unknown"
    """It could not look: the bus is away, or the question took too long."""
    OFF = "off"
    BAD = "bad"
    """It can't be understood; `error` says why."""


class Alert(Model):
    """Something that a rule found, from when it fired until it was well again.

    `about` says what it is about, such as a channel and a group; `view` and `params` say where the dashboard shows it.
    `value` and `threshold` are in `unit`: `seconds`, `share` (0 to 1), `count`, `usd`, or empty for a rule that
    measures nothing. `silenced_until` is set while nobody is told of it. `ended_as` says why it is over: `well`, or
    `rule gone` where nothing looks for it any more.
    """

    id: str
    rule: str
    kind: str
    severity: Severity
    title: str
    detail: str
    about: dict[str, str]
    value: float
    threshold: float | None = None
    unit: str = ""
    started_at: datetime
    resolved_at: datetime | None = None
    ended_as: str | None = None
    silence_id: str | None = None
    silenced_until: datetime | None = None
    view: str
    params: dict[str, str] = Field(default_factory=dict)


class AlertRule(Model):
    """A rule and how it stands. `filters` are patterns by what they filter; times are seconds. `window_seconds` is 0
    for a rule that looks at this moment alone. `by` is what calls of models are put together by; elsewhere empty."""

    name: str
    kind: str
    says: str
    """What it looks for, in words."""
    severity: Severity
    threshold: float | None = None
    unit: str = ""
    window_seconds: float
    for_seconds: float
    well_for_seconds: float
    filters: dict[str, list[str]] = Field(default_factory=dict)
    by: str = ""
    is_default: bool
    """Whether it is built in, and no file changes it."""
    state: RuleState
    firing: int = 0
    pending: int = 0
    evaluated_at: datetime | None = None
    took_ms: float | None = None
    error: str = ""


class Silence(Model):
    """Alerts of which nobody is told: all of a rule, or those about one thing."""

    id: str
    rule: str
    about: dict[str, str] | None = None
    operator: str
    reason: str
    made_at: datetime
    until: datetime


class WebhookState(Model):
    """Who is told, and whether that works. `place` is the host alone: an address may hold a secret."""

    name: str
    place: str
    severity: Severity
    """The least that it is told of."""
    waiting: int = 0
    """What it has not been told yet."""
    last_sent_at: datetime | None = None
    error: str = ""
    """Why the last attempt failed; empty where it did not."""


class AlertList(Model):
    """All about alerts. `items` is a page of what is over, newest first; the rest is as it is now."""

    firing: list[Alert]
    items: list[Alert]
    next: str | None = None
    rules: list[AlertRule]
    silences: list[Silence]
    webhooks: list[WebhookState]
    file: str = ""
    """The file of rules; empty where there is none."""
    file_error: str = ""
    """Why nothing of the file could be used; empty where it could."""


class SilenceRequest(Model):
    """What nobody shall be told of, for how long, who says so, and why: a whole `rule`, or what is about one thing
    (`about`, as its alert has it)."""

    rule: str = Field(min_length=1, max_length=200)
    about: dict[str, str] | None = None
    seconds: float | None = Field(default=None, gt=0, le=SILENCE_LIMIT)
    until: AwareDatetime | None = None
    operator: str = Field(default="", max_length=200)
    reason: str = Field(min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("say either seconds or until")
        return self


class UnsilenceRequest(Model):
    """A silence that shall end now, and who says so."""

    id: str = Field(min_length=1, max_length=200)
    operator: str = Field(default="", max_length=200)
