"""`causeline check` against a real server, without a collector."""

import asyncio

import pytest
import typer

from runtime import App, Event
from runtime.cli import lateness
from tests.runtime.cli.commands import Call, Ended


async def leave_behind(app: App) -> None:
    """Publishes an event, and starts a run, that nobody works on."""
    work = app.workflow("order", number=int)
    work.step(name="reserve")(lambda number: number)

    @app.subscribe("orders", group="books")
    async def book(event: Event[int]) -> None:
        """Never runs here."""

    async with app:
        pass  # the group is there from now on
    async with app.client():
        await app.publish("orders", 1)
        await app.start(work, number=7)


@pytest.mark.redis
def test_an_event_that_waits_too_long_is_named_and_the_status_is_1(call: Call) -> None:
    """And a step of a run; nothing is late before its time, and nothing is known where there is nothing."""
    assert call("check", "--max-age", "5m") == Ended(0, "nothing has waited for longer than 5 min\n", "")
    asyncio.run(leave_behind(App("shop")))
    assert call("check", "--max-age", "1h").status == 0
    late = call("check", "--max-age", "0s")
    assert late.status == 1
    assert "an event on orders has waited " in late.out
    assert "for group books: 1 unprocessed in all, 0 of them between attempts; no live worker serves it" in late.out
    assert "step reserve of run " in late.out
    assert "nobody works for shop" in late.out


@pytest.mark.redis
def test_what_cannot_be_known_is_no_success(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is away, and a length of time that is none: 2, with a line that says so."""
    assert call("check", "--max-age", "soon") == Ended(
        2,
        "",
        "causeline: Invalid value: 'soon' is not a duration: write 90s, 5m, 1h or 2d; see `causeline check --help`\n",
    )
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://127.0.0.1:1")
    away = call("check", "--max-age", "5m")
    assert (away.status, away.out) == (2, "")
    assert "no Redis or Valkey server answers" in away.err


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("1.5 h", 5_400), ("2d", 172_800), ("7", 7)])
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    """A plain number is seconds."""
    assert lateness.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "5 weeks", "m", "1m30s"])
def test_other_texts_are_refused(text: str) -> None:
    """With what to write."""
    with pytest.raises(typer.BadParameter, match="write 90s"):
        lateness.parse_duration(text)
