"""The steps with a successor of a bus in memory."""

from dataclasses import replace

from runtime.admin import Mode, ModeSwitch, ShadowRecord, StepNotFoundError
from runtime.shadows.record import StepAddress
from tests.collector.story import MS, ORIGIN_NS

BEGAN_MS = ORIGIN_NS // MS


class MemoryShadows:
    """Steps that a test has put in, and what operators did to them."""

    def __init__(self) -> None:
        self.steps: dict[str, ShadowRecord] = {}
        self.switched: list[tuple[str, str, str, str]] = []

    async def ping(self) -> None:
        """Answers unless it is away."""

    def shadowed(self, step: str, **facts: object) -> ShadowRecord:
        """Adds a step of workflow `payment` of app `bank`; ten comparisons agreed where nothing else is said."""
        known = {
            "mode": "shadow",
            "since_ms": None,
            "by": "",
            "reason": "",
            "channel": "receipts",
            "group": "receipts",
            "version": "1",
            "counted_ms": BEGAN_MS,
            "agreed": 10,
            "disagreed": 0,
            "failed": 0,
            "left_out": 0,
            "waiting": 0,
            "outdated": 0,
        }
        place = StepAddress("bank", "payment", step)
        self.steps[step] = record = ShadowRecord(place, **(known | facts))  # type: ignore[arg-type] # as a test says them
        return record

    async def shadows(self) -> list[ShadowRecord]:
        """What was put in."""
        await self.ping()
        return [replace(self.steps[name], switches=()) for name in sorted(self.steps)]

    async def shadow(self, step: str, workflow: str = "", app: str = "") -> ShadowRecord:
        """What was put in."""
        await self.ping()
        if step not in self.steps or workflow not in ("", "payment") or app not in ("", "bank"):
            raise StepNotFoundError(f"no step {step!r} with a successor is known on this server")
        return self.steps[step]

    async def switch_step(
        self, step: str, mode: Mode, operator: str, reason: str, workflow: str = "", app: str = ""
    ) -> Mode:
        """Switches it."""
        was = await self.shadow(step, workflow, app)
        switch = ModeSwitch(BEGAN_MS + 5, mode, operator, reason)
        self.steps[step] = replace(
            was, mode=mode, since_ms=BEGAN_MS + 5, by=operator, reason=reason, switches=(switch, *was.switches)
        )
        self.switched.append((step, mode, operator, reason))
        return was.mode

    async def compare_anew(self, step: str, operator: str, reason: str, workflow: str = "", app: str = "") -> None:
        """Forgets what was compared."""
        was = await self.shadow(step, workflow, app)
        self.steps[step] = replace(was, agreed=0, disagreed=0, failed=0, left_out=0, last=())
        self.switched.append((step, "anew", operator, reason))
