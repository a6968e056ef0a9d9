"""Takes steps off the lists of what waits for a budget, whose runs have ended otherwise: nobody need raise it."""

from typing import Final

from runtime.state.tasks import Task
from runtime.worker.work import Equipment

#: Budgets that are looked through in a round: those that something waits for the longest.
_MOST: Final = 100


async def unpark_what_is_over(kit: Equipment) -> None:
    """Looks through what is parked of the worker's app.

    Whoever ends a run can't do so itself: budgets are in another slot of the server, and hold over several apps.
    """
    accounts = await kit.accounts.spent(_MOST)
    parked = [(account.id, work) for account in accounts for work in account.parked if work.app == kit.app]
    tasks = {work.task: Task.parse(work.task) for _, work in parked if work.task}
    if not tasks:
        return
    standing = await kit.store.statuses(list({task.run for task in tasks.values()}))
    # A step may still be done while its run goes on; no budget holds over an undo.
    over = {member for member, task in tasks.items() if standing.get(task.run) != "running"}
    for account, work in parked:
        if work.task in over:
            await kit.accounts.unpark(account, work.node)
