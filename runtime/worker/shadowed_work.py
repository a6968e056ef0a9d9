"""A claimed step that has a choreographed successor: done, done and compared, or left to that."""

from runtime.codec.encoded import Encoded
from runtime.definitions.context import Context
from runtime.definitions.steps import BuiltWorkflow
from runtime.semconv import StepOutcome
from runtime.shadows.shadow import Shadow
from runtime.state.tasks import Claim
from runtime.worker.following import Following
from runtime.worker.shadowing import Shadowing
from runtime.worker.step_work import StepWork
from runtime.worker.work import Equipment, Settlement, stale


class ShadowedWork(StepWork):
    """A `StepWork` whose step may have been moved. Args: as of that, and the `shadow` as it is declared."""

    def __init__(
        self, kit: Equipment, workflow: BuiltWorkflow, claim: Claim, following: Following | None, shadow: Shadow
    ) -> None:
        super().__init__(kit, workflow, claim, following)
        self._shadowing = Shadowing(kit, claim, self.what, shadow)

    async def uncalled(self, context: Context) -> Settlement | None:
        skipped = self._skipped()
        if skipped is not None:
            return skipped
        match await self._shadowing.decided():
            case "stale":
                return stale
            case "moved":
                self._shadowing.move(context, self._given.arguments(self._built.signature))
                return self._skips(tuple(context.buffer.events), StepOutcome.MOVED)
        return None

    def _made(self, result: Encoded, context: Context, gathered: int | None = None) -> Settlement:
        # Given anew: the step's code may have changed what it was given.
        self._shadowing.compare(context, self._given.arguments(self._built.signature), result)
        return super()._made(result, context, gathered)
