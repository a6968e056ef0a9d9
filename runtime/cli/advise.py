"""`causeline advise`: what each step should be, orchestrated or choreographed, by what was observed."""

import json
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from runtime import settings
from runtime.cli.collector_answers import Advice, Interval, StepAdvice
from runtime.cli.collector_api import ask_collector
from runtime.cli.grid import add_row, grid
from runtime.cli.tables import describe_window
from runtime.cli.terminal import plain, screen


def advise(
    step: Annotated[
        str | None, typer.Argument(help="Show every row of the decision table for steps of this name.")
    ] = None,
    last: Annotated[str | None, typer.Option(help="Runs of so long, such as 24h or 7d; `all` for all time.")] = None,
    asked: Annotated[
        float | None, typer.Option("--within", min=0.001, help="Seconds within which an answer is asked for.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the collector's answer.")] = False,
) -> None:
    """Say what each step should be, orchestrated or choreographed, and why: of our steps and of those of LangGraph and
    others, each claim with how often it was observed. Of fewer than thirty runs nothing is advised."""
    parameters = {"last": last, "asked_ms": None if asked is None else f"{asked * 1000:g}"}
    found = ask_collector(settings.load().collector_url, "/api/advice", Advice, parameters)
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        screen.print(advice_page(found, step))


def advice_page(found: Advice, step: str | None = None) -> RenderableType:
    """Steps, one a row, or all that is known of those of one name."""
    items = [each for each in found["items"] if step in (None, each["step"])]
    if not items:
        nothing = "no run has ended in this time: `--last all` looks at all time"
        return plain(nothing if step is None else f"no step {step} has ended in this time")
    table = grid("step", "should be", "runs", "because")
    for each in items:
        seen = f"{each['n']:,}" if each["n"] >= each["runs"] else f"{each['n']:,} of {each['runs']:,}"
        add_row(
            table, f"{each['step']} of {each['workflow']}", each["verdict"].replace("_", " "), seen, each["because"]
        )
    told = [part for each in items if step is not None for part in _format_grounds(each)]
    return Group(table, *told, plain(f"{_describe_critical(found)}; {describe_window(found['window'])}"))


def _describe_critical(found: Advice) -> str:
    if not found["judged"]:
        return f"nothing is advised: no step has ended in {found['least']} runs"
    share = f"{100 * found['critical'] / found['judged']:.0f} %"
    work = "" if found["critical_work"] is None else f", which take {100 * found['critical_work']:.0f} % of all work"
    return f"{found['critical']} of {found['judged']} steps ({share}) are truly critical{work}"


def _format_grounds(of: StepAdvice) -> list[RenderableType]:
    table = grid("asked", "leans to", "observed", "interval", "a run that shows it")
    for ground in of["grounds"]:
        share = ground["share"]
        interval = "" if share is None else _format_interval(share, ground["n"])
        add_row(table, ground["question"], ground["leans"], ground["says"], interval, *ground["runs"][:1] or [""])
    return [plain(f"\n{of['step']} of {of['workflow']}", "bold"), table]


def _format_interval(share: Interval, n: int) -> str:
    if share["low"] is None or share["high"] is None:
        return ""
    return f"{100 * share['low']:.0f} to {100 * share['high']:.0f} %, n {n:,}"
