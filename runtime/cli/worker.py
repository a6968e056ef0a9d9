"""`causeline worker`: work for an app."""

from typing import Annotated, Literal

import typer

from runtime import settings
from runtime.cli.apps import load
from runtime.cli.imports import record_imports
from runtime.cli.log_defaults import log_by_default


def worker(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    concurrency: Annotated[int | None, typer.Option(min=1, help="Attempts at once; default: the setting.")] = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="Only what is for this agent (agent=); may be given several times.")
    ] = None,
    only: Annotated[Literal["steps", "groups"] | None, typer.Option(help="Only steps, or only handlers.")] = None,
) -> None:
    """Run an app's steps and handlers until INT, TERM or HUP; work under way is ended in order."""
    # Heavy (Redis, OpenTelemetry), and only this command needs them.
    from runtime.definitions.serving import Serving
    from runtime.worker.process import serve

    serving = Serving(frozenset(agent or ()), only or "")
    with record_imports():
        app = load(target)
        serving.require_work(app.build())
    log_by_default(settings.load().redactor())
    serve(app, concurrency, serving)
