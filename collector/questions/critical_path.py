"""What a run's end waited for, and how much earlier it would have come without one of its steps. Pure."""

from collections.abc import Collection, Iterable, Mapping

from collector.questions.observed_runs import ObservedRun, ObservedStep


def find_critical_path(run: ObservedRun) -> list[str]:
    """Returns the ids of the steps that a run's end waited for, in their order: back from the step that ended last,
    each time to the cause that ended last, as `dashboard/figures/critical_path.py` draws it."""
    ended = {step.id: step for step in run.steps if step.end_ns is not None}
    found: list[str] = []
    at = max(ended.values(), key=_end_ns, default=None)
    while at is not None and at.id not in found:
        found.append(at.id)
        at = max((ended[cause] for cause in at.causes if cause in ended), key=_end_ns, default=None)
    return found[::-1]


def compute_saved_ms(run: ObservedRun, without: Collection[str]) -> float:
    """Returns how many milliseconds earlier a run would have ended if nothing in it had waited for some of its steps.

    What waited for one of them waits for what that waited for, as long as it waited before. Nobody else begins later
    than it did, and no step takes another time: what a machine does with the room is not foreseen.

    Args:
        run: a run.
        without: ids of the steps that are taken out.
    """
    left = [step for step in run.steps if step.end_ns is not None and step.id not in without]
    if not left:
        return 0.0
    ended = {step.id: step for step in run.steps if step.end_ns is not None}
    sooner: dict[str, int] = {}
    for step in sorted(left, key=lambda each: (each.start_ns, each.id)):
        before = [cause for cause in _find_causes(step, ended, without) if cause in sooner]
        had = max((_end_ns(ended[cause]) for cause in step.causes if cause in ended), default=None)
        if had is None:
            sooner[step.id] = 0
        elif before:
            has = max(_end_ns(ended[cause]) - sooner[cause] for cause in before)
            sooner[step.id] = max(had - has, 0)
        else:
            sooner[step.id] = max(had - run.start_ns, 0)
    now = max(_end_ns(step) for step in ended.values())
    then = max(_end_ns(step) - sooner[step.id] for step in left)
    return max(now - then, 0) / 1e6


def _find_causes(step: ObservedStep, ended: Mapping[str, ObservedStep], without: Collection[str]) -> Iterable[str]:
    """Returns what a step waits for once some steps are taken out: in their place what these waited for."""
    found: set[str] = set()
    waiting, seen = list(step.causes), {step.id}
    while waiting:
        cause = waiting.pop()
        if cause in seen or cause not in ended:
            continue
        seen.add(cause)
        if cause in without:
            waiting += ended[cause].causes
        else:
            found.add(cause)
    return found


def _end_ns(step: ObservedStep) -> int:
    return step.end_ns if step.end_ns is not None else step.start_ns
