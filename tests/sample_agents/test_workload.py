"""The workload on a real server, with a worker in this process: what the world says is what the bus shows."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from runtime.admin import Admin
from sample_agents import books, outcome, workload
from sample_agents.logistics import DELIVERED, OUTAGE, app, shipment
from sample_agents.workload import Plan
from sample_agents.world import World
from tests.waiting import until

PLAN = Plan(app=app, workflow=shipment, channel=DELIVERED, outage=OUTAGE)
WORLD = World(7, 15)

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.usefixtures("environment")]


@pytest.fixture
async def admin(environment: None) -> AsyncIterator[Admin]:
    """An operator's connection."""
    connected = await Admin.connect()
    yield connected
    await connected.close()


async def test_what_was_promised_happens_and_replays_bring_the_rest(admin: Admin):
    """All arrive; the letters are those of the books; after the outage replays succeed, but for two."""
    async with app:
        journal = await workload.ship(PLAN, WORLD, admin)
        found = await outcome.examine(journal, WORLD, admin, None, await workload.channel_of(PLAN, admin))
        assert (found["ok"], found["failures"]) == (True, [])
        retries, wrong = (
            found["summary"]["pickups that had to be tried again"],
            found["summary"]["parcels sorted wrong"],
        )
        assert (retries, wrong) == (len(WORLD.busy), len(WORLD.smudged))
        assert found["focus_kinds"] == {"run": 1, "step": 4, "event": 1, "delivery": 3, "dead_letter": 1}
        dead = {number: books.dead_letter(run) for number, run in journal.runs.items() if WORLD.dies_of(number)}
        page = await admin.dead_letters(limit=100)
        assert {letter.id for letter in page.items} == set(dead.values())
        assert await app.shared.get(OUTAGE) == ""

        settled = await admin.replay(list(dead.values()), "ada")
        assert {one.status for one in settled} == {"replayed"}
        await workload.settle(PLAN, admin, len(WORLD.numbers))
        again = (await admin.dead_letters(limit=100)).items
    expected = {books.dead_letter(journal.runs[number], 1) for number in WORLD.unreachable}
    assert {letter.id for letter in again} == expected
    assert {letter.round for letter in again} == {1}


async def test_two_workloads_do_not_collide(admin: Admin):
    """The same seed twice: subjects differ, and the second keeps its promises on top of the first."""
    world = World(7, 3)
    async with app:
        first = await workload.ship(PLAN, world, admin)
        before = await workload.channel_of(PLAN, admin)
        second = await workload.ship(PLAN, world, admin)
        found = await outcome.examine(second, world, admin, before, await workload.channel_of(PLAN, admin))
    assert not set(first.subjects.values()) & set(second.subjects.values())
    assert found["failures"] == []
    assert found["summary"]["invoices written"] == 3


async def test_a_world_that_behaves_otherwise_is_found_out(admin: Admin):
    """Examined against the books of another seed, the same workload has broken promises."""
    async with app:
        journal = await workload.ship(PLAN, WORLD, admin)
        found = await outcome.examine(journal, World(8, 15), admin, None, await workload.channel_of(PLAN, admin))
    assert not found["ok"]
    for words in ("the booking of", "was sorted", "the text message of"):
        assert any(words in failure for failure in found["failures"]), words


async def test_an_interrupted_workload_ends_the_outage(admin: Admin):
    """By TERM, as a supervisor sends it; nobody works, so it would wait for long."""
    command = [sys.executable, "-m", "sample_agents.logistics", "--seed", "7", "--shipments", "3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - it only has to start
    async with app.client():
        await until(lambda: app.shared.get(OUTAGE, ""), "the outage has begun")
        process.send_signal(signal.SIGTERM)
        out, _ = await asyncio.to_thread(process.communicate)
        assert (process.returncode, out) == (130, "")
        assert await app.shared.get(OUTAGE) == ""


def test_the_command_line_refuses_what_makes_no_sense(monkeypatch: pytest.MonkeyPatch, capsys):
    """One line on what is allowed; and without a server, one line and status 2."""
    with pytest.raises(SystemExit) as refused:
        workload.main(PLAN, "logistics", ["--shipments", "0"])
    assert refused.value.code == 2
    assert "must be at least 1" in capsys.readouterr().err
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://127.0.0.1:1")
    assert workload.main(PLAN, "logistics", ["--shipments", "1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_last_line_is_the_outcome(capsys):
    """Before it, progress: each line one JSON object."""
    command = [
        sys.executable,
        "-c",
        "from sample_agents.logistics import app\nfrom runtime.worker.process import serve\nserve(app)",
    ]
    with subprocess.Popen(command) as worker:
        try:
            status = workload.main(PLAN, "logistics", ["--seed", "7", "--shipments", "3"])
        finally:
            worker.terminate()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[:-1] == [{"done": done, "total": 3} for done in (1, 2, 3)]
    assert sorted(lines[-1]) == ["failures", "focus_event_id", "focus_kinds", "ok", "scores", "summary"]
    assert lines[-1]["focus_kinds"] == {"run": 1, "step": 4, "event": 1, "delivery": 3}
    assert lines[-1]["scores"] == [{"workflow": "shipment", "step": "sorting", "n": 3, "right": 2}]
    assert (status, lines[-1]["ok"]) == (0, True)
