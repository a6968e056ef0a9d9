"""`causeline schedules`: see when what is due, pause a schedule, let it go on, run it now."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.admin_connection import Operator, call_admin, connect_admin
from runtime.cli.schedule_table import schedules_table
from runtime.cli.terminal import format_moment, plain, screen

if TYPE_CHECKING:  # heavy; only a name in a signature
    from runtime.admin import TickResult

schedules = typer.Typer(help="Schedules: see them, pause one, run one now.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
App = Annotated[str, typer.Option(help="Whose; needed where several apps have one of that name.")]


@schedules.command("list")
def list_() -> None:
    """List all schedules with their next times, what ran last, and what was skipped or missed."""
    screen.print(schedules_table(call_admin(lambda admin: admin.schedules())))


@schedules.command()
def pause(name: Name, by: Operator, app: App = "") -> None:
    """Have a schedule start nothing, but by hand."""
    changed = call_admin(lambda admin: admin.pause_schedule(name, by, app=app))
    screen.print(plain(f"schedule {name} is paused" if changed else f"schedule {name} was paused before"))


@schedules.command()
def resume(name: Name, by: Operator, app: App = "") -> None:
    """Let a paused schedule go on; what was due meanwhile is dropped."""
    unpaused = call_admin(lambda admin: admin.unpause_schedule(name, by, app=app))
    if not unpaused.changed:
        screen.print(plain(f"schedule {name} was not paused"))
        return
    dropped = f"{unpaused.dropped} tick{'' if unpaused.dropped == 1 else 's'} of the time that it was paused"
    screen.print(plain(f"schedule {name} goes on, next at {format_moment(unpaused.next_ms)}; dropped: {dropped}"))


@schedules.command()
def run(name: Name, by: Operator, app: App = "") -> None:
    """Run what a schedule starts now, whenever it is due; a run that goes on counts as for other ticks."""

    async def tick() -> None:
        async with connect_admin() as admin:
            passed = await admin.run_schedule(name, by, app=app)
            live = sum(one.workers for one in await admin.schedules() if one.record.name == name)
        screen.print(plain(_describe_result(name, passed)))
        if passed.tick is not None and not live:
            screen.print(plain("no live worker declares it: the run starts when one is there"))

    asyncio.run(tick())


@schedules.command()
def remove(
    name: Name,
    by: Operator,
    app: App = "",
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a schedule that no code declares any more; its runs stay."""
    if not yes:
        typer.confirm(f"Remove schedule {name}?", abort=True)
    call_admin(lambda admin: admin.remove_schedule(name, by, app=app))
    screen.print(plain(f"schedule {name} is removed"))


def _describe_result(name: str, passed: "TickResult") -> str:
    if passed.tick is not None:
        return f"run {passed.tick.tick.run}"
    if passed.status == "waits":
        return f"schedule {name} runs when run {passed.run} has ended, which goes on"
    return f"schedule {name} does not run now: run {passed.run} goes on, and it skips ticks meanwhile (overlap='skip')"
