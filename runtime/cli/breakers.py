"""`causeline breakers`: see which are open, why, and what waits for them; open, close or hold one."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from runtime.cli.admin_connection import Operator, call_admin
from runtime.cli.terminal import format_moment, plain, screen

if TYPE_CHECKING:  # heavy, and only names in signatures
    from runtime.resilience.breaker_state import BreakerRecord

breakers = typer.Typer(help="Breakers: see them, open, close or hold one.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As it is declared.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit.")]

#: The words of `BreakerRecord.state`.
_STATES = {"closed": "closed", "open": "open", "half_open": "half open", "held": "held open"}


@breakers.command("list")
def list_() -> None:
    """List breakers: how each stands, since when and why, when it is probed next, and how much waits for it."""
    found = call_admin(lambda admin: admin.breakers())
    if not found:
        screen.print(plain('no breakers: declare one with `@workflow.step(breaker=Breaker("carrier-api"))`'))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("name", "state", "since", "why", "next probe", "waiting", "guards"):
        table.add_column(name)
    for one in found:
        guards = "; ".join(words for guarded in one.guards.values() for words in guarded)
        cells = (
            one.name,
            _STATES[one.state],
            format_moment(one.since_ms),
            _describe_cause(one),
            _describe_probe(one),
            one.waiting_total or "",
            guards,
        )
        table.add_row(*(plain(str(cell)) for cell in cells))
    screen.print(table)


@breakers.command()
def show(name: Name) -> None:
    """Show a breaker: its settings, what waits for it, and how it opened and closed before."""
    found = call_admin(lambda admin: admin.breaker(name))
    since = f" since {format_moment(found.since_ms)}" if found.since_ms is not None else ""
    screen.print(plain(f"{found.name} is {_STATES[found.state]}{since}{_after_colon(_describe_cause(found))}"))
    if found.probe_ms is not None:
        failed = f", {found.probes} have failed" if found.probes else ""
        screen.print(plain(f"next probe: {_describe_probe(found)}{failed}"))
    screen.print(plain(", ".join(f"{key}={value:g}" for key, value in found.settings.items())))
    for one in found.waiting:
        deferred = one.deferred
        times = "once" if deferred.times == 1 else f"{deferred.times} times"
        told = f"deferred {times} since {format_moment(deferred.since_ms)}, until {format_moment(deferred.until_ms)}"
        screen.print(plain(f"{one.work.what}: {told}"))
    if found.waiting_total > len(found.waiting):
        screen.print(plain(f"and {found.waiting_total - len(found.waiting):,} more"))
    for change in found.changes:
        by = f" by {change.by}" if change.by else ""
        screen.print(plain(f"{format_moment(change.at_ms)} {change.state}{by}{_after_colon(change.why)}"))


@breakers.command("open")
def open_(name: Name, by: Operator, reason: Reason = "") -> None:
    """Open a breaker for its cool-down: what it guards is deferred, then probed."""
    call_admin(lambda admin: admin.open_breaker(name, by, reason))
    screen.print(plain(f"breaker {name} is open; when its cool-down is over one attempt is let through"))


@breakers.command()
def hold(name: Name, by: Operator, reason: Reason = "") -> None:
    """Keep a breaker open until somebody closes it: nothing that it guards begins."""
    call_admin(lambda admin: admin.hold_breaker(name, by, reason))
    screen.print(plain(f"breaker {name} is held open; `causeline breakers close {name}` closes it"))


@breakers.command()
def close(name: Name, by: Operator, reason: Reason = "") -> None:
    """Close a breaker: what waits for it comes back in waves."""
    was_open = call_admin(lambda admin: admin.close_breaker(name, by, reason))
    screen.print(plain(f"breaker {name} is closed" if was_open else f"breaker {name} was not open"))


def _describe_cause(one: "BreakerRecord") -> str:
    by = f"by {one.by}" if one.by else ""
    return ": ".join(part for part in (by, one.why) if part)


def _after_colon(words: str) -> str:
    return f": {words}" if words else ""


def _describe_probe(one: "BreakerRecord") -> str:
    return f"{one.prober} is under way" if one.prober else format_moment(one.probe_ms)
