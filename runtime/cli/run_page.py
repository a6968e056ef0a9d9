"""One run as commands show it: how it stands, what it was given, what it waits for. Records in, a drawing out."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table

from runtime.cli.tables import format_error
from runtime.cli.terminal import format_moment, plain

if TYPE_CHECKING:  # only names in signatures; the package of records brings the bus along
    from runtime.budgets.account import ParkedUnder
    from runtime.runs.registry import FoundRun
    from runtime.state.runs import HeldUndo, RunRecord
    from runtime.state.waits import OpenWait


def run_page(
    found: "FoundRun",
    inputs: Mapping[str, Any],
    waits: "Sequence[OpenWait]" = (),
    parked: "Sequence[ParkedUnder]" = (),
    held: "HeldUndo | None" = None,
) -> RenderableType:
    """One run as the server has it; `inputs` are plain JSON, their secrets replaced, `waits` what it waits for,
    `parked` what of it waits for a budget, `held` the undo that waits for an attempt."""
    run = found.record
    facts = Table.grid(padding=(0, 2))
    pairs = {
        "run": run.id,
        "app": found.app,
        "version": run.version,
        "workflow": run.workflow,
        "subject": run.subject,
        "status": run.status + (_describe_undo(run) or _describe_resumes(run.life)) + _describe_blockers(waits, parked),
        "accepted": format_moment(run.accepted_ms),
        "deadline": "" if run.is_over else format_moment(run.deadline_ms),
        "ended": format_moment(run.ended_ms),
        "failed step": run.failed_step,
        "next undo": _describe_held_undo(held) if held else "",
        "error": format_error(run.error_type, run.error),
        "not undone": ", ".join(run.undo_failed),
        "undo error": run.undo_error if run.undo_failed else "",
    }
    for name, value in pairs.items():
        if value not in ("", None):
            facts.add_row(plain(name, "dim"), plain(value))
    given = [plain(f"{name} = {json.dumps(value, indent=2, ensure_ascii=False)}") for name, value in inputs.items()]
    asked = [
        plain(f"{_describe_wait(wait)}\n  causeline runs answer {run.id} {_wait_arguments(wait)} VALUE")
        for wait in waits
    ]
    waiting = [plain("\nwaits for", "bold"), *asked] if waits else []
    spent = [plain("\nparked", "bold"), *(plain(_describe_parked(one)) for one in parked)] if parked else []
    return Group(facts, plain("\ninputs", "bold"), *(given or [plain("none")]), *waiting, *spent)


def _describe_held_undo(undo: "HeldUndo") -> str:
    """Why nothing is undone just now."""
    until = format_moment(undo.until_ms)
    return f"of step {undo.step}, at {until}: an attempt at it was cut off, and may go on until its lease is over"


def _describe_parked(one: "ParkedUnder") -> str:
    """Work that waits for a budget, why, and what to do about it."""
    work, account = one.work, one.account
    return (
        f"{work.what}, since {format_moment(work.since_ms)}: {work.reason or 'the budget is spent'}, of the budget of "
        f"{account.what}\n  causeline budgets raise {account.id} with --tokens, --usd, --hops or --minutes"
    )


def _describe_blockers(waits: "Sequence[OpenWait]", parked: "Sequence[ParkedUnder]") -> str:
    """What keeps a run that goes on."""
    return (", waits for an answer" if waits else "") + (", parked: a budget is spent" if parked else "")


def _describe_undo(run: "RunRecord") -> str:
    if not run.is_undone:
        return ""
    if not run.is_over:
        return f", then {run.ending}"
    return ", undone in part: try again with `causeline runs undo`" if run.undo_failed else ", undone"


def _describe_wait(wait: "OpenWait") -> str:
    key = f" ({wait.key})" if wait.key else ""
    until = f", until {format_moment(wait.ends_ms)}" if wait.ends_ms is not None else ""
    return f"{wait.name}{key}, in step {wait.step} since {format_moment(wait.since_ms)}{until}"


def _wait_arguments(wait: "OpenWait") -> str:
    return wait.name + (f" --key {shlex.quote(wait.key)}" if wait.key else "")


def _describe_resumes(life: int) -> str:
    times = life - 1
    return ", resumed once" if times == 1 else f", resumed {times} times" if times else ""
