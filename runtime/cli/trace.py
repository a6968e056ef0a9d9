"""`causeline trace`: why something happened, and what it caused."""

from typing import Annotated
from urllib.parse import quote

import typer

from runtime import settings
from runtime.cli.collector_api import ask
from runtime.cli.terminal import screen
from runtime.cli.trees import causal_tree


def trace(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of an event, run, step, delivery or dead letter.")],
) -> None:
    """Draw the causes and effects of a node as a tree."""
    path = f"/api/causality?id={quote(id_, safe='')}"
    graph = ask(settings.load().collector_url, path, missing="check the id, or search for it in the dashboard")
    screen.print(causal_tree(graph))
