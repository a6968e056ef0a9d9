"""`causeline demo`: a workload, its workers, the collector and the dashboard, under one supervisor."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from runtime import settings
from runtime.cli.demo_report import Report, explain_missing_traces, find_missing, follow_workload
from runtime.cli.demo_tables import print_report
from runtime.cli.environment import ensure_server, require_extra
from runtime.cli.plans import COLLECTOR_START, DASHBOARD_START, Plans
from runtime.cli.terminal import format_command, plain, say, screen
from runtime.errors import DefinitionError
from runtime.supervisor.death_signal import die_if_asked
from runtime.supervisor.readiness import await_answer
from runtime.supervisor.supervisor import Supervisor

SAMPLES: Final = "sample_agents"
WORKERS: Final = 2

#: How many questions of a sample are left to whoever looks at the dashboard; by default its workload answers them all.
LEFT_TO_PEOPLE: Final = {"codegen": 2}

#: Seconds of a tour's leases.
TOUR_LEASE: Final = 4.0

#: Seconds for which somebody who follows a tour in the dashboard can look at each trouble.
LINGER: Final = 20

#: Seconds that spans may take to be seen, and seconds between two looks.
PATIENCE: Final = 30.0
_LOOK: Final = 0.1

#: Exit status when something promised did not happen, and when somebody ended the demo before it could.
BROKEN_PROMISE: Final = 1
INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class DemoWork:
    """Which sample's workload, and its options by name."""

    module: str
    options: Mapping[str, int | str]

    @property
    def is_tour(self) -> bool:
        """Whether it says what happens, and where to look meanwhile."""
        return "tour" in self.options

    @property
    def size(self) -> int | None:
        """How much it is to do; None for as much as the sample thinks right."""
        size = self.options.get("size")
        return size if isinstance(size, int) else None


def demo(
    name: Annotated[str, typer.Argument(help="Which sample.")] = "logistics",
    seed: Annotated[int, typer.Option(help="Same seed, same troubles.")] = 7,
    size: Annotated[
        int | None,
        typer.Option("--size", "--shipments", min=1, help="How much work; by default the sample's own."),
    ] = None,
    width: Annotated[int | None, typer.Option(min=1, help="Of `accuracy`: the simulated attention, in tokens.")] = None,
    subscribers: Annotated[
        str | None, typer.Option(metavar="FROM..TO", help="Of `orders`: how many slow ones; by default 1..50.")
    ] = None,
    coordination: Annotated[
        str | None, typer.Option(help="Of `logistics`: failures of `pure`, `reread`, `hybrid` or `pair` alone.")
    ] = None,
    agents: Annotated[
        str | None, typer.Option(metavar="FROM..TO", help="Of `logistics`: latency and failures by numbers of agents.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Of a comparison: how many.")] = None,
    by_hand: Annotated[
        int | None,
        typer.Option(min=0, help="Of `codegen`: approvals left to a person; by default 2, and none headless."),
    ] = None,
    *,
    compare: Annotated[
        bool, typer.Option("--compare", help="Of `logistics`: failures of pure and hybrid coordination, same faults.")
    ] = False,
    tour: Annotated[
        bool, typer.Option("--tour", help="Of `logistics`: outages and a killed worker, in acts, with what they did.")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="No dashboard; end after the work.")] = False,
    work_only: Annotated[bool, typer.Option("--work-only", help="Only the work; all else is up already.")] = False,
) -> None:
    """Run a sample with everything around it, and show where to look."""
    die_if_asked()
    left = LEFT_TO_PEOPLE.get(name) if by_hand is None and not headless else by_hand
    said = {"seed": seed, "size": size, "width": width, "subscribers": subscribers, "by-hand": left}
    said |= {"coordination": coordination, "agents": agents, "seeds": seeds}
    guided: dict[str, int] = {"tour": True, "linger": 0 if headless else LINGER} if tour else {}
    guided |= {"compare": True} if compare else {}
    work = DemoWork(_find_sample(name), {option: value for option, value in said.items() if value is not None} | guided)
    if tour and work_only:
        raise DefinitionError("--tour kills a worker of its own, and with --work-only it has none: leave one out")
    if compare or coordination or agents:
        _run_comparison(work)
    elif work_only:
        _run_work_only(work)
    elif headless:
        _run_headless(work)
    else:
        _run_with_dashboard(work)


def _run_with_dashboard(work: DemoWork) -> None:
    """With everything, until somebody ends it."""
    require_extra("collector")
    require_extra("dashboard")
    plans = _load_plans(work)
    report: Report | None = None
    with ensure_server(plans.home), Supervisor(say) as supervisor:
        _start_collector(supervisor, plans)
        (dashboard,) = supervisor.start(plans.dashboard())
        _start_workers(supervisor, plans, work)
        if work.is_tour:  # there is something to look at from its first act on
            await_answer(dashboard, plans.dashboard_health, DASHBOARD_START)
        report = _run_and_verify(supervisor, plans, work)
        await_answer(dashboard, plans.dashboard_health, DASHBOARD_START)
        supervisor.keep_up(dashboard)
        _print_results(plans, report, ("your own agents, once this has ended", format_command("dev hello.py")))
        screen.print("\nCtrl-C ends everything; the data stays.")
        supervisor.wait_for_signal()
    if work.is_tour:
        _exit_by_report(report)


def _run_headless(work: DemoWork) -> None:
    """Without a dashboard, until the work is done."""
    require_extra("collector")
    plans = _load_plans(work, with_dashboard=False)
    report: Report | None = None
    with ensure_server(plans.home), Supervisor(say) as supervisor:
        _start_collector(supervisor, plans)
        _start_workers(supervisor, plans, work)
        report = _run_and_verify(supervisor, plans, work)
    if report is not None:
        print_report(report)
    _exit_by_report(report)


def _run_comparison(work: DemoWork) -> None:
    """Alone: each trial has processes and a server of its own, and nothing of it is sent to a collector."""
    plans = Plans.from_environment()
    report: Report | None = None
    with Supervisor(say) as supervisor:
        report = _run_workload(supervisor, plans, work)
    if report is not None:
        print_report(report)
    _exit_by_report(report)


def _run_work_only(work: DemoWork) -> None:
    """With servers and workers that others keep up, as in containers."""
    plans = Plans.from_environment()
    report: Report | None = None
    with ensure_server(plans.home), Supervisor(say) as supervisor:
        report = _run_and_verify(supervisor, plans, work)
    if report is not None:
        _print_results(plans, report)
    _exit_by_report(report)


def _load_plans(work: DemoWork, *, with_dashboard: bool = True) -> Plans:
    """On a tour what a killed worker held is taken over within seconds, unless somebody chose how soon."""
    plans = Plans.load(with_dashboard=with_dashboard)
    if work.is_tour and "CAUSELINE_LEASE" not in os.environ:
        return replace(plans, settings={**plans.settings, "CAUSELINE_LEASE": str(TOUR_LEASE)})
    return plans


def _find_sample(name: str) -> str:
    """The module of a sample; known here by name alone."""
    package = find_spec(SAMPLES)
    folders = [Path(folder) for folder in (package.submodule_search_locations if package else None) or ()]
    alone = [path for folder in folders for path in folder.glob("*.py") if _runs_by_name(path)]
    packages = [path.parent for folder in folders for path in folder.glob("*/__main__.py")]
    known = sorted(path.stem for path in (*alone, *packages))
    if name not in known:
        raise DefinitionError(f"there is no sample {name!r}; there are: {', '.join(known) or 'none'}")
    return f"{SAMPLES}.{name}"


def _runs_by_name(path: Path) -> bool:
    return '__name__ == "__main__"' in path.read_text(encoding="utf-8")


def _start_collector(supervisor: Supervisor, plans: Plans) -> None:
    """Before anything else: where it refuses to start, nothing was begun."""
    (collector,) = supervisor.start(plans.collector())
    await_answer(collector, plans.collector_health, COLLECTOR_START)
    supervisor.keep_up(collector)
    say(f"home: {plans.home}")


def _start_workers(supervisor: Supervisor, plans: Plans, work: DemoWork) -> None:
    for worker in supervisor.start(*(plans.worker(f"{work.module}:app", number) for number in range(1, WORKERS + 1))):
        supervisor.keep_up(worker)


def _run_and_verify(supervisor: Supervisor, plans: Plans, work: DemoWork) -> Report:
    """Does the work, and looks whether it can be seen."""
    began = datetime.now(UTC)
    report = _run_workload(supervisor, plans, work)
    return report.with_failures(_find_unproven(supervisor, plans, report, began))


def _run_workload(supervisor: Supervisor, plans: Plans, work: DemoWork) -> Report:
    def note(done: int, total: int) -> None:
        supervisor.maintain_children()
        bar.update(task, completed=done, total=total)

    def hear(said: Mapping[str, Any]) -> None:
        if "act" in said:
            place = f" ({plans.ports.dashboard_url}{said['place']})" if said.get("place") else ""
            bar.console.print(plain(f"{said['act']}{place}"), soft_wrap=True)
        if "kill" in said:
            supervisor.crash(str(said["kill"]))

    (workload,) = supervisor.start(plans.workload(work.module, work.options))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task(work.module.rpartition(".")[2], total=work.size)
        report = follow_workload(workload.stdout, note, hear)
    workload.wait(workload.plan.deadline)  # it still hands its spans over
    if report is None:
        workload.require_willing()
        raise workload.failure(f"ended without a report, with status {workload.status}")
    supervisor.end([workload])
    return report


def _find_unproven(supervisor: Supervisor, plans: Plans, report: Report, began: datetime) -> list[str]:
    """What the collector does not show in the end; the workers' spans take a moment to get there."""
    if reason := explain_missing_traces(settings.load()):
        return [reason]
    deadline = time.monotonic() + PATIENCE
    while (unproven := find_missing(plans.api, report, began)) and time.monotonic() < deadline:
        supervisor.maintain_children()
        time.sleep(_LOOK)
    return unproven


def _print_results(plans: Plans, report: Report, *more: tuple[str, str]) -> None:
    """The figures, and where to look, now that there is something to see.

    Args:
        plans: know the dashboard's address.
        report: of the work.
        more: other places, each with words before it.
    """
    url = plans.ports.dashboard_url
    event = f"{url}/event?id={report.focus_event_id}"
    places = [
        ("dashboard", url),
        *([("one event, its causes and effects", event)] if report.focus_event_id else []),
        *((words, f"{url}{path}") for words, path in report.places),
        ("what is stuck, and how to put it right", f"{url}/dead-letters"),
        *more,
    ]
    print_report(report)
    for words, place in places:
        # A line of its own, never folded or cut: an address is there to be clicked or copied.
        screen.print(f"\n{words}")
        screen.print("  ", plain(place, "bold"), sep="", soft_wrap=True)


def _exit_by_report(report: Report | None) -> None:
    if report is None:
        raise typer.Exit(INTERRUPTED)
    if not report.ok:
        raise typer.Exit(BROKEN_PROMISE)
