"""All commands under one name, and how errors end them."""

import sys
from typing import Final

import typer

from runtime.cli.audit import audit
from runtime.cli.demo import demo
from runtime.cli.dev import dev
from runtime.cli.dlq import dlq
from runtime.cli.runs import runs
from runtime.cli.servers import collector, dashboard
from runtime.cli.trace import trace
from runtime.cli.worker import worker
from runtime.errors import CauselineError
from runtime.supervisor.supervisor import EndRequested

#: Exit status when something outside has to be put right first; usage errors have the same.
MISTAKE: Final = 2

cli = typer.Typer(
    help="Durable orchestration and choreography for AI agents, traced from cause to effect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what remains are errors of the user's own code: Python's traceback says it best
)
for command in (demo, dev, collector, dashboard, worker, trace, audit):
    cli.command()(command)
cli.add_typer(dlq, name="dlq")
cli.add_typer(runs, name="runs")


def main() -> None:
    """Run the command that `sys.argv` asks for, and exit with its status."""
    try:
        cli(prog_name="causeline")
    except CauselineError as error:
        print(f"causeline: {error}", file=sys.stderr)
        sys.exit(MISTAKE)
    except EndRequested:
        sys.exit(0)
