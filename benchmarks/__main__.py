"""`python -m benchmarks`: runs rows, and prints their table."""

import argparse
import json
import os
from pathlib import Path

from benchmarks import runner
from benchmarks.contest import Results
from benchmarks.rows import ROWS
from benchmarks.table import table
from benchmarks.testbed import Testbed


def main() -> None:
    """Runs what the command line asks for."""
    asked = _arguments()
    wanted = set(asked.rows.replace(",", " ").split())
    unknown = wanted - {row.name for row in ROWS}
    if unknown:
        raise SystemExit(
            f"no row is called {', '.join(sorted(unknown))}; there are: {' '.join(row.name for row in ROWS)}"
        )
    done: list[Results] = []
    with Testbed(asked.before, asked.store) as ground:
        for row in ROWS:
            if not wanted or row.name in wanted:
                done.append(runner.run(row, ground, asked.rounds, asked.share, quick=asked.quick, only=asked.only))
                print(table(done[-1:]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps({one.row.name: one.rounds for one in done}, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", default=os.environ.get("ROWS", ""), help="names of rows; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant runs")
    parser.add_argument("--share", type=float, default=1.0, help="of each row's size; less is quicker and less exact")
    parser.add_argument("--quick", action="store_true", help="small sizes, and nothing that has to be installed")
    parser.add_argument("--only", help="the contestant that runs alone, such as `ours`; all by default")
    parser.add_argument("--before", type=Path, help="another checkout, whose runtime takes part as `before`")
    parser.add_argument("--store", type=Path, help="a filled database: rows that ask one take copies of it")
    parser.add_argument("--json", type=Path, help="where to write all figures of all rounds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
