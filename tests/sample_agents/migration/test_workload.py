"""The demo on a real server, with a worker in this process: what the books say is what became of the payments."""

import json

import pytest

from sample_agents.migration import agents, books, moves, workload
from sample_agents.migration.agents import app
from sample_agents.migration.week import Week

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.usefixtures("environment")]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that takes less time."""
    for work in books.SECONDS:
        monkeypatch.setitem(books.SECONDS, work, 0.005)  # type: ignore[arg-type]  # a dict, as it is made


async def test_steps_move_while_payments_go_on_and_nothing_is_lost_or_done_twice() -> None:
    """Twice over the same books: the second week begins with all steps compared again."""
    async with app:
        first = await workload.migrate(Week(7, 42), 0.01)
        second = await workload.migrate(Week(8, 28), 0.01)
    for found in (first, second):
        assert (found["failures"], found["ok"]) == ([], True)
        assert (found["summary"]["lost"], found["summary"]["done twice"]) == (0, 0)
        assert found["summary"]["done by their successors"] > 0
        json.dumps(found)
    acts = [(row[0], row[1]) for row in first["tables"][0]["rows"]]
    assert acts == [
        ("2", "fraud_score"),
        ("3", "loyalty"),
        ("4", "loyalty"),
        ("5", "receipt"),
        ("6", "analytics"),
        ("6", "receipt"),
        ("7", "receipt"),
    ]


async def test_a_handler_that_does_its_work_beside_its_step_too_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever forgets `ctx.is_shadow` does it twice: the books have it."""
    monkeypatch.setattr(agents, "_done", books.enter)
    async with app:
        found = await workload.migrate(Week(7, 28), 0.01)
    assert found["ok"] is False
    assert any("receipt: " in one and "payments have several" in one for one in found["failures"])


async def test_a_successor_that_stays_wrong_keeps_its_step_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to be mended was not: the step is not moved, and the report says so."""
    monkeypatch.setattr(moves, "MENDED", "something else")
    async with app:
        found = await workload.migrate(Week(7, 28), 0.01)
    assert found["failures"] == [
        "step loyalty and its successor don't agree: it stays where it is",
        "step loyalty was not moved",
    ]
