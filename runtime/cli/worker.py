"""`causeline worker`: work for an app."""

from typing import TYPE_CHECKING, Annotated

import typer

from runtime import settings
from runtime.cli.apps import load
from runtime.cli.imports import noted_imports
from runtime.cli.log_defaults import log_by_default
from runtime.errors import DefinitionError

if TYPE_CHECKING:  # heavy; the other commands do without
    from runtime.app import App


def worker(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    concurrency: Annotated[int | None, typer.Option(min=1, help="Attempts at once; default: the setting.")] = None,
) -> None:
    """Run an app's steps and handlers until INT, TERM or HUP; work under way is ended in order."""
    from runtime.worker.process import serve  # heavy (Redis, OpenTelemetry), and only this command needs it

    with noted_imports():
        app = load(target)
        _require_work(app)
    log_by_default(settings.load().redactor())
    serve(app, concurrency)


def _require_work(app: "App") -> None:
    built = app.build()
    if not built.workflows and not built.subscriptions:
        raise DefinitionError(f"app {app.name} has nothing to do: declare a workflow or a subscription")
