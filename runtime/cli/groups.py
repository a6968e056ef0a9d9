"""`causeline groups`: see who consumes what, and retire what nobody serves any more."""

from typing import Annotated

import typer

from runtime.cli.admin_connection import Operator, call_admin
from runtime.cli.tables import groups_table
from runtime.cli.terminal import plain, screen

groups = typer.Typer(help="Groups: see them, retire one.", no_args_is_help=True)


@groups.command("list")
def list_() -> None:
    """List every channel's groups: who serves them, what they owe, and how long the oldest has waited."""
    screen.print(groups_table(call_admin(lambda admin: admin.channels())))


@groups.command()
def retire(
    channel: Annotated[str, typer.Argument(help="The channel's name.")],
    group: Annotated[str, typer.Argument(help="The group's name.")],
    *,
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    by: Operator,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a group that no code serves any more; what it still owes is owed no more."""
    if not yes:
        typer.confirm(f"Retire group {group} of channel {channel}? What it owes is owed no more.", abort=True)
    retired = call_admin(lambda admin: admin.retire(channel, group, by, because))
    owed = f"{retired.pending} due, {retired.retrying} waiting for another attempt"
    letters = f"{retired.dead} dead letter{' stays' if retired.dead == 1 else 's stay'} readable"
    screen.print(plain(f"retired {group} of {channel}; it owed {owed}; {letters}"))
