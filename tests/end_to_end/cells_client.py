"""What a test of cells starts, and what it finds on the server afterwards."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from runtime import App, Run
from runtime.admin import DeadLetter
from runtime.bus.keys import ChannelKeys
from runtime.causality import identity
from runtime.dead_letters.letters import DeadLetters
from runtime.state.keys import StateKeys
from tests.diary import Diary
from tests.end_to_end.cells_app import Job
from tests.waiting import until


class Work:
    """One job under way: a run, or an event."""

    def __init__(self, app: App, name: str, run: Run | None, event: UUID | None) -> None:
        self._app = app
        self.name = name
        self.run = run
        self._event = event

    async def ended(self, patience: float = 60) -> str:
        """Waits for its end: `ok`, or the class of the error that it was given up with."""
        return await until(self._ended, f"{self.name} has ended", patience)

    async def blame(self) -> tuple[int, int]:
        """How often a cell was killed by it, and how often one has vanished with it, as far as it is still under
        way."""
        client: Any = self._app.session.server.client
        if self.run is not None:
            fields = [f"work:{name}" for name in ("deaths", "vanished")]
            found = await client.hmget(StateKeys("cells").attempts(self.run.id), fields)
        else:
            found = await client.hmget(ChannelKeys("jobs").delivery("work", self._delivery), ["deaths", "vanished"])
        deaths, vanished = found
        return int(deaths or 0), int(vanished or 0)

    async def letter(self) -> DeadLetter:
        """Its dead letter."""
        letters = DeadLetters(self._app.session.server.client)
        return await until(lambda: letters.get(identity.dead_letter_id(self._delivery)))

    @property
    def _delivery(self) -> UUID:
        assert self._event is not None
        return identity.delivery_id(self._event, "work", 0)

    async def _ended(self) -> str:
        session = self._app.session
        if self.run is not None:
            record = await session.store.get(self.run.id)
            assert record is not None
            return {"running": "", "ok": "ok"}.get(record.status, record.error_type)
        letter = await DeadLetters(session.server.client).get(identity.dead_letter_id(self._delivery))
        if letter is not None:
            return "PoisonError" if letter.reason == "poison" else letter.error_type
        assert self._event is not None
        return "ok" if await session.server.client.exists(ChannelKeys("jobs").done_mark("work", self._event)) else ""


class Client:
    """The test's own connection."""

    def __init__(self, app: App, diary: Diary) -> None:
        self.app = app
        self.diary = diary

    async def begin(self, kind: str, name: str, does: str = "quick", workflow: str = "job") -> Work:
        """Has a job done, by a step or a handler."""
        job = Job(name=name, does=does)
        if kind == "step":
            return Work(self.app, name, await self.app.start(self.app._workflows[workflow], job=job), None)
        return Work(self.app, name, None, await self.app.publish("jobs", job))

    async def many(self, kind: str, name: str, number: int, does: str = "quick") -> list[Work]:
        """The same for so many."""
        return [await self.begin(kind, f"{name}-{one}", does) for one in range(number)]

    async def both(self, name: str, number: int, does: str = "quick") -> list[Work]:
        """So many by steps, and as many by handlers."""
        return [work for kind in ("step", "handler") for work in await self.many(kind, f"{name}-{kind}", number, does)]

    def attempts(self, work: Work) -> int:
        """How often a job has begun."""
        return len(self.diary.rows("begun", key=work.name))

    def ends(self) -> Counter[str]:
        """How often each job got to its end."""
        return self.diary.count("ended")

    async def all_well(self, works: Sequence[Work], patience: float = 60) -> None:
        """Waits until all have ended well."""
        assert {work.name: await work.ended(patience) for work in works} == {work.name: "ok" for work in works}
