"""Fanned out steps: one piece of work that spreads the items and gathers what they made, and one for each of them."""

from uuid import UUID

from runtime.causality import identity
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.lists import join_list, split_elements
from runtime.definitions.context import Context
from runtime.definitions.fan_out import MOST_ITEMS, FailedItem, FanOut
from runtime.definitions.steps import SKIPPED, BuiltWorkflow
from runtime.errors import NoListError, UndecodableError
from runtime.semconv import StepOutcome
from runtime.state.tasks import Claim, Commit, ItemResult
from runtime.worker.follow_up import StepFollower
from runtime.worker.shadowed_work import ShadowedWork
from runtime.worker.step_work import StepWork
from runtime.worker.undo_work import UndoWork
from runtime.worker.work import Equipment, Finish, Settlement


def build_step_work(
    kit: Equipment, workflow: BuiltWorkflow, claim: Claim, following: StepFollower | None = None
) -> StepWork:
    """The work of a claimed step: as it is, spread and gathered, or done for an item; or by its successor."""
    place = claim.task.place
    fan = workflow.steps[place.step].fan_out
    if place.is_undo:
        return UndoWork(kit, workflow, claim)
    shadow = workflow.steps[place.step].step.shadow
    if shadow is not None:
        return ShadowedWork(kit, workflow, claim, following, shadow)
    if fan is None:
        return StepWork(kit, workflow, claim, following)
    if place.index is None:
        return FanOutWork(kit, workflow, claim, following, fan)
    return ItemWork(kit, workflow, claim, following, fan)


class FanOutWork(StepWork):
    """Spreads a step over the items of a list; in another attempt, when all are done, gathers what they made.

    The list of results is put together by whoever claims that attempt, not by the server: a long one would keep all
    others waiting there.
    """

    def __init__(
        self, kit: Equipment, workflow: BuiltWorkflow, claim: Claim, following: StepFollower | None, fan: FanOut
    ) -> None:
        super().__init__(kit, workflow, claim, following)
        self._fan = fan
        self._count = int(claim.parts.get(claim.task.step, -1))

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        if self._count >= 0:
            return await self._gather(context)
        return self._settlement_if_skipped() or self._spread_or_skip(context)

    def _spread_or_skip(self, context: Context) -> Settlement:
        over = self._fan.over
        source = self._given.find_value(over)
        if source is None:
            raise UndecodableError(
                f"run {self._claim.task.run} has no {over!r}, which {self.what} goes over: it began before that was "
                f"part of {self._workflow.name}"
            )
        if source.text == SKIPPED and over in self._workflow.steps and self._workflow.steps[over].may_be_skipped:
            return self._skip()
        items = split_elements(source)
        if items is None:
            raise NoListError(f"{self.what} goes over {over!r}, which is not a list this time: {source.text[:80]}")
        if len(items) > MOST_ITEMS:
            raise NoListError(f"{self.what} goes over {over!r}, which has {len(items)} items: at most {MOST_ITEMS} do")
        if not items:
            return self._commit_list(Encoded([]), 0, context)
        return self._spread_settlement([item.text for item in items])

    def _spread_settlement(self, items: list[str]) -> Settlement:
        async def settle() -> Finish:
            is_spread = await self._kit.store.fan_out(self._claim, items, self._fan.at_once)
            return Finish(StepOutcome.SPREAD if is_spread else StepOutcome.STALE)

        return settle

    async def _gather(self, context: Context) -> Settlement:
        texts = await self._kit.ask_until_answered(lambda: self._kit.store.list_item_results(self._claim, self._count))
        return self._commit_list(join_list(texts), self._count, context)

    def _commit_list(self, result: Encoded, count: int, context: Context) -> Settlement:
        kept = 0 if self._built.has_undo else count  # who undoes an item is given it
        return self._result_settlement(result, context, gathered=kept)

    def _cause_ids(self) -> tuple[UUID, ...]:
        if self._count < 0:
            return super()._cause_ids()
        run, place = self._claim.task.run, self._place
        return tuple(identity.step_id(run, place.step, place.item(index).mark) for index in range(self._count))

    @property
    def _keys_read(self) -> tuple[str, ...]:
        return (self._fan.over,) if self._count < 0 else ()


class ItemWork(StepWork):
    """One item of a fan-out."""

    def __init__(
        self, kit: Equipment, workflow: BuiltWorkflow, claim: Claim, following: StepFollower | None, fan: FanOut
    ) -> None:
        super().__init__(kit, workflow, claim, following)
        self._fan = fan

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        return await self._child_settlement(context)  # whether to do it at all was asked before it was spread

    async def _give_up(self, error: BaseException) -> Finish:
        """Leaves a mark where the item's result would be, if so many may fail; else the run fails."""
        whole = self._claim.task.step.rpartition("[")[0]
        tolerated = self._fan.max_failures(int(self._claim.parts[whole]))
        if not tolerated:
            return await super()._give_up(error)
        failed = FailedItem(self._place.index or 0, type(error).__name__, self._error_words(error))
        commit = Commit(encode(failed, self.what).text, item=ItemResult(whole, tolerated))
        committed = await self._kit.store.commit(self._claim, commit)
        if committed is None:
            return Finish(StepOutcome.STALE)
        return await super()._give_up(error) if committed.is_refused else Finish(StepOutcome.FAILED, error)
