"""How a step with a choreographed successor stands, as a backend keeps it."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from runtime.proportion import wilson_interval
from runtime.shadows.comparison import Difference
from runtime.vocabulary import ShadowVerdict

#: Who does the work of a step: `step`, it alone; `shadow`, it, and its successor beside it, whose result is compared
#: and dropped; `moved`, its successor alone.
Mode = Literal["step", "shadow", "moved"]


@dataclass(frozen=True, slots=True, order=True)
class StepAddress:
    """Which step of which app it is about."""

    app: str
    workflow: str
    step: str

    @property
    def word(self) -> str:
        """It as part of a key: no name has a bar."""
        return f"{self.app}|{self.workflow}|{self.step}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Share of comparisons that agreed, with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison. `delivery`, the successor's, makes it count once.

    Attributes:
        verdict: how it went.
        version: of the app whose code compared.
        node: of the step.
        event: that the successor was given.
        correlation: of both.
        subject: what the run is about.
        differences: where the two differ.
        error: why the successor failed, in words; empty where it did not.
    """

    delivery: UUID
    verdict: ShadowVerdict
    version: str
    node: UUID | None
    event: UUID
    correlation: UUID
    subject: str = ""
    differences: tuple[Difference, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A comparison that did not agree, and when it was made."""

    at_ms: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ModeSwitch:
    """An operator has changed who does a step."""

    at_ms: int
    mode: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShadowRecord:
    """A step as it stands. What is counted is of the version of the app that was declared last.

    Attributes:
        place: the step.
        mode: who does it now.
        since_ms: since when; None where nobody has ever changed it.
        by, reason: who has changed it last, and why.
        channel, group: where its successor listens.
        version: of the app.
        counted_ms: since when it is counted.
        agreed, disagreed, failed: comparisons by how they went; those that failed say nothing of agreement.
        left_out: runs of the sample that were not compared, because too many comparisons waited.
        waiting: comparisons that are due or under way.
        outdated: comparisons of other versions, which don't count.
        last: what did not agree, the newest first.
        switches: what operators did, the newest first.
    """

    place: StepAddress
    mode: Mode
    since_ms: int | None
    by: str
    reason: str
    channel: str
    group: str
    version: str
    counted_ms: int | None
    agreed: int
    disagreed: int
    failed: int
    left_out: int
    waiting: int
    outdated: int
    last: tuple[Disagreement, ...] = field(default=())
    switches: tuple[ModeSwitch, ...] = field(default=())

    @property
    def compared(self) -> int:
        """Results that were compared with one another."""
        return self.agreed + self.disagreed

    @property
    def coverage(self) -> float | None:
        """Share of the sample's runs that were compared; None where there were none."""
        known = self.compared + self.failed + self.left_out + self.waiting
        return self.compared / known if known else None

    @property
    def agreement(self) -> Agreement | None:
        """How often the two agreed; None where nothing was compared."""
        return build_agreement(self.agreed, self.compared)


def build_agreement(agreed: int, compared: int) -> Agreement | None:
    """A share with its interval; None where nothing was compared."""
    return Agreement(agreed / compared, *wilson_interval(agreed, compared)) if compared else None
