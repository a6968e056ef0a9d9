"""Compares the shapes: by their operational failures, or by how many agents there are."""

import argparse
import re
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final

from sample_agents.driving import drive
from sample_agents.shapes import tables
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.stage import Shape, Trial
from sample_agents.shapes.trials import AT_ONCE, AT_ONCE_TIMED, run_all

#: Orders of a trial, seeds by default, and agents on and beside the critical path where failures are counted.
ORDERS: Final = 40
SEEDS: Final = 20
_CRITICAL, _LISTENING = 4, 3

#: Numbers of agents that are tried, as far as they are asked for; two of them are on the critical path. And how many
#: orders and seeds.
COUNTS: Final = (2, 3, 4, 5, 7, 10, 20, 50)
_SHORT: Final = 2
_SWEEP_SEEDS: Final = 2
FEWEST, MOST = 2, 100

#: The words of `--coordination`.
_ASKED: Final = {"pure": [Shape.PURE], "reread": [Shape.REREAD], "hybrid": [Shape.HYBRID], "pair": [Shape.PAIR]}


def main(arguments: list[str]) -> int:
    """Compares; its exit status is 0 when every trial came to its end: figures are no promises.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_agents.logistics")
    parser.add_argument("--compare", action="store_true", help="failures of each shape under the same faults")
    parser.add_argument("--coordination", choices=sorted(_ASKED), help="failures of this shape alone")
    parser.add_argument("--agents", type=_span, metavar="FROM..TO", help="failures and latency by numbers of agents")
    parser.add_argument("--seed", type=int, default=7, help="the first one")
    parser.add_argument("--seeds", type=int, help=f"how many; by default {SEEDS}, by numbers of agents {_SWEEP_SEEDS}")
    parser.add_argument("--size", "--shipments", type=int, default=ORDERS, help="orders of a trial, at least 5")
    parser.add_argument("--at-once", type=int, help="trials at once")
    options = parser.parse_args(arguments)
    seeds = options.seeds or (_SWEEP_SEEDS if options.agents else SEEDS)
    if options.size < 5 or seeds < 1 or (options.at_once or 1) < 1:
        parser.error("--size must be at least 5, --seeds and --at-once at least 1")
    span = range(options.seed, options.seed + seeds)
    if options.agents:
        least, most = options.agents
        return drive(partial(sweep, least, most, span, options.size, options.at_once or AT_ONCE_TIMED))
    shapes = _ASKED[options.coordination] if options.coordination else list(Shape)
    return drive(partial(compare, shapes, span, options.size, options.at_once or AT_ONCE))


async def compare(shapes: list[Shape], seeds: range, orders: int, at_once: int) -> dict[str, Any]:
    """Counts failures of each shape under all faults, and without crashes.

    Args:
        shapes: which.
        seeds: of the faults.
        orders: of a trial.
        at_once: trials at once.
    """
    # Where nothing is killed there is nothing to read again, and no second worker is needed.
    calm = [shape for shape in shapes if shape in (Shape.PURE, Shape.HYBRID)]
    kinds = [*product([Trouble.ALL], shapes), *product([Trouble.OUTAGES], calm)]
    trials = [
        Trial(shape, seed, orders, _CRITICAL, _LISTENING, trouble) for seed, (trouble, shape) in product(seeds, kinds)
    ]
    found = dict(zip(trials, await run_all(trials, at_once), strict=True))
    by = {kind: [one for trial, one in found.items() if (trial.trouble, trial.shape) == kind] for kind in kinds}
    return _report(tables.failures(by), len(trials), orders, seeds)


async def sweep(least: int, most: int, seeds: range, orders: int, at_once: int) -> dict[str, Any]:
    """Counts failures under all faults, and measures latency without any but calls that get stuck, by how many agents
    there are.

    Args:
        least, most: agents.
        seeds: of the faults.
        orders: of a trial.
        at_once: trials at once.
    """
    counts = sorted({least, *(count for count in COUNTS if least < count < most), most})
    shapes = (Shape.PURE, Shape.HYBRID)
    trials = [
        Trial(shape, seed, orders, _SHORT, count - _SHORT, trouble)
        for count, trouble, seed, shape in product(counts, (Trouble.NONE, Trouble.ALL), seeds, shapes)
    ]
    found = dict(zip(trials, await run_all(trials, at_once), strict=True))
    return _report(tables.by_agents(counts, found), len(trials), orders, seeds)


def _report(made: list[dict[str, Any]], trials: int, orders: int, seeds: range) -> dict[str, Any]:
    load = Path("/proc/loadavg")
    summary = {
        "trials": trials,
        "orders of each": orders,
        "seeds": f"{seeds[0]} to {seeds[-1]}",
        "load of this machine": load.read_text().split()[0] if load.exists() else "unknown",
    }
    return {"summary": summary, "ok": True, "failures": [], "tables": made}


def _span(text: str) -> tuple[int, int]:
    """From and to, of a text such as `2..50`, or `5`."""
    found = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", text)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not FEWEST <= least <= most <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a range such as 2..50: from {FEWEST} to {MOST} can be")
    return least, most
