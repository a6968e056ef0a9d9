"""Why a start is refused, whatever keeps runs."""

from runtime.clock import format_time
from runtime.errors import DefinitionError, KeyConflictError
from runtime.state.runs import NewRun


def deadline_error(run: NewRun, now_ms: int) -> DefinitionError:
    """Its deadline has passed by the store's clock, in ms since 1970 (UTC)."""
    return DefinitionError(
        f"the deadline of workflow {run.workflow} has passed: it is {format_time(int(run.deadline))}, and the server's "
        f"clock says {format_time(now_ms)}"
    )


def key_conflict_error(run: NewRun) -> KeyConflictError:
    """Its key stands for a run with other inputs."""
    return KeyConflictError(
        f"workflow {run.workflow} was started under the key {run.key!r} with other inputs: a key stands for one "
        "run and its inputs; take another key"
    )
