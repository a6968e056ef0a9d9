"""What a cell was started for, taken from the server by the cell itself."""

from runtime.bus.contract import place_of
from runtime.client.session import Session
from runtime.state.tasks import Task, token_of
from runtime.worker.cell_order import CellOrder
from runtime.worker.fan_out_work import build_step_work
from runtime.worker.shadow_work import build_delivery_work
from runtime.worker.shapes import Shapes
from runtime.worker.step_claim import claim_step
from runtime.worker.work import Equipment, Work

#: Suspects of a group that are looked at for the one that is meant.
_LOOK_AT = 1000


async def claim_work(order: CellOrder, equipment: Equipment, session: Session) -> Work | None:
    """The work of an order; None when somebody else has it, or it is settled."""
    if order.task:
        return await _claim_step_work(order, equipment, session)
    return await _claim_delivery_work(order, equipment, session)


async def _claim_step_work(order: CellOrder, kit: Equipment, session: Session) -> Work | None:
    task = Task.parse(order.task)
    shapes = Shapes(session.app.workflows, kit.store)
    claim = await claim_step(kit, shapes, task, token_of(kit.consumer, "cell"), isolated=True)  # a cell claims once
    return build_step_work(kit, shapes.workflow(task.workflow, claim.run), claim) if claim else None


async def _claim_delivery_work(order: CellOrder, kit: Equipment, session: Session) -> Work | None:
    one = next(one for one in session.app.subscriptions if (one.channel, one.group) == (order.channel, order.group))
    # Asked again after a lost answer, it holds the delivery already.
    waiting = [suspect.delivery for suspect in await kit.bus.suspects(order.channel, order.group, _LOOK_AT)]
    waiting += await kit.bus.find_held(order.channel, order.group, kit.consumer, (), 1)
    delivery = next((delivery for delivery in waiting if place_of(delivery) == order.place), None)
    if delivery is None or not await kit.bus.claim(delivery, kit.consumer):
        return None
    return build_delivery_work(kit, one, delivery)
