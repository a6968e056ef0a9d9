"""A worker that is killed takes its own group with it: another removes it, and goes on alone."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime import App, Event, Settings
from runtime.bus.ledger import read_ledger
from runtime.bus.records import GroupLedger
from tests.runtime.cli.commands import begin, processes_of, surroundings
from tests.waiting import until

pytestmark = pytest.mark.redis

#: Shows prices in a file of its folder, a line each.
BOARD = """
import os
from pathlib import Path

from causeline import App, Event

app = App("prices")


@app.subscribe("prices", group="board", ephemeral=True)
def show(event: Event[int]) -> None:
    with Path(os.environ["CAUSELINE_HOME"], "board").open("a") as board:
        board.write(f"{event.data}\\n")


@app.subscribe("prices", group="book")
def keep(price: int) -> None:
    pass
"""
#: Seconds in which a worker that is gone is noticed, and its work taken over.
PATIENCE = 60.0


@pytest.fixture
def folders(tmp_path: Path, redis_url: str) -> Iterator[list[Path]]:
    """Two workers, each in a folder of its own."""
    folders = [tmp_path / name for name in ("first", "second")]
    with ExitStack() as stack:
        for folder in folders:
            (folder / "home").mkdir(parents=True)
            (folder / "board.py").write_text(BOARD)
            env = surroundings(folder, {"CAUSELINE_REDIS_URL": redis_url, "CAUSELINE_TELEMETRY": "false"})
            stack.callback(stack.enter_context(begin("worker", "board.py", folder=folder, env=env)).terminate)
        yield folders


async def test_a_worker_that_is_killed_takes_its_group_with_it(folders: list[Path], redis_url: str, tmp_path: Path):
    """Every live board shows everything; what the dead one still owed is owed no more, and nobody is asked to care."""
    app = App("prices", settings=Settings(redis_url=redis_url, home=tmp_path / "mine", telemetry=False))

    @app.subscribe("prices", group="board", ephemeral=True)
    def show(event: Event[int]) -> None: ...

    async with app.client():

        async def boards() -> list[GroupLedger]:
            ledgers = await read_ledger(app.session.server.client, 30_000)
            return [one for ledger in ledgers for one in ledger.groups if one.is_ephemeral]

        async def are(count: int) -> bool:
            return len(await boards()) == count

        def shown(number: int) -> list[str]:
            board = folders[number] / "home" / "board"
            return board.read_text().split() if board.exists() else []

        await until(lambda: are(2), "two boards are there", PATIENCE)
        await app.publish("prices", 7)
        await until(lambda: shown(0) == shown(1) == ["7"], "both show it", PATIENCE)
        for pid in processes_of(folders[0]):
            os.kill(pid, signal.SIGKILL)
        await app.publish("prices", 8)
        await until(lambda: are(1), "the dead one's group is gone", PATIENCE)
        await until(lambda: shown(1) == ["7", "8"], "the other goes on", PATIENCE)
        assert shown(0) == ["7"]
        assert [(one.pending, one.dead) for one in await boards()] == [(0, 0)]
