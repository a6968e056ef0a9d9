"""What is said of a run that was asked to go on."""

from uuid import UUID

from runtime.errors import RunNotFailedError, RunNotFoundError
from runtime.state.runs import ResumeResult


def require_resumed(run: UUID, resumed: ResumeResult | None) -> None:
    """Makes sure that a run goes on.

    Raises:
        RunNotFoundError, RunNotFailedError
    """
    if resumed is None:
        raise RunNotFoundError(f"no run has the id {run} on this server: was its data removed?")
    if resumed.status == "undone":
        raise RunNotFailedError(f"run {run} was undone when it failed: what it would go on from is gone; start it anew")
    if not resumed.is_resumed:
        raise RunNotFailedError(f"run {run} is {resumed.status}: only a run that failed can be resumed")
