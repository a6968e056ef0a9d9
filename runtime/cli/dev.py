"""`causeline dev`: servers, and a worker of the user's own app that reloads on change."""

from functools import partial
from typing import Annotated

import typer
from rich.table import Table

from runtime.cli.environment import ensure_server, require_extra
from runtime.cli.plans import COLLECTOR_START, DASHBOARD_START, Plans
from runtime.cli.reloading import keep_reloading
from runtime.cli.terminal import format_command, plain, say, screen
from runtime.supervisor.readiness import await_answer
from runtime.supervisor.supervisor import Supervisor


def dev(
    target: Annotated[
        str | None, typer.Argument(metavar="[APP]", help="module:app, or file.py, or file.py:app")
    ] = None,
) -> None:
    """Run the embedded server, the collector and the dashboard, and work for an app, reloading it on change."""
    require_extra("collector")
    require_extra("dashboard")
    plans = Plans.load()
    with ensure_server(plans.home) as server, Supervisor(say) as supervisor:
        (collector,) = supervisor.start(plans.collector())
        await_answer(collector, plans.collector_health, COLLECTOR_START)
        supervisor.keep_up(collector)
        (dashboard,) = supervisor.start(plans.dashboard())
        await_answer(dashboard, plans.dashboard_health, DASHBOARD_START)
        supervisor.keep_up(dashboard)
        _print_addresses(plans, server, target)
        if target is None:
            supervisor.wait_for_signal()
        else:
            keep_reloading(supervisor, partial(plans.loud_worker, target), target)


def _print_addresses(plans: Plans, server: str, target: str | None) -> None:
    lines = Table.grid(padding=(0, 2))
    lines.add_row("dashboard", plain(plans.ports.dashboard_url, "bold"))
    lines.add_row("collector", plain(f"{plans.ports.collector_url}/docs"))
    lines.add_row("server", plain(server))
    lines.add_row("home", plain(plans.home))
    lines.add_row("start a run", plain(format_command(f"runs start {target or 'hello.py'} WORKFLOW key=value")))
    screen.print(lines)
