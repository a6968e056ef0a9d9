"""`python -m tests.collector.fuzz`: nonsense for some minutes; led by what code it reaches, where atheris is there."""

import argparse
import importlib.util
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.collector.fuzz.chance import Chance


def main() -> int:
    """Tries until the time is over, or something fails; then the exit status is not 0, and what failed is shown."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--seed", type=int, default=None, help="of the choices; without atheris alone")
    chosen = arguments.parse_args()
    seed = random.randrange(2**32) if chosen.seed is None else chosen.seed
    if importlib.util.find_spec("atheris") is None:
        print("atheris has no package for this Python or this machine: nonsense is made by chance alone")
        return _by_chance(chosen.minutes * 60, seed)
    return _led(chosen.minutes * 60, seed)


def _by_chance(seconds: float, seed: int) -> int:
    from tests.collector.fuzz.running import targets

    deadline, number = time.monotonic() + seconds, seed
    with tempfile.TemporaryDirectory() as folder, targets(Path(folder)) as tried:
        while time.monotonic() < deadline:
            try:
                _try(tried.all, Chance(number))
            except BaseException:
                print(f"failed with --seed {number}")
                raise
            number += 1
    print(f"{number - seed} tries, none failed")
    return 0


def _led(seconds: float, seed: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["collector"]):
        from tests.collector.fuzz.running import targets

    with tempfile.TemporaryDirectory() as folder, targets(Path(folder)) as tried:
        options = [
            f"-max_total_time={seconds:.0f}",
            f"-seed={seed}",
            "-timeout=120",
            "-rss_limit_mb=0",
            "-max_len=1024",
            "-len_control=0",
            f"-artifact_prefix={tempfile.gettempdir()}/fuzz-",
        ]
        atheris.Setup([sys.argv[0], *options], lambda given: _try(tried.all, Chance(bytes(given))))
        atheris.Fuzz()
    return 0


def _try(targets: "dict[str, Callable[[Chance], None]]", chance: Chance) -> None:
    targets[chance.one(sorted(targets))](chance)


if __name__ == "__main__":
    sys.exit(main())
