"""Takes work off the lists of what waits for a budget that is over otherwise: nobody need raise it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.state.tasks import Task
from runtime.worker.work import Equipment

#: Budgets that are looked through in a round: those that something waits for the longest.
_MOST: Final = 100


async def unpark_ended_work(kit: Equipment) -> None:
    """Looks through what is parked of the worker's app: steps whose runs have ended, deliveries to retired groups.

    Whoever ends a run can't do so itself: budgets are in another slot of the server, and hold over several apps.
    Whoever retires a group does, but for what is parked just then.
    """
    accounts = await kit.accounts.list_spent(_MOST)
    parked = [(account.id, work) for account in accounts for work in account.parked]
    over = await _find_ended_steps(kit, [work for _, work in parked if work.app == kit.app and work.task])
    if any(work.channel for _, work in parked):
        retired = set(await kit.bus.groups_of(kit.app, retired=True))
        over |= {work.node for _, work in parked if (work.channel, work.group) in retired}
    for account, work in parked:
        if work.node in over:
            await kit.accounts.unpark(account, work.node)


async def _find_ended_steps(kit: Equipment, steps: Sequence[Parked]) -> set[UUID]:
    """Which steps are not to be done any more. One may be while its run goes on; no budget holds over an undo."""
    runs = {work.node: Task.parse(work.task).run for work in steps}
    standing = await kit.store.statuses(list(set(runs.values()))) if runs else {}
    return {node for node, run in runs.items() if standing.get(run) != "running"}
