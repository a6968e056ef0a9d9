"""`causeline runs`: see runs and what they stream, start one, cancel, resume or undo one."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from runtime import settings
from runtime.cli.admin_connection import Operator, call_admin, connect_admin
from runtime.cli.apps import load
from runtime.cli.collector_answers import RunPage, WaitList
from runtime.cli.collector_api import ask_collector
from runtime.cli.run_ids import RunId
from runtime.cli.run_page import run_page
from runtime.cli.tables import describe_window, runs_table
from runtime.cli.terminal import plain, screen
from runtime.cli.wait_table import waits_table
from runtime.errors import DefinitionError, RunNotFoundError, UndecodableError

if TYPE_CHECKING:  # heavy, and only a name in signatures
    from runtime.budgets.budget import Budget

runs = typer.Typer(help="Runs: see them, start, answer, cancel, resume or undo one.", no_args_is_help=True)


@runs.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.")] = None,
    status: Annotated[
        Literal["ok", "running", "waiting", "failed", "cancelled", "undoing"] | None,
        typer.Option(help="Only in this state; `waiting` is for an answer."),
    ] = None,
    q: Annotated[str | None, typer.Option("--q", help="Only with this text.")] = None,
    last: Annotated[
        str | None, typer.Option(help="Only that began in so long, such as 15m, 24h or 7d; `all` for all time.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """List runs as the collector knows them, newest first: of the last hour, or where you filter of all time."""
    parameters = {"workflow": workflow, "status": status, "q": q, "last": last, "limit": str(limit), "cursor": cursor}
    page = ask_collector(settings.load().collector_url, "/api/runs", RunPage, parameters)
    screen.print(runs_table(page["items"], narrowed=any((workflow, status, q, last, cursor))))
    if page["items"]:
        screen.print(plain(describe_window(page["window"])))
    if page["next"]:
        screen.print(plain(f"more: --cursor {page['next']}"))


@runs.command()
def waits(limit: Annotated[int, typer.Option(min=1, max=1000)] = 50) -> None:
    """List who waits for what, the longest first."""
    page = ask_collector(settings.load().collector_url, "/api/waits", WaitList, {"limit": str(limit)})
    screen.print(waits_table(page["items"]))
    if page["truncated"]:
        screen.print(plain(f"there are more: --limit {min(1000, 2 * limit)}"))


@runs.command()
def start(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    workflow: Annotated[str, typer.Argument(help="The workflow's name.")],
    inputs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="JSON or plain text.")] = None,
    subject: Annotated[str, typer.Option(help="What the run is about.")] = "",
    key: Annotated[str, typer.Option(help="Your own; started again with it, the first run is found.")] = "",
    deadline: Annotated[float | None, typer.Option(help="Seconds after which it fails if it has not ended.")] = None,
    budget: Annotated[
        str, typer.Option(help="What it and all that it causes may spend: `usd=2,tokens=200000,hops=50,minutes=30`.")
    ] = "",
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end and print the result as JSON.")] = False,
) -> None:
    """Start a run; the app's workers do the work."""
    # Heavy (Redis, OpenTelemetry), and only this command needs them.
    from runtime.client.trigger import TriggerOptions, start_run
    from runtime.codec.encode import encode
    from runtime.codec.masking import mask_secrets

    app = load(target)
    given = dict(_parse_pair(text) for text in inputs or ())

    async def begin() -> None:
        async with app.client():
            built = app.session.app.workflows.get(workflow)
            if built is None:
                names = ", ".join(app.session.app.workflows) or "none"
                raise DefinitionError(f"app {app.name} has no workflow {workflow!r}; it has: {names}")
            values = {name: _parse_value(built.inputs.get(name), text) for name, text in given.items()}
            run = await start_run(
                app.session, built, values, TriggerOptions.of(subject, None, key, deadline, _parse_budget(budget))
            )
            screen.print(f"run {run.id}")
            if wait:
                screen.print_json(json.dumps(mask_secrets(encode(await run.result(), "the result"))))

    asyncio.run(begin())


@runs.command()
def show(id_: RunId) -> None:
    """Show a run as the server has it: its status, its inputs, where it failed, and what it waits for."""
    from runtime.codec.masking import mask_stored_text  # heavy; most commands do without

    async def read() -> None:
        async with connect_admin() as admin:
            found = await admin.run(id_)
            waits = await admin.waits(id_) if found else []
            parked = await admin.find_parked_steps(found) if found and not found.record.is_over else []
            held = await admin.held_undo(id_) if found and found.record.status == "undoing" else None
            has_undos = found is not None and found.record.is_over and await admin.has_undos(id_)
        if found is None:
            raise RunNotFoundError(
                f"no app has a run {id_} on this server: `causeline runs list` shows those there were"
            )
        inputs = {name: mask_stored_text(text) for name, text in found.record.inputs.items()}
        screen.print(run_page(found, inputs, waits, parked, held))
        if has_undos and not found.record.undo_failed:
            screen.print(plain(f"\nwhat its steps did can be undone: causeline runs undo {id_}"))

    asyncio.run(read())


@runs.command()
def stream(
    id_: RunId,
    after: Annotated[int, typer.Option(min=0, help="Offset of the last event that you have.")] = 0,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="An event a line, as JSON.")] = False,
) -> None:
    """Print what a run's steps stream, as it comes, until the run has ended."""
    from runtime.cli.streams import StreamPrinter  # heavy; most commands do without

    printer = StreamPrinter(settings.load().redactor())

    async def read() -> None:
        async with connect_admin() as admin:
            async for event in admin.stream(id_, after):
                if as_json:
                    screen.print(plain(printer.as_json(event)), soft_wrap=True)
                else:
                    screen.print(printer.format_event(event), end="", soft_wrap=True)

    asyncio.run(read())


@runs.command()
def cancel(id_: RunId, by: Operator) -> None:
    """End a run: what is under way commits nothing any more."""
    was_going_on = call_admin(lambda admin: admin.cancel(id_, by))
    screen.print(plain(f"run {id_} is cancelled" if was_going_on else f"run {id_} had ended before"))


@runs.command()
def resume(id_: RunId, by: Operator) -> None:
    """Let a failed run go on from the step that failed, keeping what is committed."""
    call_admin(lambda admin: admin.resume(id_, by))
    screen.print(plain(f"run {id_} goes on"))


@runs.command()
def undo(id_: RunId, by: Operator) -> None:
    """Undo what a run that has ended has done, by the undo= of its steps; try again what could not be undone."""
    is_undoing = call_admin(lambda admin: admin.undo(id_, by))
    screen.print(plain(f"run {id_} is being undone" if is_undoing else f"run {id_} has nothing to undo"))


@runs.command()
def move(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    by: Operator,
    id_: Annotated[UUID | None, typer.Argument(metavar="[ID]", help="Only this run.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Of so many runs, the newest.")] = 10_000,
) -> None:
    """Give runs that began with another version the shape of the code: what is done stays where it still holds."""
    from runtime.runs.moving import find_runs_of_other_shapes
    from runtime.runs.moving import move_run as move_run  # heavy, as above

    app = load(target)

    async def move_all() -> None:
        async with app.client():
            store, moved = app.session.store, 0
            for workflow in app.session.app.workflows.values():
                async for record in find_runs_of_other_shapes(store, workflow, limit):
                    if id_ is None or record.id == id_:
                        became = await move_run(store, workflow, record, by)
                        moved += became.is_moved
                        screen.print(plain(f"run {became.run} of {became.workflow}: {became.what}"))
            screen.print(plain(f"{moved} runs have the shape of {app.name} as its code is now"))

    asyncio.run(move_all())


@runs.command()
def answer(
    id_: RunId,
    name: Annotated[str, typer.Argument(help="What the run waits for, as `causeline runs show` names it.")],
    value: Annotated[str, typer.Argument(help="The answer: JSON, or plain text.")],
    by: Operator,
    key: Annotated[str, typer.Option(help="Which of several waits of that name.")] = "",
    *,
    early: Annotated[bool, typer.Option("--early", help="Keep it where no step waits for it yet.")] = False,
) -> None:
    """Answer what a run waits for; its step goes on."""
    from runtime.runs.answers import COMMAND_LINE  # heavy; most commands do without

    is_asked = call_admin(
        lambda admin: admin.answer(id_, name, _parse_json(value), by, key=key, way=COMMAND_LINE, early=early)
    )
    kept = f"no step of run {id_} waits for {name!r} yet: the answer is kept for the first one that does"
    screen.print(plain(f"run {id_} goes on" if is_asked else kept))


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _parse_budget(text: str) -> "Budget | None":
    from runtime.budgets.budget import Budget  # heavy; most commands do without

    if not text:
        return None
    limits: dict[str, Any] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in ("usd", "tokens", "hops", "minutes") or name in limits:
            raise DefinitionError(
                f"--budget {text!r}: {part.strip()!r} is not a limit: write such as usd=2,tokens=200000"
            )
        limits[name] = _parse_number(number.replace("_", ""))
    return Budget(**limits)


def _parse_number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text  # which no limit can be: the budget says so


def _parse_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise DefinitionError(f"{text!r} is not an input: write KEY=VALUE, such as order='{{\"id\": 7}}'")
    return name, value


def _parse_value(codec: Any, text: str) -> Any:
    """JSON where it is JSON that fits the input's type, else the text as it stands: `name=42` may mean the string."""
    try:
        value = json.loads(text)
        if codec is not None:
            codec.accept(value)
    except (ValueError, UndecodableError):
        return text
    return value
