"""`causeline runs`: see runs, and start one."""

import asyncio
import json
from typing import Annotated, Any, Literal

import typer

from runtime import settings
from runtime.cli.apps import load
from runtime.cli.collector_api import ask
from runtime.cli.tables import runs_table
from runtime.cli.terminal import plain, screen
from runtime.errors import DefinitionError

runs = typer.Typer(help="Runs: see them, start one.", no_args_is_help=True)


@runs.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.")] = None,
    status: Annotated[
        Literal["ok", "running", "failed", "cancelled"] | None, typer.Option(help="Only in this state.")
    ] = None,
    q: Annotated[str | None, typer.Option("--q", help="Only with this text.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """List runs as the collector knows them, newest first."""
    parameters = {"workflow": workflow, "status": status, "q": q, "limit": str(limit), "cursor": cursor}
    page = ask(settings.load().collector_url, "/api/runs", parameters)
    screen.print(runs_table(page["items"], narrowed=any((workflow, status, q, cursor))))
    if page["next"]:
        screen.print(plain(f"more: --cursor {page['next']}"))


@runs.command()
def start(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    workflow: Annotated[str, typer.Argument(help="The workflow's name.")],
    inputs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="JSON or plain text.")] = None,
    subject: Annotated[str, typer.Option(help="What the run is about.")] = "",
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end and print the result as JSON.")] = False,
) -> None:
    """Start a run; the app's workers do the work."""
    from runtime.client.trigger import start_run  # heavy (Redis, OpenTelemetry), and only this command needs it

    app = load(target)
    given = dict(_pair(text) for text in inputs or ())

    async def begin() -> None:
        async with app.client():
            built = app.session.app.workflows.get(workflow)
            if built is None:
                names = ", ".join(app.session.app.workflows) or "none"
                raise DefinitionError(f"app {app.name} has no workflow {workflow!r}; it has: {names}")
            values = {name: _value(built.inputs.get(name), text) for name, text in given.items()}
            run = await start_run(app.session, built, values, subject, None)
            screen.print(f"run {run.id}")
            if wait:
                screen.print_json(json.dumps(await run.result()))

    asyncio.run(begin())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise DefinitionError(f"{text!r} is no input: write KEY=VALUE, such as order='{{\"id\": 7}}'")
    return name, value


def _value(adapter: Any, text: str) -> Any:
    """JSON where it is JSON that fits the input's type, else the text as it stands: `name=42` may mean the string."""
    try:
        value = json.loads(text)
        if adapter is not None:
            adapter.validate_python(value)
    except ValueError:  # pydantic's ValidationError is one too
        return text
    return value
