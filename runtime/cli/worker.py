"""`causeline worker`: work for an app."""

from typing import Annotated

import typer

from runtime.cli.apps import load
from runtime.cli.imports import noted_imports
from runtime.cli.log_defaults import log_by_default
from runtime.supervisor.lifeline import hold_lifeline


def worker(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    concurrency: Annotated[int | None, typer.Option(min=1, help="Attempts at once; default: the setting.")] = None,
) -> None:
    """Run an app's steps and handlers until INT, TERM or HUP; work under way is ended in order."""
    from runtime.worker.worker import serve  # heavy (Redis, OpenTelemetry), and only this command needs it

    hold_lifeline()
    with noted_imports():
        app = load(target)
    log_by_default()
    serve(app, concurrency)
