"""From runs that have ended to what was observed of each step, with the runs that show it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from collector.questions import critical_path
from collector.questions.accuracy import compute_accuracy
from collector.questions.decision_table import Proportion, StepObservation
from collector.questions.observed_runs import ObservedRun, ObservedStep


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """A step, what was observed of it, and by row of the decision table some of the runs that show it."""

    name: str
    agent: str
    seen: StepObservation
    runs: Mapping[str, Sequence[str]]
    worked_ms: float


#: Runs that are named for a row.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _StepInRun:
    """One run, as far as one step is concerned; `held` are the step's nodes."""

    run: ObservedRun
    held: Sequence[ObservedStep]
    on_path: bool
    saved_ms: float

    @property
    def ids(self) -> set[str]:
        """Ids of its nodes."""
        return {step.id for step in self.held}

    @property
    def has_failed(self) -> bool:
        """Whether it failed for good."""
        return self.run.failed_step == self.held[0].name or any(step.failed for step in self.held)

    @property
    def has_failed_alone(self) -> bool:
        """Whether nothing else failed, and the run did."""
        return (
            self.run.failed
            and self.has_failed
            and not any(step.failed for step in self.run.steps if step.name != self.held[0].name)
        )

    @property
    def followers(self) -> list[ObservedStep]:
        """What waited for it, of other steps."""
        ids, name = self.ids, self.held[0].name
        return [step for step in self.run.steps if step.name != name and not ids.isdisjoint(step.causes)]

    @property
    def is_used(self) -> bool | None:
        """Whether a later step was given its result; None where nobody tells of any."""
        told = [name for step in self.followers if (name := step.reads) is not None]
        if any(self.held[0].name in names for names in told):
            return True
        return None if any(step.reads is None for step in self.run.steps) else False

    @property
    def is_sole(self) -> bool:
        """Whether it is the one step that nothing waits for. What was moved yields nothing that its run returns."""
        here = [step for step in self.run.steps if not step.moved]
        awaited = {cause for step in here for cause in step.causes}
        last = {step.name for step in here if step.id not in awaited}
        return last == {self.held[0].name}

    @property
    def has_returned(self) -> bool | None:
        """Whether it returned anything; None where nobody tells."""
        told = [step.returned for step in self.held if step.returned is not None]
        return any(told) if told else None


def collect_evidence(
    runs: Sequence[ObservedRun], asked_ms: float | None = None, undone: Mapping[str, frozenset[str]] | None = None
) -> list[StepEvidence]:
    """Returns what was observed of each step of a workflow.

    Args:
        runs: of that workflow, the newest first.
        asked_ms: within how many milliseconds an answer is asked for.
        undone: by step the ids of the runs in which it was undone.
    """
    by_step: dict[str, list[_StepInRun]] = defaultdict(list)
    for run in runs:
        on_path = set(critical_path.find_critical_path(run))
        for name, held in _group_by_name(run).items():
            ids = {step.id for step in held}
            by_step[name].append(
                _StepInRun(run, held, not on_path.isdisjoint(ids), critical_path.compute_saved_ms(run, ids))
            )
    agents: dict[str, set[str]] = defaultdict(set)
    for name, seen in by_step.items():
        for each in seen:
            agents[name].update(step.agent for step in each.held if step.agent)
    return [
        _build_evidence(name, seen, agents, asked_ms, (undone or {}).get(name, frozenset()))
        for name, seen in by_step.items()
    ]


def _group_by_name(run: ObservedRun) -> dict[str, list[ObservedStep]]:
    found: dict[str, list[ObservedStep]] = defaultdict(list)
    for step in run.steps:
        if step.has_ended:
            found[step.name].append(step)
    return found


def _build_evidence(
    name: str,
    seen: Sequence[_StepInRun],
    agents: Mapping[str, set[str]],
    asked_ms: float | None,
    undone: frozenset[str],
) -> StepEvidence:
    well = [each for each in seen if not each.run.failed]
    others = set().union(*(agents[each] for each in agents if each != name))
    rates = {
        "used": _build_proportion(well, lambda each: each.is_used),
        "awaited": _build_proportion(well, lambda each: bool(each.followers)),
        "sole": _build_proportion(well, lambda each: each.is_sole),
        "returned": _build_proportion(seen, lambda each: each.has_returned),
        "failed": _build_proportion(seen, lambda each: each.has_failed),
        "alone": _build_proportion(seen, lambda each: each.has_failed_alone),
        "undone": _build_proportion(seen, lambda each: each.run.id in undone),
        "on_path": _build_proportion(seen, lambda each: each.on_path),
    }
    observed = StepObservation(
        n=len(seen),
        saved_ms=median(each.saved_ms for each in seen),
        took_ms=median(each.run.took_ms for each in seen),
        agents=len(others | agents[name]),
        has_own_agent=bool(agents[name]) and agents[name].isdisjoint(others),
        asked_ms=asked_ms,
        **rates,
    )
    shown = {
        "sequence": _select_runs(well, lambda each: bool(each.followers)),
        "recovery": _select_runs(seen, lambda each: each.has_failed),
        "path": _select_runs(seen, lambda each: each.on_path),
    }
    worked = sum((step.end_ns or step.start_ns) - step.start_ns for each in seen for step in each.held) / 1e6
    return StepEvidence(name, seen[0].held[0].agent, observed, shown, worked)


def _build_proportion(seen: Iterable[_StepInRun], holds: Callable[[_StepInRun], bool | None]) -> Proportion:
    told = [said for each in seen if (said := holds(each)) is not None]
    share = compute_accuracy(sum(told), len(told))
    return Proportion(
        sum(told), len(told), share.low if share.low is not None else 0.0, share.high if share.high is not None else 1.0
    )


def _select_runs(seen: Sequence[_StepInRun], holds: Callable[[_StepInRun], bool]) -> list[str]:
    """Returns some runs that show it; where none does, some that show that it is not so."""
    found = [each.run.id for each in seen if holds(each)]
    return (found or [each.run.id for each in seen])[:_SHOWN]
