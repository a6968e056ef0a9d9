"""The decision table: which observation speaks for orchestration, which for choreography, and from when on. Data, and
what reads it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from collector.models.advice import Leaning, Verdict

#: Runs in which a step ended, below which nothing is advised: of nothing in thirty, at most one in nine is the truth.
LEAST: Final = 30
#: Share of runs in which a result is used below which nobody needs it, and from which on it is needed: both hold for
#: the whole 95 % interval.
SELDOM: Final = 0.12
MOSTLY: Final = 0.5
#: Agents below which plain orchestration does, and above which it stands in the way.
FEW_AGENTS: Final = 3
MANY_AGENTS: Final = 10
#: Milliseconds within which an answer can't wait for a coordinator.
QUICK_MS: Final = 100.0
#: Share of a run's time that it is worth to save.
WORTH: Final = 0.01


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many, with the 95 % interval of the share."""

    hits: int = 0
    n: int = 0
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class StepObservation:
    """What was observed of a step.

    Attributes:
        n: runs in which it ended.
        used: in how many of those that ended well a later step was given its result; of none where nobody tells.
        awaited: in how many of those a later step waited for it, given its result or not.
        sole: in how many of those it was the one step that nothing waited for: then what it returns is the run's.
        returned: in how many of those in which that is told it returned anything.
        failed: in how many it failed for good.
        alone: in how many it alone failed, and its run with it.
        undone: in how many it was undone.
        on_path: in how many the run's end waited for it.
        saved_ms: by how much half of the runs would end earlier at least if nobody waited for it.
        took_ms: how long half of the runs took at most.
        agents: how many agents work in runs of its workflow.
        has_own_agent: whether no other step of its workflow is its agent's.
        asked_ms: within what time an answer is asked for; None where nobody says.
    """

    n: int
    used: Proportion
    awaited: Proportion
    sole: Proportion
    returned: Proportion
    failed: Proportion
    alone: Proportion
    undone: Proportion
    on_path: Proportion
    saved_ms: float
    took_ms: float
    agents: int
    has_own_agent: bool
    asked_ms: float | None = None

    @property
    def has_no_result(self) -> bool:
        """Whether it never returned anything, as often as that has to be told of it."""
        return self.returned.n >= LEAST and self.returned.hits == 0

    @property
    def is_last(self) -> bool:
        """Whether next to nothing waits for it."""
        return self.awaited.n >= LEAST and self.awaited.high <= SELDOM

    @property
    def is_unused(self) -> bool:
        """Whether nobody needs it: nothing waits for it, and it returns nothing."""
        return self.is_last and self.has_no_result and not self.undone.hits

    @property
    def is_needed(self) -> bool:
        """Whether others wait for what it returns, or its run returns it; or what it did had to be undone."""
        if self.undone.hits:
            return True
        if self.has_no_result:
            return False
        return self.awaited.low >= MOSTLY or (self.sole.low >= MOSTLY and self.returned.low >= MOSTLY)

    @property
    def can_shorten_runs(self) -> bool:
        """Whether its runs would end earlier by something that is worth it if nobody waited for it."""
        return self.saved_ms > WORTH * self.took_ms


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its name, what it asks, and which way an answer leans."""

    name: str
    question: str
    leans: Callable[[StepObservation], Leaning]


def _weigh_sequence(of: StepObservation) -> Leaning:
    if of.is_needed:
        return Leaning.ORCHESTRATE
    return Leaning.CHOREOGRAPH if of.is_unused else Leaning.NEITHER


def _weigh_recovery(of: StepObservation) -> Leaning:
    if of.undone.hits:
        return Leaning.ORCHESTRATE
    if not of.failed.hits:
        return Leaning.NEITHER
    return Leaning.CHOREOGRAPH if of.is_unused and of.alone.hits else Leaning.ORCHESTRATE


def _weigh_path(of: StepObservation) -> Leaning:
    return Leaning.CHOREOGRAPH if of.can_shorten_runs and not of.is_needed else Leaning.NEITHER


def _weigh_scaling(of: StepObservation) -> Leaning:
    return Leaning.CHOREOGRAPH if of.has_own_agent and not of.is_needed else Leaning.NEITHER


def _weigh_agents(of: StepObservation) -> Leaning:
    if of.agents < FEW_AGENTS:
        return Leaning.ORCHESTRATE
    return Leaning.CHOREOGRAPH if of.agents > MANY_AGENTS else Leaning.NEITHER


def _weigh_latency(of: StepObservation) -> Leaning:
    if of.asked_ms is None:
        return Leaning.UNKNOWN
    is_asked = of.asked_ms < QUICK_MS or of.took_ms > of.asked_ms
    return Leaning.CHOREOGRAPH if is_asked and of.can_shorten_runs and not of.is_needed else Leaning.NEITHER


#: The table. What `decide_verdict` makes of it: the first row decides where it says anything, for what others wait for
#: can't be choreographed, whatever else speaks for it; the others say whether it pays.
TABLE: Final[Sequence[TableRow]] = (
    TableRow("sequence", "Does the sequence matter: is its result used, or waited for?", _weigh_sequence),
    TableRow("recovery", "Is recovery from its errors critical?", _weigh_recovery),
    TableRow("path", "Does the run's end wait for it?", _weigh_path),
    TableRow("scaling", "Could it scale by itself?", _weigh_scaling),
    TableRow("agents", "How many agents take part?", _weigh_agents),
    TableRow("latency", "Within what time is an answer asked for?", _weigh_latency),
)


def decide_verdict(of: StepObservation) -> Verdict:
    """Returns what a step should be, by the table."""
    if of.n < LEAST:
        return Verdict.TOO_FEW
    if of.is_needed:
        return Verdict.ORCHESTRATE
    if not of.is_unused:
        return Verdict.UNCLEAR
    pays = of.can_shorten_runs or of.alone.hits > 0
    return Verdict.ORCHESTRATE if of.agents < FEW_AGENTS and not pays else Verdict.CHOREOGRAPH


def explain_verdict(of: StepObservation) -> str:
    """Returns the reason for the verdict, in a sentence."""
    match decide_verdict(of):
        case Verdict.TOO_FEW:
            return f"it ended in {_runs_text(of.n)}, and nothing is advised of fewer than {LEAST}"
        case Verdict.ORCHESTRATE if of.undone.hits:
            return f"what it did had to be undone in {_runs_text(of.undone.hits)}: recovery is critical"
        case Verdict.ORCHESTRATE if not of.is_needed:
            return "nobody needs what it returns, but it costs nothing either, and so few agents need no events"
        case Verdict.ORCHESTRATE if of.used.low >= MOSTLY:
            return f"a later step uses its result in {_proportion_text(of.used)} runs that ended well"
        case Verdict.ORCHESTRATE if of.awaited.low >= MOSTLY:
            return f"later steps wait for it in {_proportion_text(of.awaited)} runs that ended well"
        case Verdict.ORCHESTRATE:
            return f"what it returns is what its run returns, in {_proportion_text(of.sole)} runs that ended well"
        case Verdict.CHOREOGRAPH:
            return f"nothing waits for it, and it returned nothing in {_runs_text(of.returned.n)}{_explain_gain(of)}"
        case _:
            return _explain_unclear(of)


def _explain_unclear(of: StepObservation) -> str:
    if of.has_no_result:
        return (
            f"it returns nothing, and later steps wait for it in {_proportion_text(of.awaited)} runs: it may be "
            "choreographed where "
            f"they may begin though it fails{_explain_gain(of)}"
        )
    if of.is_last and not of.returned.n:
        return "nothing waits for it; whether it returns anything to whoever starts the run, nobody tells"
    if of.is_last:
        return (
            f"no step waits for it, but it returns something in {_proportion_text(of.returned)} runs: it may be "
            "choreographed where "
            f"whoever starts the run does not read that{_explain_gain(of)}"
        )
    return f"a later step waits for it in {_proportion_text(of.awaited)} runs: that speaks for neither"


def _explain_gain(of: StepObservation) -> str:
    told = [f"half of its runs would end {of.saved_ms:,.3g} ms earlier or more"] if of.can_shorten_runs else []
    told += [f"it alone failed {_proportion_text(of.alone)} runs"] if of.alone.hits else []
    return f"; {', and '.join(told)}" if told else ""


def _runs_text(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _proportion_text(rate: Proportion) -> str:
    return f"{rate.hits:,} of {rate.n:,}"
