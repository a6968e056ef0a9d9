"""Has operators know what an app's code declares, whether anything of it is ever done."""

import logging

from runtime.definitions.declarations import BuiltApp
from runtime.errors import ServerError
from runtime.state.presence import Presence

_log = logging.getLogger("causeline.worker")


async def declare_workflows(presence: Presence, app: BuiltApp) -> None:
    """Notes an app's workflows with their steps. Where the server is away the next worker does."""
    try:
        await presence.declare_workflows({workflow.name: tuple(workflow.steps) for workflow in app.workflows.values()})
    except ServerError as trouble:
        _log.warning("operators are not told yet which workflows %s has: %s", app.name, trouble)
