"""What a program says that it did, beside what is shown of it, in the same words."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.models import Call, Run, RunDetail, RunStep

Journal = Sequence[dict[str, Any]]


@dataclass
class Picture:
    """Runs, steps and calls, each as often as it happened."""

    runs: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    steps: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    edges: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    models: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    calls: Counter[tuple[Any, ...]] = field(default_factory=Counter)


def of_journal(journal: Journal) -> Picture:
    """Returns what a program did."""
    found = Picture()
    runs = [entry for entry in journal if entry["did"] == "run"]
    turns: Counter[str] = Counter()
    for place, entry in enumerate(journal):
        run = entry.get("run") or runs[0]["name"]
        if entry["did"] == "run":
            status = entry.get("status", "ok")
            found.runs[entry["name"], status, entry.get("session"), entry.get("parent")] += 1
        elif entry["did"] == "step":
            _add_step(found, run, entry, journal[place + 1 :])
        else:
            turns[run] += entry["did"] == "model"
            step = entry.get("step") or f"turn {turns[run]}"
            _add_call(found, run, step, entry)
    return found


def _add_step(found: Picture, run: str, entry: dict[str, Any], later: Journal) -> None:
    attempt = entry.get("attempt", 1)
    if any(each["name"] == entry["name"] and each.get("attempt", 1) > attempt for each in later):
        return
    found.steps[run, entry["name"], entry.get("status", "ok"), attempt] += 1
    found.edges.update((run, before, entry["name"]) for before in entry["after"])


def _add_call(found: Picture, run: str, step: str, entry: dict[str, Any]) -> None:
    if entry["did"] == "model":
        tokens = tuple(entry.get(f"{part}_tokens") for part in ("input", "output", "cache_read"))
        found.models[run, step, entry["name"], *tokens] += 1
    else:
        found.calls[run, step, entry["did"], entry["name"], entry.get("status", "ok")] += 1


def of_api(listed: Sequence[Run], one: Callable[[str], RunDetail]) -> Picture:
    """Returns what is shown.

    Args:
        listed: the runs of the list.
        one: returns the page of a run.
    """
    found = Picture()
    waiting = [(run.run_id, None) for run in listed]
    while waiting:
        run_id, parent = waiting.pop()
        detail = one(run_id)
        run = detail.run
        found.runs[run.workflow, run.status.value, None if parent else run.session, parent] += 1
        names = {step.node_id: step.step for step in detail.steps}
        for step in detail.steps:
            if not _is_turn(step):
                found.steps[run.workflow, step.step, step.status.value, step.attempts] += 1
                found.edges.update((run.workflow, names[before], step.step) for before in step.inferred)
        for name, call in _calls(detail):
            _show_call(found, run.workflow, name, call)
        waiting += [(child.run_id, run.workflow) for child in detail.children]
    return found


def _is_turn(step: RunStep) -> bool:
    return any(call.node_id == step.node_id for call in step.calls)


def _calls(detail: RunDetail) -> Iterator[tuple[str, Call]]:
    yield from (("", call) for call in detail.calls)
    yield from ((step.step, call) for step in detail.steps for call in step.calls)


def _show_call(found: Picture, run: str, step: str, call: Call) -> None:
    if call.role == "model" and call.usage is not None and call.uncounted is None:
        told = call.usage
        found.models[run, step, call.model, told.input_tokens, told.output_tokens, told.cache_read_tokens] += 1
    else:
        found.calls[run, step, call.role, call.name, call.status.value] += 1
