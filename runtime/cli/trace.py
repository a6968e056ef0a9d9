"""`causeline trace`: why something happened, and what it caused."""

from contextlib import suppress
from typing import Annotated, Final
from urllib.parse import quote

import typer

from runtime import settings
from runtime.cli.collector_api import ask
from runtime.cli.run_ids import whole
from runtime.cli.terminal import screen
from runtime.cli.trees import causal_tree
from runtime.cli.wait_table import waits_of_runs
from runtime.errors import CauselineError

#: How a run stands that may wait for an answer.
_OPEN: Final = ("running", "waiting", "retrying")
#: Runs that are asked about.
_MOST: Final = 20


def trace(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of an event, run, step, delivery or dead letter.")],
) -> None:
    """Draw the causes and effects of a node as a tree."""
    path = f"/api/causality?id={quote(whole(id_), safe='')}"
    graph = ask(settings.load().collector_url, path, missing="check the id, or search for it in the dashboard")
    screen.print(causal_tree(graph))
    open_ = [node["id"] for node in graph["nodes"] if node["kind"] == "run" and node["status"] in _OPEN][:_MOST]
    if open_:
        with suppress(CauselineError):  # what the server knows beside spans; without it the picture is all there is
            told = ask(settings.load().collector_url, "/api/waits", {"runs": ",".join(open_)})
            screen.print(waits_of_runs(told["items"]))
