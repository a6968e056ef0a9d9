"""Takes steps off the lists of what waits for a budget, whose runs have ended otherwise: nobody need raise it."""

from typing import Final

from runtime.budgets.account import Account, Parked
from runtime.state.tasks import Task
from runtime.worker.work import Equipment

#: Budgets that are looked through in a round: those that something waits for the longest.
_MOST: Final = 100


async def unpark_what_is_over(kit: Equipment) -> None:
    """Looks through what is parked of the worker's app.

    Whoever ends a run can't do so itself: budgets are in another slot of the server, and hold over several apps.
    """
    for account in await kit.accounts.spent(_MOST):
        await _look(kit, account)


async def _look(kit: Equipment, account: Account) -> None:
    for work in account.parked:
        if work.app == kit.app and work.task and not await _goes_on(kit, work):
            await kit.accounts.unpark(account.id, work.node)


async def _goes_on(kit: Equipment, work: Parked) -> bool:
    """Whether a step may still be done: while its run goes on, or, if it is an undo, while that is undone."""
    task = Task.parse(work.task)
    record = await kit.store.get(task.run)
    return record is not None and record.status == ("undoing" if task.place.is_undo else "running")
