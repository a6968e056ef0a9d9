"""Collectors that are forked, and go on saying things in one file, so that many can die in a test."""

import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from collector.__main__ import main
from tests.forked import CONTEXT, no_main


def start(folder: Path, environment: Mapping[str, str]) -> ForkServerProcess:
    """Starts a collector.

    Args:
        folder: its home; what it says goes to `said` there.
        environment: its variables beside those of the machine.
    """
    process = CONTEXT.Process(target=_serve, args=(str(folder / "said"), dict(environment)), name="collector")
    with no_main():
        process.start()
    return process


def _serve(said: str, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    file = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.exit(main([]))
