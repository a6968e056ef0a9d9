"""`causeline trace`: why something happened, and what it caused."""

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import quote

import typer

from runtime import settings
from runtime.cli.collector_answers import CausalGraph, WaitList
from runtime.cli.collector_api import ask_collector
from runtime.cli.run_ids import complete_id
from runtime.cli.terminal import plain, screen
from runtime.cli.trees import causal_tree
from runtime.cli.wait_table import waits_of_runs
from runtime.errors import ServerError

#: How a run stands that may wait for an answer.
_OPEN: Final = ("running", "waiting", "retrying")
#: Runs that are asked about.
_MOST: Final = 20


def trace(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of an event, run, step, delivery or dead letter.")],
) -> None:
    """Draw the causes and effects of a node as a tree."""
    path = f"/api/causality?id={quote(complete_id(id_), safe='')}"
    graph = ask_collector(
        settings.load().collector_url, path, CausalGraph, missing="check the id, or search for it in the dashboard"
    )
    screen.print(causal_tree(graph))
    open_ = [node["id"] for node in graph["nodes"] if node["kind"] == "run" and node["status"] in _OPEN][:_MOST]
    if open_:
        _print_waits(open_)


def _print_waits(runs: Sequence[str]) -> None:
    """Prints what runs wait for, or why that is not known: it is the server that knows it, not the spans."""
    try:
        waiting = ask_collector(settings.load().collector_url, "/api/waits", WaitList, {"runs": ",".join(runs)})
        found = waits_of_runs(waiting["items"])
    except ServerError as error:
        found = plain(f"what these runs wait for is not known: {error}")
    screen.print(found)
