"""A claimed step that has a choreographed successor: done, done and compared, or left to that."""

from runtime.codec.encoded import Encoded
from runtime.definitions.context import Context
from runtime.definitions.steps import BuiltWorkflow
from runtime.semconv import StepOutcome
from runtime.shadows.shadow import Shadow
from runtime.state.tasks import Claim
from runtime.worker.follow_up import StepFollower
from runtime.worker.shadowing import Shadowing
from runtime.worker.step_work import StepWork
from runtime.worker.work import Equipment, Settlement, settle_stale


class ShadowedWork(StepWork):
    """A `StepWork` whose step may have been moved. Args: as of that, and the `shadow` as it is declared."""

    def __init__(
        self, kit: Equipment, workflow: BuiltWorkflow, claim: Claim, following: StepFollower | None, shadow: Shadow
    ) -> None:
        super().__init__(kit, workflow, claim, following)
        self._shadowing = Shadowing(kit, claim, self.what, shadow)

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        skipped = self._settlement_if_skipped()
        if skipped is not None:
            return skipped
        match await self._shadowing.decide_mode():
            case "stale":
                return settle_stale
            case "moved":
                self._shadowing.publish_to_successor(context, self._given.arguments(self._built.signature))
                return self._skip(tuple(context.buffer.events), StepOutcome.MOVED)
        return None

    def _result_settlement(self, result: Encoded, context: Context, gathered: int | None = None) -> Settlement:
        # Given anew: the step's code may have changed what it was given.
        self._shadowing.publish_for_comparison(context, self._given.arguments(self._built.signature), result)
        return super()._result_settlement(result, context, gathered)
