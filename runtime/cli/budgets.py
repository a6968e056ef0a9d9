"""`causeline budgets`: see what causes may still spend, raise or cancel a budget."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table

from runtime.cli.admin_connection import Operator, call_admin
from runtime.cli.terminal import format_moment, plain, screen
from runtime.errors import DefinitionError

if TYPE_CHECKING:  # heavy, and only names in signatures
    from runtime.budgets.account import Account

budgets = typer.Typer(help="Budgets: see them, raise or cancel one.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(metavar="ID", help="Of the run or event that the budget was declared with.")]


@budgets.command("list")
def list_(limit: Annotated[int, typer.Option(min=1, max=1000)] = 50) -> None:
    """List budgets, the newest first: what they limit, what is spent, and what waits for them."""
    found = call_admin(lambda admin: admin.budgets(limit))
    if not found:
        screen.print(plain("no budgets: declare one with `app.start(..., budget=Budget(tokens=200_000))`"))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "of", "app", "since", "status", "spent", "parked"):
        table.add_column(name)
    for one in found:
        status = f"{one.status} by {one.by}" if one.by else one.status
        cells = (
            one.id,
            one.what,
            one.app,
            format_moment(one.opened_ms),
            status,
            _describe_spending(one),
            len(one.parked) or "",
        )
        table.add_row(*(plain(str(cell)) for cell in cells))
    screen.print(table)


@budgets.command()
def show(id_: Id) -> None:
    """Show a budget, and what is parked under it."""
    found = call_admin(lambda admin: admin.budget(id_))
    screen.print(plain(f"{found.what} of {found.app}, {found.status}: {_describe_spending(found)}"))
    if found.ends_ms is not None:
        screen.print(plain(f"nothing begins after {format_moment(found.ends_ms)}"))
    for one in found.parked:
        why = f": {one.reason}" if one.reason else ""
        screen.print(plain(f"parked since {format_moment(one.since_ms)}: {one.what}{why}"))


@budgets.command("raise")
def raise_(
    id_: Id,
    by: Operator,
    usd: Annotated[float | None, typer.Option(help="US dollars more.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Tokens more.")] = None,
    hops: Annotated[int | None, typer.Option(help="Steps and deliveries more.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes more, from now where they are over.")] = None,
) -> None:
    """Add to the limits that a budget has; what is parked under it goes on."""
    from runtime.budgets.budget import Budget  # heavy, as above

    if usd is tokens is hops is minutes is None:
        raise DefinitionError("say what is added: --usd, --tokens, --hops or --minutes")
    more = Budget(usd=usd, tokens=tokens, hops=hops, minutes=minutes)
    parked = call_admin(lambda admin: admin.raise_budget(id_, more, by))
    screen.print(plain(f"budget {id_} is raised; {parked} parked steps and deliveries ask again"))


@budgets.command()
def cancel(id_: Id, by: Operator) -> None:
    """Let nothing under a budget begin any more: parked steps fail their runs, parked deliveries go dead."""
    parked = call_admin(lambda admin: admin.cancel_budget(id_, by))
    screen.print(plain(f"budget {id_} is cancelled; {parked} parked steps and deliveries end"))


def _describe_spending(one: "Account") -> str:
    limits = one.limits
    said = []
    if limits.micros is not None:
        said.append(f"${one.micros / 1e6:.2f} of ${limits.micros / 1e6:.2f}")
    if limits.tokens is not None:
        said.append(f"{one.tokens:,} of {limits.tokens:,} tokens")
    if limits.hops is not None:
        said.append(f"{one.hops:,} of {limits.hops:,} hops")
    return ", ".join(said) or f"{one.hops:,} hops"
