"""A worker of the crash tests of the bridge. Run as `python -m tests.end_to_end.bridge_worker FOLDER KILLS`."""

import logging
import sys
from pathlib import Path
from typing import Final

from runtime import confirmation
from runtime.dead_letters import reports
from runtime.worker import tidy_loop
from runtime.worker.process import serve
from tests.diary import Diary
from tests.end_to_end.bridge_app import bridge_app
from tests.end_to_end.crash_points import arm, arm_bridge

#: What a dead worker did not carry is looked for so early.
_ORPHAN_MS: Final = 300
_TIDY_EVERY: Final = 0.2


def main(folder: Path) -> int:
    """Works until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    for module in (tidy_loop, confirmation, reports):
        module.ORPHAN_MS = _ORPHAN_MS
    tidy_loop.TIDY_EVERY = _TIDY_EVERY
    arm()
    arm_bridge()
    return serve(bridge_app(Diary(folder)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
