"""`causeline worker`: work for an app."""

import logging
from typing import Annotated

import typer

from runtime.cli.apps import load


def worker(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    concurrency: Annotated[int | None, typer.Option(min=1, help="Attempts at once; default: the setting.")] = None,
) -> None:
    """Run an app's steps and handlers until INT, TERM or HUP; work under way is ended in order."""
    from runtime.worker.process import serve  # heavy (Redis, OpenTelemetry), and only this command needs it

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("causeline").setLevel(logging.INFO)
    raise typer.Exit(serve(load(target), concurrency))
