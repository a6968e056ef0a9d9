"""`causeline shadows`: see how far steps and their choreographed successors agree, and move one to the other."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from runtime.cli.admin_connection import Operator, call_admin
from runtime.cli.terminal import format_moment, plain, screen

if TYPE_CHECKING:  # heavy, and only names in signatures
    from runtime.shadows.record import Mode, ShadowRecord

shadows = typer.Typer(help="Steps and their choreographed successors: compare, move, move back.", no_args_is_help=True)

Step = Annotated[str, typer.Argument(metavar="STEP", help="Its name.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit.")]
Workflow = Annotated[str, typer.Option(help="Whose step; needed where several workflows have one of that name.")]
App = Annotated[str, typer.Option(help="Whose workflow; needed where several apps have one of that name.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]

#: The words of `ShadowRecord.mode`.
MODES = {"step": "orchestrated", "shadow": "compared", "moved": "choreographed"}


@shadows.command("list")
def list_() -> None:
    """List steps that have a successor: who does each, how many results were compared, and how far they agree."""
    found = call_admin(lambda admin: admin.shadows())
    if not found:
        screen.print(plain('no steps with a successor: declare one with `@workflow.step(shadow="receipts")`'))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("step", "workflow", "app", "mode", "since", "compared", "agreement", "failed", "left out", "waiting"):
        table.add_column(name)
    for one in found:
        place = one.place
        figures = (one.compared, format_agreement(one), one.failed or "", one.left_out or "", one.waiting or "")
        cells = (place.step, place.workflow, place.app, MODES[one.mode], format_moment(one.since_ms), *figures)
        table.add_row(*(plain(str(cell)) for cell in cells))
    screen.print(table)


@shadows.command()
def show(step: Step, workflow: Workflow = "", app: App = "") -> None:
    """Show a step and its successor: how far they agree, what did not, and what operators did."""
    found = call_admin(lambda admin: admin.shadow(step, workflow, app))
    _print_shadow(found)
    for one in found.last:
        compared = one.comparison
        what = compared.error or ", ".join(
            f"{each.field}: {each.step} by the step, {each.successor} by its successor" for each in compared.differences
        )
        subject = f" {compared.subject}" if compared.subject else ""
        screen.print(plain(f"{format_moment(one.at_ms)} {compared.verdict}{subject}: {what}"))
        screen.print(plain(f"  event {compared.event}"))
    for change in found.switches:
        why = f": {change.reason}" if change.reason else ""
        said = "counts anew" if change.mode == "anew" else MODES[change.mode]
        screen.print(plain(f"{format_moment(change.at_ms)} {said} by {change.by}{why}"))


@shadows.command()
def move(
    step: Step, by: Operator, reason: Reason = "", workflow: Workflow = "", app: App = "", *, yes: Yes = False
) -> None:
    """Move a step: from now on its successor does it, and the step publishes what it is given."""
    found = call_admin(lambda admin: admin.shadow(step, workflow, app))
    _print_shadow(found)
    _confirm(f"move step {step} to group {found.group} of channel {found.channel}?", yes=yes)
    _switch(found, "moved", by, reason)
    screen.print(plain(f"step {step} is choreographed now; `causeline shadows back {step}` takes it back"))


@shadows.command()
def back(
    step: Step,
    by: Operator,
    reason: Reason = "",
    workflow: Workflow = "",
    app: App = "",
    *,
    alone: Annotated[bool, typer.Option("--alone", help="Don't compare it with its successor either.")] = False,
    yes: Yes = False,
) -> None:
    """Move a step back: from now on its own code does it, and its successor is compared beside it."""
    found = call_admin(lambda admin: admin.shadow(step, workflow, app))
    _confirm(f"have step {step} be done by its own code{' alone' if alone else ''}?", yes=yes)
    _switch(found, "step" if alone else "shadow", by, reason)
    how = "alone" if alone else "beside its successor"
    screen.print(plain(f"step {step} is orchestrated now, {how}; what was published before is still done there"))


@shadows.command()
def anew(
    step: Step, by: Operator, reason: Reason = "", workflow: Workflow = "", app: App = "", *, yes: Yes = False
) -> None:
    """Compare anew: forget what was compared so far, such as when the successor was mended."""
    found = call_admin(lambda admin: admin.shadow(step, workflow, app))
    _confirm(f"forget {found.compared} comparisons of step {step}?", yes=yes)
    place = found.place
    call_admin(lambda admin: admin.compare_anew(place.step, by, reason, place.workflow, place.app))
    screen.print(plain(f"comparisons of step {step} are counted anew"))


def format_agreement(one: "ShadowRecord") -> str:
    """How far the two agree, in words; empty where nothing was compared."""
    found = one.agreement
    if found is None:
        return ""
    return f"{found.share:.1%} ({found.low:.1%} to {found.high:.1%})"


def _print_shadow(one: "ShadowRecord") -> None:
    """A step, and how far its successor agrees: coverage first, then agreement."""
    place = one.place
    screen.print(plain(f"step {place.step} of workflow {place.workflow}, app {place.app}: {MODES[one.mode]}"))
    screen.print(plain(f"successor: group {one.group} of channel {one.channel}"))
    covered = "" if one.coverage is None else f", {one.coverage:.1%} of what could be"
    since = f" since {format_moment(one.counted_ms)}" if one.counted_ms is not None else ""
    screen.print(plain(f"compared: {one.compared:,}{covered}{since}"))
    rest = {"failed": one.failed, "left out": one.left_out, "waiting": one.waiting, "of other versions": one.outdated}
    beside = ", ".join(f"{count:,} {what}" for what, count in rest.items() if count)
    if beside:
        screen.print(plain(f"not compared: {beside}"))
    screen.print(plain(f"agreement: {format_agreement(one) or 'nothing was compared yet'}"))


def _confirm(question: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True)


def _switch(found: "ShadowRecord", mode: "Mode", by: str, reason: str) -> None:
    place = found.place
    call_admin(lambda admin: admin.switch_step(place.step, mode, by, reason, place.workflow, place.app))
