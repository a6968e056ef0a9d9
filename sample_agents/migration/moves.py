"""Who moves the steps: looks whether each and its successor agree, has what does not be mended, and moves it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from runtime.admin import Admin, Mode, ShadowRecord
from runtime.cli.shadows import format_agreement
from sample_agents.cancelling import heed_cancellation
from sample_agents.driving import say
from sample_agents.migration.agents import MENDED, app, payment_flow
from sample_agents.migration.journal import Act, Journal

#: Who it is, in the audit.
_OPERATOR: Final = "the demo"

#: Seconds that comparisons are waited for, and between two looks.
_PATIENCE: Final = 60.0
_LOOK: Final = 0.05

#: The step whose successor is wrong at first, and what it gets wrong.
WRONG, FIELD = "loyalty", "points"


@dataclass(slots=True)
class Mover:
    """Moves one step after the other.

    Attributes:
        admin: sees and switches them.
        least: comparisons that it wants to see before it decides.
        journal: is told what it did.
        moved: steps that are done by their successors now.
    """

    admin: Admin
    least: int
    journal: Journal
    moved: list[str] = field(default_factory=list)

    async def act(self, day: int) -> None:
        """What is done on a day, from 1: nothing on the first, on which all are compared."""
        match day:
            case 2:
                await self._move(day, "fraud_score")
            case 3:
                await self._mend(day, WRONG)
            case 4:
                await self._move(day, WRONG)
            case 5:
                await self._move(day, "receipt")
            case 6:
                await self._move(day, "analytics")
                await self._switch(day, "receipt", "shadow", "moved back, to see that it can be")
            case 7:
                await self._move(day, "receipt")
            case _:
                return

    async def prepare(self) -> None:
        """Has all steps be compared from nothing: a week before this one may have left them moved."""
        await app.shared.put(MENDED, False)
        for step in payment_flow.steps:
            if step in {one.place.step for one in await self.admin.shadows()}:
                await self.admin.switch_step(step, "shadow", _OPERATOR, "a week begins", payment_flow.name, app.name)
                await self.admin.compare_anew(step, _OPERATOR, "a week begins", payment_flow.name, app.name)

    async def _move(self, day: int, step: str) -> None:
        found = await self._wait_until_compared(step)
        if found.disagreed or found.failed:
            self.journal.failures.append(f"step {step} and its successor don't agree: it stays where it is")
            return
        await self._switch(day, step, "moved", "moved")

    async def _mend(self, day: int, step: str) -> None:
        """What was found before anybody was hurt by it."""
        found = await self._wait_until_compared(step)
        fields = {one.field for wrong in found.last for one in wrong.comparison.differences}
        if fields != {FIELD}:
            self.journal.failures.append(f"the successor of {step} is wrong, and nobody has seen it: {sorted(fields)}")
        self._note(day, found, f"found wrong ({', '.join(sorted(fields))}), mended, compared anew")
        await app.shared.put(MENDED, True)
        # What was given to it before may still be compared with what it was then.
        await self._wait_until(step, lambda one: not one.waiting)
        await self.admin.compare_anew(step, _OPERATOR, "its successor was mended", payment_flow.name, app.name)

    async def _switch(self, day: int, step: str, mode: Mode, what: str) -> None:
        found = await self.admin.shadow(step, payment_flow.name, app.name)
        self._note(day, found, what)
        await self.admin.switch_step(step, mode, _OPERATOR, what, payment_flow.name, app.name)
        self.moved = [one for one in self.moved if one != step] + ([step] if mode == "moved" else [])

    async def _wait_until_compared(self, step: str) -> ShadowRecord:
        return await self._wait_until(step, lambda one: one.compared >= self.least)

    async def _wait_until(self, step: str, is_so: Callable[[ShadowRecord], bool]) -> ShadowRecord:
        async with asyncio.timeout(_PATIENCE):
            while not is_so(found := await self.admin.shadow(step, payment_flow.name, app.name)):
                heed_cancellation()
                await asyncio.sleep(_LOOK)
            return found

    def _note(self, day: int, found: ShadowRecord, what: str) -> None:
        step, under_way = found.place.step, self.journal.under_way
        done = Act(day, step, what, found.compared, found.disagreed, format_agreement(found), under_way)
        self.journal.acts.append(done)
        told = f"{done.compared} compared, {done.agreement or 'none'} agree"
        say(
            {
                "act": f"day {day}: {step} {what} ({told}; {under_way} payments under way)",
                "place": "/topology?see=advice",
            }
        )
