"""`causeline topology`: who talks to whom, and what differs from what is declared."""

import json
from typing import Annotated, Literal

import typer
from rich.console import Group, RenderableType

from runtime import settings
from runtime.cli import diagrams
from runtime.cli.collector_answers import Topology
from runtime.cli.collector_api import ask_collector
from runtime.cli.grid import add_row, grid
from runtime.cli.tables import describe_window
from runtime.cli.terminal import plain, screen


def topology(
    last: Annotated[
        str | None, typer.Option(help="Only of so long, such as 15m, 24h or 7d; `all` for all time.")
    ] = None,
    as_: Annotated[
        Literal["table", "mermaid", "dot", "json"], typer.Option("--format", help="What to print it as.")
    ] = "table",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The collector's answer, as `--format json`.")] = False,
) -> None:
    """Show who talks to whom: services, workflows, steps, channels and groups, with what flows between them, what
    groups owe, and what is declared and not used, published and not read, or runs in a circle."""
    found = ask_collector(settings.load().collector_url, "/api/topology", Topology, {"last": last})
    if as_json or as_ == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
    elif as_ == "mermaid":
        print(plain(diagrams.mermaid(found["parts"], found["flows"])).plain)
    elif as_ == "dot":
        print(plain(diagrams.dot(found["parts"], found["flows"])).plain)
    else:
        screen.print(topology_page(found))


def topology_page(found: Topology) -> RenderableType:
    """What flows, one pair a row, then what differs from what is declared."""
    if not found["flows"]:
        return plain("nothing has flowed in this time; `--last all` looks at all time")
    names = {part["id"]: diagrams.part_name(part) for part in found["parts"]}
    table = grid("from", "to", "how", "rate", "failed", "p50", "owed")
    for flow in found["flows"]:
        took = "" if flow["p50_ms"] is None else diagrams.format_duration(flow["p50_ms"])
        how = "inferred" if flow["is_inferred"] else flow["coordination"]
        failed = f"{flow['errors']:,}" if flow["errors"] else ""
        owed = diagrams.describe_backlog(flow["backlog"]).removeprefix(", ")
        add_row(
            table,
            names.get(flow["cause"], flow["cause"]),
            names.get(flow["effect"], flow["effect"]),
            how,
            diagrams.format_rate(flow["per_minute"]),
            failed,
            took,
            owed,
        )
    lines = [plain(describe_window(found["window"]))]
    if not found["bus"]["connected"]:
        lines.append(plain(f"the bus is away, so nobody knows what is owed and declared: {found['bus']['error']}"))
    if found["truncated"]:
        lines.append(plain("there is more; these are the parts that failed and did most"))
    told = [plain(f"{each['kind'].replace('_', ' ')}: {each['says']}", "yellow") for each in found["drift"]]
    return Group(table, *lines, *told)
