"""Steps beside their choreographed successors."""

from collector.asking.base import Asking
from collector.models import AnewRequest, ShadowedStep, ShadowList, StepMode, SwitchAnswer, SwitchRequest


class Shadows(Asking):
    """What is asked about steps that have a successor, and done with them."""

    def shadows(self) -> ShadowList:
        """Returns all steps that have a successor: who does each step, and how far step and successor agree."""
        return self._api.get(ShadowList, "/api/shadows")

    def shadow(self, app: str, workflow: str, step: str) -> ShadowedStep:
        """Returns one step that has a successor, with the results that did not agree and what operators did."""
        return self._api.get(ShadowedStep, "/api/shadows/one", step=step, workflow=workflow, app=app)

    def switch_step(
        self, app: str, workflow: str, step: str, mode: StepMode, operator: str, reason: str = ""
    ) -> SwitchAnswer:
        """Says who does a step from now on."""
        request = SwitchRequest(app=app, workflow=workflow, step=step, mode=mode, operator=operator, reason=reason)
        return self._api.post(SwitchAnswer, "/api/shadows/switch", request)

    def compare_anew(self, app: str, workflow: str, step: str, operator: str, reason: str = "") -> ShadowedStep:
        """Forgets what was compared of a step."""
        request = AnewRequest(app=app, workflow=workflow, step=step, operator=operator, reason=reason)
        return self._api.post(ShadowedStep, "/api/shadows/anew", request)
