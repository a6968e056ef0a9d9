"""`causeline dev`: servers, and a worker of the user's own app that reloads on change."""

import time
from typing import Annotated, Final

import typer
from rich.table import Table

from runtime.cli.environment import held_server, require_extra
from runtime.cli.plans import COLLECTOR_START, DASHBOARD_START, Plans
from runtime.cli.reload import fingerprint, source_folder
from runtime.cli.terminal import call, plain, say, screen
from runtime.supervisor.readiness import await_answer
from runtime.supervisor.supervisor import Supervisor

#: Seconds between two looks at the source files.
POLL: Final = 0.5
#: Seconds that attempts have to end before a reload cuts them off; they are tried again by the new code.
_RELOAD_END: Final = 5.0


def dev(
    target: Annotated[
        str | None, typer.Argument(metavar="[APP]", help="module:app, or file.py, or file.py:app")
    ] = None,
) -> None:
    """Run the embedded server, the collector and the dashboard, and work for an app, reloading it on change."""
    require_extra("collector")
    require_extra("dashboard")
    plans = Plans.load()
    with held_server(plans.home) as server, Supervisor(say) as supervisor:
        (collector,) = supervisor.start(plans.collector())
        await_answer(collector, plans.collector_health, COLLECTOR_START)
        supervisor.keep_up(collector)
        (dashboard,) = supervisor.start(plans.dashboard())
        await_answer(dashboard, plans.dashboard_health, DASHBOARD_START)
        supervisor.keep_up(dashboard)
        _tell(plans, server, target)
        if target is None:
            supervisor.stay()
        else:
            _serve(supervisor, plans, target)


def _tell(plans: Plans, server: str, target: str | None) -> None:
    lines = Table.grid(padding=(0, 2))
    lines.add_row("dashboard", plain(plans.ports.dashboard_url, "bold"))
    lines.add_row("collector", plain(f"{plans.ports.collector_url}/docs"))
    lines.add_row("server", plain(server))
    lines.add_row("home", plain(plans.home))
    lines.add_row("start a run", plain(call(f"runs start {target or 'hello.py'} WORKFLOW key=value")))
    screen.print(lines)


def _serve(supervisor: Supervisor, plans: Plans, target: str) -> None:
    """Keep a worker up, a new one after each change; one that fails waits for the change that mends it."""
    folder = source_folder(target)
    while True:
        seen = fingerprint(folder)
        (worker,) = supervisor.start(plans.loud_worker(target, _RELOAD_END))
        failed = False
        while fingerprint(folder) == seen:
            supervisor.mend()
            if not failed and worker.status is not None:
                failed = True
                say(f"the worker ended with status {worker.status}; waiting for a change in {folder}")
            time.sleep(POLL)
        say(f"{folder} changed")
        supervisor.end([worker])
