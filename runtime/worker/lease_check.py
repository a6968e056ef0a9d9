"""Whether work is still its worker's own, asked before something is done that nobody can take back."""

from runtime.errors import AttemptStaleError
from runtime.state.tasks import Claim
from runtime.worker.work import Equipment


async def require_held(kit: Equipment, claim: Claim, what: str) -> None:
    """Looks at what the last renewal has found, and asks the server where the lease may be over: this process was
    frozen, or cut off.

    Args:
        kit: of the worker.
        claim: of the step.
        what: the step, for messages.

    Raises:
        AttemptStaleError: another worker has the step, or its run has ended.
    """
    is_overdue = kit.heartbeat.is_overdue  # first: a renewal may come in between, and finds what is lost
    is_lost = kit.heartbeat.has_lost(claim)
    if not is_lost and is_overdue:
        is_lost = bool(await kit.ask_until_answered(lambda: kit.store.renew([claim], kit.lease_ms)))
    if is_lost:
        raise AttemptStaleError(f"another worker has taken {what} over, or its run has ended")
