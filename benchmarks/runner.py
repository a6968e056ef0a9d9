"""Runs rows: in each round every contestant once, so that what else the machine does hits all of them alike."""

import sys
from collections.abc import Iterable

from benchmarks import environments
from benchmarks.contest import Contestant, Results, Row
from benchmarks.environments import PeerMissingError
from benchmarks.processes import ProgramError
from benchmarks.testbed import Testbed


def run(
    row: Row, ground: Testbed, rounds: int, share: float = 1.0, *, quick: bool = False, only: str | None = None
) -> Results:
    """Runs one row.

    Args:
        row: which one.
        ground: what its contestants share.
        rounds: how often each contestant runs.
        share: of the row's size that is taken, at most 1.
        quick: whether to take the row's small size, and to leave out what needs an environment of its own.
        only: the name of the contestant that runs alone; None for all.
    """
    results = Results(row)
    asked = [one for one in row.contestants if only in (None, one.name)]
    taking_part = list(_present(asked, ground, results, quick=quick))
    size = row.quick_size if quick else max(row.quick_size, int(row.size * share))
    for number in range(rounds):
        for one in taking_part:
            if one.name in results.left_out:
                continue
            _say(f"{row.name}: {one.name}, round {number + 1} of {rounds}")
            try:
                results.rounds.setdefault(one.name, []).append(one.run(ground, size))
            except ProgramError as error:
                results.left_out[one.name] = str(error)
    return results


def _present(
    contestants: Iterable[Contestant], ground: Testbed, results: Results, *, quick: bool
) -> Iterable[Contestant]:
    for one in contestants:
        if one.name.startswith("before") and ground.before is None:
            continue
        if one.environment and quick:
            results.left_out[one.name] = "a quick run takes none that has to be installed"
            continue
        try:
            if one.environment:
                environments.provide(one.environment)
        except PeerMissingError as error:
            results.left_out[one.name] = str(error)
        else:
            yield one


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
