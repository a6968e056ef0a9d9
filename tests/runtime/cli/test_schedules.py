"""What an operator sees of schedules, and does with them, from the command line, against a real server."""

import asyncio

import pytest

from runtime import App, Cron, Every
from runtime.worker.schedule_loop import build_declaration
from tests.runtime.cli.commands import Call, Ended

pytestmark = pytest.mark.redis


def declared(name: str = "shop") -> None:
    """Has an app declare two schedules on the server, and go again."""
    app = App(name)
    report = app.workflow("report")
    report.step(name="gather")(lambda: None)
    app.schedule("nightly", report, Cron("0 9 * * 1-5", zone="Europe/Berlin"))
    app.schedule("sync", report, Every(minutes=5))

    async def declare() -> None:
        async with app.client():
            book = app.session.schedules
            now_ms = (await book.read_board()).now_ms
            for built in app.session.app.schedules:
                one = build_declaration(built)
                await book.declare(one, one.when.after(now_ms))

    asyncio.run(declare())


def test_schedules_are_listed_with_their_next_times(call: Call) -> None:
    """And that no worker has them in its code, where none is there."""
    assert call("schedules", "list").out.startswith("no schedules: app.schedule(NAME, WORKFLOW, Cron(")
    declared()
    said = call("schedules", "list").out
    assert "0 9 * * 1-5 (Europe/Berlin)" in said
    assert "every 5 min" in said
    assert said.count("no live worker declares it") == 2


def test_a_schedule_is_paused_and_goes_on_again(call: Call) -> None:
    """What was dropped meanwhile is said; so is that nothing was to be done."""
    declared()
    assert call("schedules", "pause", "sync", "--by", "ada") == Ended(0, "schedule sync is paused\n", "")
    assert call("schedules", "pause", "sync", "--by", "bob").out == "schedule sync was paused before\n"
    assert "paused by ada since" in call("schedules", "list").out
    said = call("schedules", "resume", "sync", "--by", "ada").out
    assert said.startswith("schedule sync goes on, next at ")
    assert said.endswith("; dropped: 0 ticks of the time that it was paused\n")
    assert call("schedules", "resume", "sync").out == "schedule sync was not paused\n"
    audit = call("audit").out
    assert ("pause_schedule" in audit, "unpause_schedule" in audit, "shop / sync" in audit) == (True, True, True)


def test_a_schedule_that_is_run_now_names_its_run_and_is_skipped_while_that_goes_on(call: Call) -> None:
    """Without a worker it waits for one, which is said."""
    declared()
    said = call("schedules", "run", "nightly", "--by", "ada").out
    run = said.split()[1]
    assert said.endswith("\nno live worker declares it: the run starts when one is there\n")
    again = call("schedules", "run", "nightly").out
    assert again.startswith(f"schedule nightly does not run now: run {run} goes on, and it skips ticks meanwhile")


def test_a_schedule_that_is_removed_is_gone(call: Call) -> None:
    """What is not there is said in one line; of two apps' one has to be said whose."""
    declared()
    assert call("schedules", "remove", "sync", "--yes") == Ended(0, "schedule sync is removed\n", "")
    for act in ("pause", "resume", "run"):
        ended = call("schedules", act, "sync")
        assert (ended.status, ended.err) == (
            2,
            "causeline: no app has a schedule 'sync' on this server: `causeline schedules list` shows all\n",
        )
    declared("other")
    assert "several apps have a schedule 'nightly': say which: other, shop" in call("schedules", "pause", "nightly").err
    assert call("schedules", "pause", "nightly", "--app", "shop").out == "schedule nightly is paused\n"
