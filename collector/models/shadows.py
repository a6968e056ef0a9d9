"""Steps beside their choreographed successors, read from the live bus."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.models.base import Model
from collector.models.steps import Accuracy

#: Who does a step: its own code; that, compared with its successor; or its successor alone.
StepMode = Literal["step", "shadow", "moved"]


class Difference(Model):
    """A field in which two results differ, and what each has there, as JSON without secrets."""

    field: str
    step: str
    successor: str


class Disagreement(Model):
    """A comparison that did not agree (`differences`), or whose successor failed (`error`), and the event that leads to
    its rows. `subject` is what the run is about."""

    at: datetime
    event_id: str
    node_id: str | None = None
    subject: str = ""
    differences: list[Difference] = Field(default_factory=list)
    error: str = ""


class StepSwitch(Model):
    """An operator has changed who does a step, or has had it be compared anew (`anew`)."""

    at: datetime
    mode: Literal["step", "shadow", "moved", "anew"]
    by: str
    reason: str = ""


class ShadowedStep(Model):
    """A step that has a successor (`group` of `channel`), and who does it (`mode`) since when, by whom and why.

    What is counted is of the `version` of the app that was declared last, since `counted_since`: `agreement` is the
    share of comparisons that agreed, with its interval; `coverage` the share of runs that could be compared and were.
    `failed` comparisons say nothing of agreement, `left_out` runs were not compared, and `waiting` ones will be;
    `outdated` are those of other versions. `last` and `switches` are the newest first; in a list few and none.
    """

    app: str
    workflow: str
    step: str
    mode: StepMode
    since: datetime | None = None
    by: str | None = None
    reason: str = ""
    channel: str
    group: str
    version: str = ""
    counted_since: datetime | None = None
    agreement: Accuracy
    coverage: float | None = None
    failed: int = 0
    left_out: int = 0
    waiting: int = 0
    outdated: int = 0
    last: list[Disagreement] = Field(default_factory=list)
    switches: list[StepSwitch] = Field(default_factory=list)


class ShadowList(Model):
    """All steps that have a successor, by app, workflow and name, as of `at`."""

    items: list[ShadowedStep]
    at: datetime


class SwitchRequest(Model):
    """Who is to do a step from now on, and who says so, and why, for the audit."""

    app: str = Field(min_length=1, max_length=128)
    workflow: str = Field(min_length=1, max_length=128)
    step: str = Field(min_length=1, max_length=128)
    mode: StepMode
    operator: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=1000)


class AnewRequest(Model):
    """Which step is to be compared anew, and who says so, and why, for the audit."""

    app: str = Field(min_length=1, max_length=128)
    workflow: str = Field(min_length=1, max_length=128)
    step: str = Field(min_length=1, max_length=128)
    operator: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=1000)


class SwitchAnswer(Model):
    """A step as it is now; `changed` where it had another mode before."""

    step: ShadowedStep
    changed: bool
