"""What operators do to steps that have a choreographed successor."""

from runtime.errors import StepNotFoundError
from runtime.shadows.contract import Shadows
from runtime.shadows.record import Mode, ShadowRecord, StepAddress


class ShadowOperations:
    """Finds steps that have a successor, and says who does them. Args: `shadows`, the book of a server."""

    def __init__(self, shadows: Shadows) -> None:
        self._shadows = shadows

    async def shadows(self) -> list[ShadowRecord]:
        """All steps that are declared with a successor, by name, without what operators did."""
        return await self._shadows.all()

    async def shadow(self, step: str, workflow: str = "", app: str = "") -> ShadowRecord:
        """One of them, with what operators did.

        Args:
            step: its name.
            workflow, app: whose it is, where several have one of that name.

        Raises:
            StepNotFoundError: there is none, or there are several.
        """
        found = await self._shadows.get(await self._find_place(step, workflow, app))
        if found is None:
            raise _step_not_found(step)
        return found

    async def switch_step(
        self, step: str, mode: Mode, operator: str, reason: str, workflow: str = "", app: str = ""
    ) -> Mode:
        """Has a step be done in a mode from now on, without a restart of anything: by attempts that begin. What has
        begun is ended as it began.

        Args:
            step: its name.
            mode: who does it: `step`, `shadow` or `moved`.
            operator, reason: who says so, and why, for the audit.
            workflow, app: whose it is, where several have one of that name.

        Returns:
            The mode that it had.

        Raises:
            StepNotFoundError: there is none, or there are several.
        """
        before = await self._shadows.switch(await self._find_place(step, workflow, app), mode, operator, reason)
        if before is None:
            raise _step_not_found(step)
        return before

    async def compare_anew(self, step: str, operator: str, reason: str, workflow: str = "", app: str = "") -> None:
        """Forgets what was compared of a step, such as when its successor was mended; arguments as of `switch_step`.

        Raises:
            StepNotFoundError: there is none, or there are several.
        """
        if not await self._shadows.begin_anew(await self._find_place(step, workflow, app), operator, reason):
            raise _step_not_found(step)

    async def _find_place(self, step: str, workflow: str, app: str) -> StepAddress:
        if app and workflow:
            return StepAddress(app, workflow, step)
        places = [one.place for one in await self._shadows.all()]
        found = [
            one
            for one in places
            if one.step == step and (not workflow or one.workflow == workflow) and (not app or one.app == app)
        ]
        if not found:
            raise _step_not_found(step)
        if len(found) > 1:
            named = "; ".join(f"workflow {one.workflow} of app {one.app}" for one in found)
            raise StepNotFoundError(f"several steps {step!r} have a successor: say which, by workflow and app: {named}")
        return found[0]


def _step_not_found(step: str) -> StepNotFoundError:
    return StepNotFoundError(
        f"no step {step!r} with a successor is known on this server: `causeline shadows list` names those that are; a "
        "worker whose code declares shadow= makes it known"
    )
