"""All commands under one name, and how errors end them."""

import sys
from typing import Final, NoReturn, cast

import typer

from runtime.cli.advise import advise
from runtime.cli.audit import audit
from runtime.cli.breakers import breakers
from runtime.cli.budgets import budgets
from runtime.cli.check import check
from runtime.cli.collector import collector
from runtime.cli.demo import demo
from runtime.cli.dev import dev
from runtime.cli.dlq import dlq
from runtime.cli.groups import groups
from runtime.cli.instrument import instrument
from runtime.cli.publish import publish
from runtime.cli.runs import runs
from runtime.cli.schedules import schedules
from runtime.cli.servers import dashboard
from runtime.cli.shadows import shadows
from runtime.cli.state import state
from runtime.cli.tokens import token
from runtime.cli.topology import topology
from runtime.cli.trace import trace
from runtime.cli.worker import worker
from runtime.cli.workers import workers
from runtime.errors import CauselineError
from runtime.supervisor.supervisor import EndRequested

#: Exit status when something outside has to be put right first, or a command was misused.
MISTAKE: Final = 2
#: Exit status when somebody said no to a question.
REFUSED: Final = 1

#: Root of all usage errors. Typer exports but this one of them, and brings its own click or not, by its version.
_UsageError: Final = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])

cli = typer.Typer(
    help="Durable orchestration and choreography for AI agents, traced from cause to effect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what remains are errors of the user's own code: Python's traceback says it best
)
for command in (demo, dev, dashboard, worker, workers, publish, instrument, trace, topology, advise, audit, check):
    cli.command()(command)
cli.add_typer(collector, name="collector")
cli.add_typer(dlq, name="dlq")
cli.add_typer(runs, name="runs")
cli.add_typer(breakers, name="breakers")
cli.add_typer(budgets, name="budgets")
cli.add_typer(groups, name="groups")
cli.add_typer(schedules, name="schedules")
cli.add_typer(shadows, name="shadows")
cli.add_typer(state, name="state")
cli.add_typer(token, name="token")


def main() -> None:
    """Runs the command that `sys.argv` asks for, and exits with its status."""
    try:
        sys.exit(cli(prog_name="causeline", standalone_mode=False))  # in that mode it raises what it would print
    except CauselineError as error:
        _fail(str(error), MISTAKE)
    except _UsageError as error:
        _fail(_format_usage_error(error), MISTAKE)
    except typer.Abort:
        _fail("nothing was done", REFUSED)
    except EndRequested:
        sys.exit(0)


def _fail(words: str, status: int) -> NoReturn:
    if words:
        print(f"causeline: {words}", file=sys.stderr)
    sys.exit(status)


def _format_usage_error(error: typer.BadParameter) -> str:
    """In one line; empty where the error has shown a command's help instead."""
    words = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else "causeline"
    return f"{words}; see `{command} --help`" if words else ""
