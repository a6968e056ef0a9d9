"""Makes a home of the release that Python finds, for later versions to open; see README.md beside it.

PYTHONPATH=<checkout of the release> python tests/upgrade/make_home.py <version>
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from math import nan
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import parcels
import record
import troubled
from conditions import until
from maker import SEEN, Maker
from making import HERE, Release, betrayed, keep_marks, pack, rewrite

from runtime.admin import Admin

#: Seconds that those who hold work live by; enough for the last worker, which must not take it over.
_HOLDERS_LEASE: Final = 9.0


class Making(Maker):
    """One home in the making: what lies in it is told in the order of its methods."""

    def __init__(self, release: Release) -> None:
        super().__init__(release)
        self.known: dict[str, Any] = {}
        self.twice = b""
        """An event that is in its channel twice."""

    async def work_while_the_collector_is_up(self) -> None:
        """Runs that ended, letters of most reasons, and what operators did."""
        async with self.release.collector():
            with self.release.worker():
                await self._live_through_good_times()
            async with self.connected():  # the last thing that an operator did is confirmed when he leaves
                await until(self.is_told, "all is told")
        async with self.release.collector() as asked:
            self.known["stored"] = asked.overview().spans_stored

    async def _live_through_good_times(self) -> None:
        async with self.connected():
            await self.app.shared.put("rates", {1: nan, 2: [[0.1], []], "of": parcels.order_of(0)})
            await self.ship("done-1")
            await self.lose("lost")
            await until(self.nothing_runs, "the first of all are done")
            await self.quiet()
            await self._begin_in_good_times()
            await until(self.only_retries_run, "runs end or wait")
            await self.quiet()
            await record.held(self.app, await self.run("cancelled")).cancel()
            await self._settle_letters()

    async def _begin_in_good_times(self) -> None:
        for subject in ("done-2", "failed", "cancelled", "crossing"):
            await self.ship(subject)
        for subject in ("sms-down", "no-number", "given-up", "mended", "hopeless", "again", "twice"):
            await self.deliver(subject)
        self.twice = await self.published("twice")
        await self.lose("lost-once")
        await self.publish("no-receipt", {"number": "many", "line": [None]})
        await self.client.xadd(SEEN, {"e": "no envelope \u20ac"})
        await self.write_as_a_stranger("foreign-done")

    async def work_that_kills(self) -> None:
        """A letter because of poison: its worker dies four times."""
        async with self.connected():
            await self.deliver("poison")
            with self.release.worker(0.3) as worker:
                await self.release.held("billing poison")
                await self.quiet(billing=1)
                self.release.release("billing poison")
                await self.release.dies(worker)
            for _ in range(3):
                with self.release.worker(0.3) as worker:
                    await self.release.dies(worker)
            with self.release.worker(0.3):
                await self.quiet()

    async def workers_that_die_too_soon(self) -> None:
        """What is committed, and whose worker did not live to do what follows."""
        async with self.connected():
            for subject in ("uncarried", "carried"):
                with self.release.worker() as worker:
                    await self.ship(subject)
                    await self.release.dies(worker)
                    self.left += 1
            # Whoever waited for the event that was carried was given it, and died: another one does that work.
            with self.release.worker(0.3):
                await self.quiet()
            for name, group in (("billing unbilled", "billing"), ("send_sms untold", "sms")):
                with self.release.worker() as worker:
                    await self.deliver(name.split()[1])
                    await self.release.held(name)
                    await self.quiet(**{group: 1})
                    self.release.release(name)
                    await self.release.dies(worker)
                    self.left += group == "billing"

    async def a_worker_that_dies_with_its_hands_full(self) -> None:
        """Steps and deliveries that it holds, that wait for a retry, and that wait for an open breaker."""
        async with self.connected():
            with self.release.worker(_HOLDERS_LEASE) as worker:
                await self._open_the_breaker()
                for subject in ("mid", "arrived", "retry"):
                    await self.ship(subject)
                for subject in ("held", "held-again", "waits"):
                    await self.deliver(subject)
                await self.bring_forward("crossing")
                await self.release.held("sorting mid", "transit crossing", "delivery arrived")
                await self.release.held("billing held", "send_sms held-again")
                await self.quiet(billing=1, sms=1)
                await self.wait_far(tasks=3, deliveries=3)
                await until(lambda: record.pending_told(self.release.home) >= 5, "what is held is told as pending")
                await rewrite(self.client)
                worker.kill()
            with self.release.worker() as worker:
                await self.ship("begun")
                await self.release.dies(worker)

    async def _open_the_breaker(self) -> None:
        await self.lose("lost-child")
        await self.release.held("check lost-child")
        await self.quiet()
        self.release.release("check lost-child")
        await self.wait_far(tasks=3, deliveries=0)
        await self.lose("lost-behind")
        await self.wait_far(tasks=3, deliveries=1)

    async def what_no_worker_sees(self) -> None:
        """Runs, events, a replay and a copy of an event while nobody works."""
        async with self.connected():
            await self.ship("due")
            await self.deliver("given")
            # As a worker leaves it that dies before it has begun with it.
            await self.app.session.bus.read(parcels.DELIVERED, "sms", f"{troubled.HOST}-1-0badcafe", 10, 100)
            await self.deliver("unread")
            await self.write_as_a_stranger("foreign")
            await self.publish_again(self.twice)
            letter = await self.letter("again")
            command = [sys.executable, str(HERE / "make_home.py"), "--replay", str(letter)]
            done = await asyncio.to_thread(subprocess.run, command, check=False, cwd=self.release.folder)
            if done.returncode != -signal.SIGKILL:
                raise RuntimeError("the operator did not get to the replay")
            await keep_marks(self.client)

    async def look(self) -> None:
        """What the home holds is written down."""
        async with self.connected():
            self.known |= await record.of(self.app, self.admin, self.release.home, self.numbers)

    async def _settle_letters(self) -> None:
        await self.admin.discard([await self.letter("given-up")], "grace", "she has moved")
        for subject in ("mended", "hopeless"):
            await self.admin.replay([await self.letter(subject)], "ada")
        await self.quiet()


async def make(release: Release) -> dict[str, Any]:
    """The home, and what it holds."""
    making = Making(release)
    async with record.others(parcels.BILLED):
        pass
    await making.work_while_the_collector_is_up()
    await making.work_that_kills()
    await making.workers_that_die_too_soon()
    await making.a_worker_that_dies_with_its_hands_full()
    await making.what_no_worker_sees()
    await making.look()
    await release.is_over()
    return making.known


async def replay(letter: str) -> None:
    """Replays a letter, and dies before anybody hears of it."""
    admin = await Admin.connect()
    await admin.replay([UUID(letter)], "ada")
    troubled.die()


def main() -> None:
    """Makes the home and puts it beside this file."""
    troubled.be_neutral()
    if sys.argv[1] == "--replay":
        asyncio.run(replay(sys.argv[2]))
    words = [f"{os.uname().nodename}-", str(HERE.parents[1]), sys.prefix]
    version = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        release = Release(Path(folder), _free_port())
        known = asyncio.run(make(release))
        told = betrayed(release.home, [*words, str(release.checkout), folder])
        if told:
            sys.exit(f"the home tells names of this machine: {sorted(told)}")
        archive = HERE / "homes" / f"{version}.tar.gz"
        pack(release.home, archive)
        archive.with_name(f"{version}.json").write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    print(f"made {archive} of {release.checkout}: {archive.stat().st_size} bytes")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
