"""Whether work is still its worker's own, asked before something is done that nobody can take back."""

from runtime.errors import AttemptStaleError
from runtime.state.tasks import Claim
from runtime.worker.work import Equipment


async def require_held(kit: Equipment, claim: Claim, what: str) -> None:
    """Asks the server, where the lease may be over: this process was frozen, or cut off.

    Args:
        kit: of the worker.
        claim: of the step.
        what: the step, for messages.

    Raises:
        AttemptStaleError: another worker has the step, or its run has ended.
    """
    if not kit.heartbeat.is_overdue:
        return
    if await kit.settled(lambda: kit.store.renew([claim], kit.lease_ms)):
        raise AttemptStaleError(f"another worker has taken {what} over, or its run has ended")
