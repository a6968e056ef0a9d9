"""Why a start is refused, whatever keeps runs."""

from runtime.clock import in_words
from runtime.errors import DefinitionError, KeyConflictError
from runtime.state.runs import NewRun


def deadline_passed(run: NewRun, now_ms: int) -> DefinitionError:
    """Its deadline has passed by the store's clock, in ms since 1970 (UTC)."""
    return DefinitionError(
        f"the deadline of workflow {run.workflow} has passed: it is {in_words(int(run.deadline))}, and the server's "
        f"clock says {in_words(now_ms)}"
    )


def key_conflict(run: NewRun) -> KeyConflictError:
    """Its key stands for a run with other inputs."""
    return KeyConflictError(
        f"workflow {run.workflow} was started under the key {run.key!r} with other inputs: a key stands for one "
        "run and its inputs; take another key"
    )
