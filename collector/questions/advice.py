"""What each step should be, orchestrated or choreographed, by what was observed of it."""

from collector.models import Window
from collector.models.advice import Advice, Ground, Leaning, StepAdvice, Verdict
from collector.models.steps import Accuracy
from collector.questions import observations, step_evidence
from collector.questions.decision_table import (
    LEAST,
    TABLE,
    Proportion,
    StepObservation,
    decide_verdict,
    explain_verdict,
)
from collector.questions.observations import Workflow
from collector.questions.step_evidence import StepEvidence
from collector.questions.windows import Range
from collector.store.database import Session


def advise_steps(session: Session, window: Window, asked_ms: float | None = None) -> Advice:
    """Returns what each step should be, those first that should be something else than they are.

    Args:
        session: the snapshot to read.
        window: when runs began.
        asked_ms: within how many milliseconds an answer is asked for; None where nobody says.
    """
    seen = observations.read_observations(session, Range.of(window))
    items: list[StepAdvice] = []
    worked = {True: 0.0, False: 0.0}
    for workflow, runs in sorted(seen.runs.items()):
        for found in step_evidence.collect_evidence(runs, asked_ms, seen.undone.get(workflow)):
            items.append(_advise_step(workflow, found, seen.counts[workflow]))
            if items[-1].verdict != Verdict.TOO_FEW:
                worked[items[-1].is_critical] += found.worked_ms
    judged = [item for item in items if item.verdict != Verdict.TOO_FEW]
    return Advice(
        window=window,
        items=sorted(items, key=lambda item: (_ORDER.index(item.verdict), item.app, item.workflow)),
        judged=len(judged),
        critical=sum(item.is_critical for item in judged),
        critical_work=worked[True] / sum(worked.values()) if sum(worked.values()) else None,
        asked_ms=asked_ms,
        least=LEAST,
    )


#: What somebody may want to change comes first.
_ORDER = (Verdict.CHOREOGRAPH, Verdict.UNCLEAR, Verdict.ORCHESTRATE, Verdict.TOO_FEW)


def _advise_step(workflow: Workflow, found: StepEvidence, runs: int) -> StepAdvice:
    app, name, source = workflow
    of = found.seen
    return StepAdvice(
        app=app,
        workflow=name,
        step=found.name,
        agent=found.agent,
        source=source,
        verdict=decide_verdict(of),
        because=explain_verdict(of),
        n=of.n,
        runs=runs,
        is_critical=of.n >= LEAST and of.is_needed,
        grounds=_build_grounds(found),
    )


def _build_grounds(found: StepEvidence) -> list[Ground]:
    of = found.seen
    told = {
        "sequence": (_explain_sequence(of), of.used if of.used.n else of.awaited, None),
        "recovery": (_explain_recovery(of), of.failed, None),
        "path": (_explain_path(of), of.on_path, of.saved_ms),
        "scaling": (_explain_scaling(of), None, None),
        "agents": (f"{of.agents} {'agent works' if of.agents == 1 else 'agents work'} in its runs", None, None),
        "latency": (_explain_latency(of), None, of.took_ms),
    }
    grounds = []
    for row in TABLE:
        says, rate, milliseconds = told[row.name]
        grounds.append(
            Ground(
                row=row.name,
                question=row.question,
                leans=row.leans(of) if of.n >= LEAST else Leaning.UNKNOWN,
                says=says,
                n=rate.n if rate is not None else of.n,
                share=None if rate is None else _share_of_rate(rate),
                milliseconds=milliseconds,
                runs=list(found.runs.get(row.name, found.runs["path"])),
            )
        )
    return grounds


def _share_of_rate(rate: Proportion) -> Accuracy:
    if not rate.n:
        return Accuracy(n=0)
    return Accuracy(n=rate.n, value=rate.hits / rate.n, low=rate.low, high=rate.high)


def _explain_sequence(of: StepObservation) -> str:
    used = (
        f"a later step was given its result in {of.used.hits:,} of {of.used.n:,} runs that ended well"
        if of.used.n
        else "whether a later step uses its result is not told"
    )
    waits = f"something waited for it in {of.awaited.hits:,} of {of.awaited.n:,}"
    gave = f"it returned something in {of.returned.hits:,} of {of.returned.n:,}" if of.returned.n else ""
    return "; ".join(each for each in (used, waits, gave) if each)


def _explain_recovery(of: StepObservation) -> str:
    undone = f"; what it did was undone in {of.undone.hits:,}" if of.undone.hits else ""
    failed = f"it failed for good in {of.failed.hits:,} of {of.n:,} runs"
    return f"{failed}, alone, and its run with it, in {of.alone.hits:,}{undone}"


def _explain_path(of: StepObservation) -> str:
    return (
        f"the end of {of.on_path.hits:,} of {of.on_path.n:,} runs waited for it; if nobody waited for it, half of them "
        f"would end {of.saved_ms:,.3g} ms earlier or more, of {of.took_ms:,.3g} ms"
    )


def _explain_scaling(of: StepObservation) -> str:
    return "it has an agent of its own" if of.has_own_agent else "its agent does other steps of its workflow as well"


def _explain_latency(of: StepObservation) -> str:
    took = f"half of its runs took {of.took_ms:,.3g} ms at most"
    if of.asked_ms is None:
        return f"{took}; nobody says within what time an answer is asked for"
    return f"{took}; asked for are {of.asked_ms:,.3g} ms"
