"""The books of the outside world: what was really done about each payment, and by whom.

The runtime reads nothing of them.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from runtime import Context
from runtime.home import find_home
from runtime.settings import load
from sample_agents.daybook import Daybook, Entry

#: The file, in the home that workers and workload share.
FILE: Final = "migration.sqlite"

#: Seconds that each work takes. The two that somebody waits for come first.
SECONDS: Final[Mapping[str, float]] = {
    "authorise": 0.01,
    "settle": 0.01,
    "fraud_score": 0.25,
    "loyalty": 0.17,
    "receipt": 0.1,
    "analytics": 0.05,
}

#: Who has done it.
STEP, HANDLER = "step", "handler"


def of_home() -> Daybook:
    """The books of this process's home.

    Raises:
        SettingsError: a variable does not parse, or the home can't be used.
    """
    return Daybook(find_home(load().home) / FILE)


async def enter(work: str, ctx: Context) -> None:
    """Does some work outside, which takes its time; a key of its own for each node, so that it is done once by each."""
    await asyncio.sleep(SECONDS[work])
    by = STEP if ctx.run_id else HANDLER
    await asyncio.to_thread(of_home().enter, f"{work} by {by}", ctx.subject, str(ctx.node_id))


@dataclass(frozen=True, slots=True)
class Tally:
    """What the books say of one kind of work.

    Attributes:
        work: which.
        by_step, by_handler: entries of each.
        lost: payments of which there is none.
        doubled: payments of which there are several.
    """

    work: str
    by_step: int
    by_handler: int
    lost: int
    doubled: int


def tallies(entries: Iterable[Entry], subjects: Iterable[str]) -> list[Tally]:
    """What the books say of some payments, by kind of work. Pure."""
    ours = list(subjects)
    known = set(ours)
    counted = Counter((entry.deed, entry.subject) for entry in entries if entry.subject in known)
    return [_tally(work, counted, ours) for work in SECONDS]


def _tally(work: str, counted: Counter[tuple[str, str]], subjects: list[str]) -> Tally:
    by = {who: [counted[f"{work} by {who}", subject] for subject in subjects] for who in (STEP, HANDLER)}
    both = [sum(pair) for pair in zip(by[STEP], by[HANDLER], strict=True)]
    return Tally(work, sum(by[STEP]), sum(by[HANDLER]), both.count(0), sum(count > 1 for count in both))
