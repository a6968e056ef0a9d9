"""`causeline worker`: work for an app."""

import logging
from typing import Annotated

import typer

from runtime.cli.apps import load
from runtime.supervisor.lifeline import hold_lifeline


def worker(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    concurrency: Annotated[int | None, typer.Option(min=1, help="Attempts at once; default: the setting.")] = None,
) -> None:
    """Run an app's steps and handlers until INT, TERM or HUP; work under way is ended in order."""
    from runtime.worker.worker import serve  # heavy (Redis, OpenTelemetry), and only this command needs it

    hold_lifeline()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("causeline").setLevel(logging.INFO)
    serve(load(target), concurrency)
