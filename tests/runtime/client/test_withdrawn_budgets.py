"""The budget of what was refused is withdrawn; that of what may have begun stays."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from runtime import App, Budget, Settings
from runtime.errors import DefinitionError, KeyConflictError, ServerUnavailableError, StreamFullError
from runtime.state.runs import AcceptedRun, NewRun

BUDGET: Final = Budget(hops=5)


def write(topic: str) -> str:
    return topic


class Crew:
    """An app whose channel `asked` is full, and whose key `one` is taken; no account is open."""

    def __init__(self, settings: Settings) -> None:
        self.app = App("crew", settings=settings.model_copy(update={"stream_cap": 1}))
        self.flow = self.app.workflow("write", topic=str)
        self.flow.step(write)

    async def take(self) -> None:
        await self.app.session.bus.subscribe("asked", "ear", schema="{}", app="crew")
        await self.app.publish("asked", "x", key="one")
        await self.app.start(self.flow, topic="x", key="one")

    async def start(self, topic: str = "x", **options: Any) -> None:
        await self.app.start(self.flow, topic=topic, budget=BUDGET, **options)

    async def publish(self, **options: Any) -> None:
        await self.app.publish("asked", "y", budget=BUDGET, **options)


@pytest.fixture
async def crew(settings: Settings) -> AsyncIterator[Crew]:
    """Connected; nobody works."""
    made = Crew(settings)
    async with made.app.client():
        await made.take()
        yield made


async def leaves_none(crew: Crew, error: type[Exception], begin: Callable[[], Awaitable[None]]) -> None:
    """Tries twice what is refused."""
    for _ in range(2):
        with pytest.raises(error):
            await begin()
    assert await crew.app.session.accounts.list_newest(10) == []


async def test_a_start_that_is_refused_leaves_no_budget_behind(crew: Crew):
    """Nothing would ever be charged to it, and each try opens another."""
    past = datetime(2000, 1, 1, tzinfo=UTC)
    await leaves_none(crew, KeyConflictError, lambda: crew.start("y", key="one"))
    await leaves_none(crew, DefinitionError, lambda: crew.start(deadline=past))


async def test_an_event_that_is_refused_leaves_no_budget_behind(crew: Crew):
    """Whatever refuses it: its key, its channel, or its times."""
    await leaves_none(crew, KeyConflictError, lambda: crew.publish(key="one"))
    await leaves_none(crew, StreamFullError, crew.publish)
    await leaves_none(crew, DefinitionError, lambda: crew.publish(delay=-1))


async def test_what_may_have_begun_keeps_its_budget(crew: Crew, monkeypatch: pytest.MonkeyPatch):
    """A server that did not answer may have accepted it, and it must not run without bounds."""
    store = crew.app.session.store
    start = store.start

    async def unanswered(run: NewRun) -> AcceptedRun:
        await start(run)
        raise ServerUnavailableError("away")

    monkeypatch.setattr(store, "start", unanswered)
    with pytest.raises(ServerUnavailableError):
        await crew.start()
    (account,) = await crew.app.session.accounts.list_newest(10)
    assert await store.get(account.id) is not None
